using System.Globalization;
using System.Security.Cryptography;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Probing;

/// <summary>Telegram's data centres and their keys, read from a list (<see cref="ProbingOptions.Telegram"/>).</summary>
public sealed class TelegramCentres
{
    private const int Checked = 3;
    private const string End = "-----END ";

    private readonly List<TelegramKey> _keys = [];

    private TelegramCentres(string text)
    {
        var all = new List<ProbeTarget.Telegram>();
        var pem = new List<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            if (pem.Count == 0 && !line.StartsWith("-----BEGIN ", StringComparison.Ordinal))
            {
                all.Add(Parse(line));
                continue;
            }

            pem.Add(line);
            if (!line.StartsWith(End, StringComparison.Ordinal)) continue;
            _keys.Add(Key(string.Join('\n', pem)));
            pem.Clear();
        }

        if (pem.Count > 0) throw new FormatException("Probing:Telegram: a key has no end.");
        if (all.Count > 0 != _keys.Count > 0) throw new FormatException("Probing:Telegram: data centres need a key, and a key needs data centres.");
        All = all;
    }

    /// <summary>The data centres, in the order of the list.</summary>
    public IReadOnlyList<ProbeTarget.Telegram> All { get; }

    /// <summary>What the hash of the targets covers (docs/specs/schedule.md).</summary>
    internal IEnumerable<string> Lines =>
    [
        .. All.Select(centre => string.Create(CultureInfo.InvariantCulture, $"telegram {centre.DataCentre} {centre.Address.Authority}\n")),
        .. _keys.Select(key => string.Create(CultureInfo.InvariantCulture, $"telegram-key {key.Fingerprint:x16}\n")),
    ];

    /// <summary>Reads the list that a setting names; a mistake in it stops the start.</summary>
    public static TelegramCentres Of(string setting) => new(setting switch
    {
        "none" => "",
        "public" => Embedded(),
        var file => File.ReadAllText(file),
    });

    /// <summary>The data centre of a number that was drawn.</summary>
    internal ProbeTarget.Telegram Target(uint number) => All[(int)(number % (uint)All.Count)];

    /// <summary>Up to three of them, beginning anywhere.</summary>
    internal IReadOnlyList<ProbeTarget> ForCheck()
    {
        var first = All.Count == 0 ? 0 : RandomNumberGenerator.GetInt32(All.Count);
        return [.. Enumerable.Range(first, Math.Min(Checked, All.Count)).Select(number => Target((uint)number))];
    }

    private ProbeTarget.Telegram Parse(string line) =>
        line.Split(' ') is [var number, var address] && short.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var centre)
            && HostPort.TryParse(address, out var at)
            ? new(at, centre, _keys)
            : throw new FormatException($"Probing:Telegram: '{line}' is not a number and a host:port.");

    private static TelegramKey Key(string pem)
    {
        try
        {
            return TelegramKey.FromPem(pem);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new FormatException("Probing:Telegram: a key is not an RSA key of 2,048 bits in PEM.", e);
        }
    }

    private static string Embedded()
    {
        using var stream = typeof(TelegramCentres).Assembly.GetManifestResourceStream("telegram.txt")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
