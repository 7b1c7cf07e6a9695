using System.Globalization;
using System.Text;

namespace DigitalResistance.Web.Demo.Proxies;

/// <summary>An HTTP proxy's CONNECT: <see href="https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6">RFC 9110, section 9.3.6</see>, Basic as in RFC 7617.</summary>
internal sealed class ConnectHandshake : IProxyHandshake
{
    private const int LongestHead = 8 * 1024;

    public string Protocol => "http-connect";

    public async Task<ProxyRequest?> ReadAsync(Stream client, ProxyUsers users, CancellationToken cancellation)
    {
        var lines = (await ReadHeadAsync(client, cancellation)).Split("\r\n");
        var request = lines[0].Split(' ');
        if (request is not ["CONNECT", var authority, "HTTP/1.1" or "HTTP/1.0"])
        {
            await WriteAsync(client, "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Length: 0\r\n\r\n", cancellation);
            return null;
        }

        if (!users.IsOpen && !IsKnown(lines, users))
        {
            await WriteAsync(client, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"demo\"\r\nContent-Length: 0\r\n\r\n", cancellation);
            return null;
        }

        var colon = authority.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new ProxyRequest(authority[..colon].Trim('[', ']'), port)
            : null;
    }

    public Task AnswerAsync(Stream client, bool reached, CancellationToken cancellation) => WriteAsync(client,
        reached ? "HTTP/1.1 200 Connection established\r\n\r\n" : "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", cancellation);

    private static bool IsKnown(string[] lines, ProxyUsers users)
    {
        const string header = "Proxy-Authorization: Basic ";
        var value = lines.FirstOrDefault(line => line.StartsWith(header, StringComparison.OrdinalIgnoreCase));
        if (value is null) return false;
        var buffer = new byte[value.Length];
        if (!Convert.TryFromBase64String(value[header.Length..].Trim(), buffer, out var length)) return false;
        var pair = Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2);
        return pair.Length == 2 && users.Knows(pair[0], pair[1]);
    }

    /// <summary>Reads to the empty line and not a byte further: what follows belongs to the tunnel.</summary>
    private static async Task<string> ReadHeadAsync(Stream client, CancellationToken cancellation)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < LongestHead)
        {
            await client.ReadExactlyAsync(one, cancellation);
            head.Add(one[0]);
            if (head is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n']) break;
        }

        return Encoding.ASCII.GetString([.. head]);
    }

    private static Task WriteAsync(Stream client, string text, CancellationToken cancellation) =>
        client.WriteAsync(Encoding.ASCII.GetBytes(text), cancellation).AsTask();
}
