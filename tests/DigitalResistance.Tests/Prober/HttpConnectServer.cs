using System.Net.Sockets;
using System.Text;

namespace DigitalResistance.Tests.Prober;

/// <summary>A small honest HTTP proxy that knows CONNECT to loopback ports only.</summary>
internal static class HttpConnectServer
{
    public static async Task ServeAsync(Stream stream, (string User, string Password)? credentials, CancellationToken stop)
    {
        var head = await ScriptedServer.ReadHeadAsync(stream, stop);
        if (!head.StartsWith("CONNECT ", StringComparison.Ordinal) || !head.EndsWith("\r\n\r\n", StringComparison.Ordinal)) return; // the visitor left
        var wanted = credentials is { } c ? $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{c.User}:{c.Password}"))}\r\n" : "";
        if (!head.Contains(wanted, StringComparison.Ordinal))
        {
            await SayAsync(stream, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"", stop);
            return;
        }

        var authority = head.Split(' ')[1];
        using var target = new TcpClient { NoDelay = true };
        try
        {
            await target.ConnectAsync("127.0.0.1", int.Parse(authority[(authority.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture), stop);
        }
        catch (SocketException)
        {
            await SayAsync(stream, "502 Bad Gateway", stop);
            return;
        }

        await SayAsync(stream, "200 Connection established", stop);
        await Relay.RunAsync(stream, target.GetStream(), stop);
    }

    public static async Task SayAsync(Stream stream, string statusAndHeaders, CancellationToken stop) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {statusAndHeaders}\r\n\r\n"), stop);
}
