using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DigitalResistance.Servers;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Servers;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Tests.Servers;

public sealed class SightWordsTests
{
    [Theory]
    [InlineData(-2, "agrees with ours")]
    [InlineData(2, "agrees with ours")]
    [InlineData(3, "ahead of ours by 00:00:03")]
    [InlineData(-3600, "behind ours by 01:00:00")]
    [InlineData(-90061, "behind ours by 1.01:01:01")]
    public void A_clock_is_told_as_an_operator_would_set_it(int seconds, string told) =>
        Assert.Contains(("Clock of who answered", told), Words(new(AddressFamily.InterNetwork, null, null, null, null, null, TimeSpan.FromSeconds(seconds))));

    [Fact]
    public void Only_what_was_seen_is_told()
    {
        Assert.Equal([("Traffic left from", "not told: this test went to a stranger’s host")], Words(new(AddressFamily.Unspecified, null, null, null, null, null, null)));
        Assert.Equal(
            [("The server was reached over", "IPv4"), ("Traffic left from", "2001:db8::7 (IPv6)"), ("To the server and back", "1 ms"), ("Handshake and request", "21 ms"), ("Question and answer through the server", "300 ms")],
            Words(new(AddressFamily.InterNetwork, IPAddress.Parse("2001:db8::7"), TimeSpan.FromMicroseconds(300), TimeSpan.FromMilliseconds(20.5), TimeSpan.FromMilliseconds(300), null, null)));
        Assert.Equal([("The server was reached over", "IPv4"), ("Throughput", "8.1 Mbit/s")], Words(new(AddressFamily.InterNetwork, null, null, null, null, 8_123_456, null)));
        Assert.Contains(("Throughput", "93 Mbit/s"), Words(new(AddressFamily.InterNetwork, null, null, null, null, 93_400_000, null)));
    }

    private static List<(string, string)> Words(TestSight sight)
    {
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        try
        {
            using var factory = NullLoggerFactory.Instance;
            var texts = new StringLocalizer<ServersTexts>(new ResourceManagerStringLocalizerFactory(Options.Create(new LocalizationOptions()), factory));
            return [.. SightWords.Read(SightWords.Write(sight, texts))];
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
