using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>
/// simple-obfs as HTTP: the first bytes each way stand behind the head of a WebSocket's upgrade, and nothing more is changed. It hides from who looks
/// at the first packet only, and it checks nothing: an answer in this form shows no password.
/// </summary>
internal sealed class ObfsHttpTransport(ProbeSession session, Wire server, string host) : ITransport
{
    private bool _asked;
    private bool _answered;

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_asked) return await server.SendAsync(bytes);
        _asked = true;
        return await server.SendAsync((byte[])[.. Request(host, bytes.Length), .. bytes.Span]);
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        if (!_answered)
        {
            if (await server.ReceiveAsync<HttpConnectProbe.ResponseHead>() is not { } head) return Received.Nothing(server.Failure!.Value);
            if (head.Date is { } clock) session.Saw(clock);
            if (head.Status != 101)
            {
                session.Fail(Failure.WebSocketRefused, head.Status); // some other web server
                return Received.Nothing(Failure.WebSocketRefused);
            }

            _answered = true;
        }

        return await server.ReceiveAsync(buffer);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => server.DisposeAsync();

    /// <summary>As obfs-local writes it: the port is left out where it is that of HTTP, and who sets no name gets this one.</summary>
    public static string HostHeader(ProbeSession session)
    {
        var name = session.Settings["obfs_host"] is { Length: > 0 } given ? given : "cloudfront.net";
        return session.Server.Port == 80 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{session.Server.Port}");
    }

    /// <summary>The head as obfs-local writes it, byte for byte, the invented version of curl included; the length is that of what follows at once.</summary>
    internal static byte[] Request(string host, int length) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: curl/7.{RandomNumberGenerator.GetInt32(51)}.{RandomNumberGenerator.GetInt32(2)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + $"Sec-WebSocket-Key: {Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))}\r\nContent-Length: {length}\r\n\r\n"));
}
