using System.Globalization;
using System.Net.Sockets;
using DigitalResistance.Servers;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>What a test saw, in words that travel to the next page in the visitor's sealed cookie and are gone then.</summary>
internal static class SightWords
{
    public const string Key = "sight";

    /// <summary>An HTTP date counts whole seconds, and an answer is under way for a while: within this clocks agree.</summary>
    private static readonly TimeSpan Agreement = TimeSpan.FromSeconds(2);

    public static string Write(TestSight sight, IStringLocalizer<ServersTexts> texts) => string.Join('\n', Lines(sight, texts).Select(line => $"{line.Name}\t{line.Value}"));

    public static IEnumerable<(string Name, string Value)> Read(string written) => written.Split('\n').Select(line => line.Split('\t')).Select(line => (line[0], line[1]));

    private static IEnumerable<(string Name, string Value)> Lines(TestSight sight, IStringLocalizer<ServersTexts> texts)
    {
        if (sight.Family != AddressFamily.Unspecified) yield return (texts["Sight.In"], Family(sight.Family));
        if (sight.Egress is not null || sight.Throughput is null) yield return (texts["Sight.Out"], sight.Egress is { } egress ? $"{egress} ({Family(egress.AddressFamily)})" : texts["Sight.Out.Unknown"]);
        foreach (var (name, time) in new[] { (texts["Sight.RoundTrip"], sight.RoundTrip), (texts["Sight.Handshake"], sight.Handshake), (texts["Sight.Through"], sight.Through) })
        {
            if (time is { } some) yield return (name, texts["Probe.Milliseconds", (int)Math.Ceiling(some.TotalMilliseconds)]);
        }

        if (sight.Throughput is { } bits) yield return (texts["Sight.Throughput"], texts["Sight.Throughput.Rate", (bits / 1_000_000m).ToString(bits < 10_000_000 ? "0.0" : "0", CultureInfo.CurrentCulture)]);
        if (sight.ClockAhead is { } ahead) yield return (texts["Sight.Clock"], Clock(ahead, texts));
    }

    private static string Family(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    private static string Clock(TimeSpan ahead, IStringLocalizer<ServersTexts> texts)
    {
        var by = ahead.Duration();
        if (by <= Agreement) return texts["Sight.Clock.Agrees"];
        var written = by.ToString(by.Days > 0 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);
        return texts[ahead > TimeSpan.Zero ? "Sight.Clock.Ahead" : "Sight.Clock.Behind", written];
    }
}
