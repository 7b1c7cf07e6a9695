using System.Net.Sockets;
using System.Text;

namespace DigitalResistance.Tests.Prober;

/// <summary>A small honest SOCKS5 server that dials loopback ports only.</summary>
internal static class Socks5Server
{
    public static async Task ServeAsync(Stream stream, (string User, string Password)? credentials, CancellationToken stop)
    {
        if (await ShakeHandsAsync(stream, credentials, stop) is not { } port) return;
        using var target = new TcpClient { NoDelay = true };
        try
        {
            await target.ConnectAsync("127.0.0.1", port, stop);
        }
        catch (SocketException)
        {
            await stream.WriteAsync(new byte[] { 5, 5, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
            return;
        }

        await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
        await Relay.RunAsync(stream, target.GetStream(), stop);
    }

    /// <summary>Greets, checks credentials, reads the request; returns the port that the visitor asks for.</summary>
    public static async Task<int?> ShakeHandsAsync(Stream stream, (string User, string Password)? credentials, CancellationToken stop)
    {
        var methods = await ScriptedServer.ReadAsync(stream, (await ScriptedServer.ReadAsync(stream, 2, stop))[1], stop);
        var method = (byte)(credentials is null ? 0 : 2);
        await stream.WriteAsync(new byte[] { 5, methods.Contains(method) ? method : (byte)0xff }, stop);
        if (!methods.Contains(method)) return null;
        if (credentials is { } expected && !await CheckAsync(stream, expected, stop)) return null;

        var request = await ScriptedServer.ReadAsync(stream, 4, stop);
        var address = await ScriptedServer.ReadAsync(stream, request[3] switch { 1 => 4, 4 => 16, _ => (await ScriptedServer.ReadAsync(stream, 1, stop))[0] }, stop);
        var port = await ScriptedServer.ReadAsync(stream, 2, stop);
        return address.Length > 0 ? (port[0] << 8) | port[1] : null;
    }

    private static async Task<bool> CheckAsync(Stream stream, (string User, string Password) expected, CancellationToken stop)
    {
        var user = Encoding.UTF8.GetString(await ScriptedServer.ReadAsync(stream, (await ScriptedServer.ReadAsync(stream, 2, stop))[1], stop));
        var password = Encoding.UTF8.GetString(await ScriptedServer.ReadAsync(stream, (await ScriptedServer.ReadAsync(stream, 1, stop))[0], stop));
        var good = (user, password) == expected;
        await stream.WriteAsync(new byte[] { 1, (byte)(good ? 0 : 1) }, stop);
        return good;
    }
}
