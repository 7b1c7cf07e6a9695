using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// A link such as people pass servers on with, taken apart but not yet understood: <c>scheme://user:password@host:port/path?query#name</c>.
/// Taken apart by hand, since the library's own parser "repairs" hosts into others than were written. Holds secrets, so it does not print itself.
/// </summary>
/// <param name="Scheme">In lower case. Links to t.me become <c>tg</c>.</param>
/// <param name="Kind">For <c>tg</c>: what the link is about, <c>proxy</c> or <c>socks</c>; else empty.</param>
/// <param name="User">Decoded; for some schemes, something else than a user stands here.</param>
/// <param name="Password">Decoded; null where no colon is.</param>
/// <param name="Host">As written, without brackets.</param>
/// <param name="Port">As written; empty where none is.</param>
/// <param name="Query">Decoded names and values.</param>
public sealed record SettingsLink(string Scheme, string Kind, string User, string? Password, string Host, string Port, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>What stands behind the scheme where that is no place but one block of something else, as in <c>vmess://</c> or <c>ss://</c> and base64; else empty.</summary>
    public string Body { get; private init; } = "";

    private const int Longest = 4096;
    private static readonly string[] TelegramHosts = ["t.me", "telegram.me", "telegram.dog"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Takes a pasted text apart; what stands before and after it, such as a line feed, does not matter.</summary>
    public static bool TryParse(string? pasted, [NotNullWhen(true)] out SettingsLink? link)
    {
        link = null;
        var text = pasted?.Trim() ?? "";
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        if (text.Length > Longest || colon < 1 || !text[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')) return false;
        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))) return false;

        var (rest, _) = Cut(text[(colon + 3)..], '#'); // what follows is a name for people
        if (text[..colon].ToLowerInvariant() is "vmess" or "ss" && !rest.Contains('@'))
        {
            link = new SettingsLink(text[..colon].ToLowerInvariant(), "", "", null, "", "", new Dictionary<string, string>(StringComparer.Ordinal)) { Body = rest };
            return rest.Length > 0;
        }

        var (place, queryText) = Cut(rest, '?');
        var (authority, path) = Cut(place, '/');
        return TryParseQuery(queryText ?? "", out var query)
            && TryParseAuthority(authority, out var user, out var password, out var host, out var port)
            && TryFinish(text[..colon].ToLowerInvariant(), host, port, path ?? "", user, password, query, out link);
    }

    /// <summary>The names in the query that are none of the given ones: what the link asks for and nobody here understands.</summary>
    public IReadOnlyList<string> Beyond(params string[] understood) => [.. Query.Keys.Except(understood, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>A value of the query, or nothing.</summary>
    public string Value(string name) => Query.GetValueOrDefault(name, "");

    /// <summary>Base64 of either alphabet, with its padding or without: links are made by many hands.</summary>
    internal static bool TryDecodeBase64(string text, out byte[] bytes)
    {
        var padded = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        padded += new string('=', (4 - (padded.Length % 4)) % 4);
        bytes = new byte[padded.Length];
        var isRead = Convert.TryFromBase64String(padded, bytes, out var count);
        bytes = bytes[..count];
        return isRead;
    }

    /// <summary>The scheme only.</summary>
    public override string ToString() => $"({Scheme} link)";

    private static bool TryFinish(
        string scheme, string host, string port, string path, string user, string? password, Dictionary<string, string> query, out SettingsLink? link)
    {
        link = null;
        if (scheme is "https" or "http" && TelegramHosts.Contains(host, StringComparer.OrdinalIgnoreCase) && port.Length == 0)
        {
            link = new SettingsLink("tg", path.TrimEnd('/').ToLowerInvariant(), "", null, "", "", query);
            return true;
        }

        if (scheme == "tg")
        {
            link = new SettingsLink("tg", host.ToLowerInvariant(), "", null, "", "", query);
            return true;
        }

        if (path.Length > 0 || host.Length == 0) return false; // a page somewhere, not a server
        link = new SettingsLink(scheme, "", user, password, host, port, query);
        return true;
    }

    private static bool TryParseAuthority(string authority, out string user, out string? password, out string host, out string port)
    {
        (user, password, host, port) = ("", null, "", "");
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (left, right) = Cut(authority[..at], ':');
            if (!TryDecode(left, out user) || (right is not null && !TryDecode(right, out password))) return false;
        }

        var server = authority[(at + 1)..];
        if (server.StartsWith('['))
        {
            var end = server.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < server.Length && server[end + 1] != ':')) return false;
            (host, port) = (server[1..end], end + 1 < server.Length ? server[(end + 2)..] : "");
            return host.Contains(':');
        }

        var (name, number) = Cut(server, ':');
        (host, port) = (name, number ?? "");
        return true;
    }

    private static bool TryParseQuery(string text, out Dictionary<string, string> query)
    {
        query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, '=');
            if (!TryDecode(name, out var key) || !TryDecode(value ?? "", out var decoded) || !query.TryAdd(key, decoded)) return false;
        }

        return true;
    }

    /// <summary>Percent-encoding (RFC 3986 §2.1), strictly: half an escape or half a character is a broken link, not a guess.</summary>
    private static bool TryDecode(string text, out string decoded)
    {
        decoded = text;
        if (!text.Contains('%')) return true;
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1));
                if (char.IsHighSurrogate(text[i])) i++;
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return false;
            bytes.Add(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        try
        {
            decoded = Strict.GetString([.. bytes]);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static (string Left, string? Right) Cut(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is var index and >= 0 ? (text[..index], text[(index + 1)..]) : (text, null);
}
