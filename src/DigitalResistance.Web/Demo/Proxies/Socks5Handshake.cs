using System.Net;
using System.Text;

namespace DigitalResistance.Web.Demo.Proxies;

/// <summary>A SOCKS5 server's handshake: <see href="https://www.rfc-editor.org/rfc/rfc1928">RFC 1928</see>, passwords as in RFC 1929.</summary>
internal sealed class Socks5Handshake : IProxyHandshake
{
    private const byte NoAuthentication = 0x00, UserPassword = 0x02, NoneAcceptable = 0xFF;

    public string Protocol => "socks5";

    public async Task<ProxyRequest?> ReadAsync(Stream client, ProxyUsers users, CancellationToken cancellation)
    {
        var greeting = await ReadAsync(client, 2, cancellation);
        if (greeting[0] != 5) return null;
        var offered = await ReadAsync(client, greeting[1], cancellation);
        var method = users.IsOpen ? NoAuthentication : UserPassword;
        if (!offered.Contains(method)) method = NoneAcceptable;
        await client.WriteAsync(new byte[] { 5, method }, cancellation);
        if (method == NoneAcceptable || (method == UserPassword && !await AuthenticateAsync(client, users, cancellation))) return null;

        var request = await ReadAsync(client, 4, cancellation);
        var host = request[3] switch
        {
            1 => new IPAddress(await ReadAsync(client, 4, cancellation)).ToString(),
            3 => Encoding.ASCII.GetString(await ReadTextAsync(client, cancellation)),
            4 => new IPAddress(await ReadAsync(client, 16, cancellation)).ToString(),
            _ => null,
        };
        if (host is null) return null;
        var port = await ReadAsync(client, 2, cancellation);
        if (request[1] == 1) return new ProxyRequest(host, (port[0] << 8) | port[1]);
        await ReplyAsync(client, 7, cancellation); // "command not supported": only CONNECT is
        return null;
    }

    public Task AnswerAsync(Stream client, bool reached, CancellationToken cancellation) => ReplyAsync(client, reached ? (byte)0 : (byte)5, cancellation);

    /// <summary><see href="https://www.rfc-editor.org/rfc/rfc1929#section-2">RFC 1929, section 2</see>.</summary>
    private static async Task<bool> AuthenticateAsync(Stream client, ProxyUsers users, CancellationToken cancellation)
    {
        if ((await ReadAsync(client, 1, cancellation))[0] != 1) return false;
        var user = Encoding.UTF8.GetString(await ReadTextAsync(client, cancellation));
        var password = Encoding.UTF8.GetString(await ReadTextAsync(client, cancellation));
        var known = users.Knows(user, password);
        await client.WriteAsync(new byte[] { 1, known ? (byte)0 : (byte)1 }, cancellation);
        return known;
    }

    private static Task ReplyAsync(Stream client, byte status, CancellationToken cancellation) =>
        client.WriteAsync(new byte[] { 5, status, 0, 1, 0, 0, 0, 0, 0, 0 }, cancellation).AsTask();

    private static async Task<byte[]> ReadTextAsync(Stream client, CancellationToken cancellation) =>
        await ReadAsync(client, (await ReadAsync(client, 1, cancellation))[0], cancellation);

    private static async Task<byte[]> ReadAsync(Stream client, int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        await client.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }
}
