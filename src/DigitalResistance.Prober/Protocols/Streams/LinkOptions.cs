namespace DigitalResistance.Prober.Protocols.Streams;

/// <summary>
/// The options of a link, read one by one. What is left when everything that matters was read is named, so that nobody believes that it was
/// understood. What only says how a client should look or name things changes nothing for a server, and is left out.
/// </summary>
internal sealed class LinkOptions(IReadOnlyDictionary<string, string> options)
{
    private const int LongestShown = 20;

    private static readonly string[] ClientsOwn = ["fp", "alpn", "remarks", "ps", "v", "scy", "spx", "packetEncoding"];

    private readonly HashSet<string> _read = new(ClientsOwn, StringComparer.Ordinal);
    private readonly List<string> _refused = [];

    /// <summary>What the link asks for and is not supported, as <c>name</c> or <c>name=value</c>.</summary>
    public IReadOnlyList<string> Unsupported =>
        [.. _refused.Concat(options.Where(option => !_read.Contains(option.Key) && option.Value.Length > 0).Select(option => option.Key)).Order(StringComparer.Ordinal)];

    /// <summary>A value; empty where there is none.</summary>
    public string Value(string name)
    {
        _read.Add(name);
        return options.GetValueOrDefault(name, "");
    }

    /// <summary>A value that has to be one of these; any other is named as not supported, and the first stands in its place.</summary>
    public string Expect(string name, params string[] supported)
    {
        var value = Value(name);
        if (supported.Contains(value, StringComparer.Ordinal)) return value;
        _refused.Add(value.Length > LongestShown ? name : $"{name}={value}"); // what is longer than any name may be a key
        return supported[0];
    }

    /// <summary>The name for TLS, from the first of these options that has one; empty where it is the host anyway.</summary>
    public string ServerName(string host, params string[] names)
    {
        var given = names.Select(Value).ToArray().FirstOrDefault(value => value.Length > 0) ?? "";
        return string.Equals(given, host, StringComparison.OrdinalIgnoreCase) ? "" : given;
    }
}
