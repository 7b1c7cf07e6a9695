using System.Text;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober;

/// <summary>A small honest Trojan server, inside TLS that somebody else made: it leads to loopback ports only, and shows a web page to whoever has another password.</summary>
internal static class TrojanServer
{
    public const string WebSite = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<h1>Hi</h1>\n";

    public static async Task ServeAsync(Stream stream, string password, CancellationToken stop)
    {
        var start = await ScriptedServer.ReadAsync(stream, 58, stop);
        if (Encoding.ASCII.GetString(start) != TrojanProbe.Sha224(password) + "\r\n")
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(WebSite), stop);
            return;
        }

        var kind = (await ScriptedServer.ReadAsync(stream, 2, stop))[1];
        await ScriptedServer.ReadAsync(stream, kind switch { 1 => 4, 4 => 16, _ => (await ScriptedServer.ReadAsync(stream, 1, stop))[0] }, stop);
        var end = await ScriptedServer.ReadAsync(stream, 4, stop);
        using var target = await Relay.DialAsync((end[0] << 8) | end[1], stop);
        if (target is not null) await Relay.RunAsync(stream, target.GetStream(), stop);
    }
}
