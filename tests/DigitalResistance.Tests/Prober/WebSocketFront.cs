using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Tests.Prober;

/// <summary>A web server that opens a WebSocket under one path and hands it on as a stream. The frames are the platform's own, not ours.</summary>
internal static class WebSocketFront
{
    public static Func<Stream, CancellationToken, Task> Serve(string path, Func<Stream, CancellationToken, Task> then, string? host = null) => async (stream, stop) =>
    {
        var lines = (await ScriptedServer.ReadHeadAsync(stream, stop)).Split("\r\n");
        var key = lines.FirstOrDefault(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal))?[19..] ?? "";
        if (lines[0] != $"GET {path} HTTP/1.1" || (host is not null && !lines.Contains($"Host: {host}")))
        {
            await HttpConnectServer.SayAsync(stream, "404 Not Found\r\nContent-Length: 0", stop);
            return;
        }

#pragma warning disable CA5350 // what RFC 6455 says
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await HttpConnectServer.SayAsync(stream, $"101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}", stop);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        await using var inside = WebSocketStream.Create(socket, WebSocketMessageType.Binary);
        try
        {
            await then(inside, stop);
        }
        catch (WebSocketException)
        {
            // The visitor left.
        }
    };
}
