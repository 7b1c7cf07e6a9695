using System.Net;
using System.Text;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>A web server with one small page, in a process of its own; for every line of its standard input it says how often it was asked.</summary>
internal static class OriginProcess
{
    public const string Page = "ORIGIN-OK";
    private static readonly byte[] Reply = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {Page.Length}\r\nConnection: close\r\n\r\n{Page}");
    private static long s_served;

    public static async Task<int> RunAsync()
    {
        await using var origin = new Listener(new IPEndPoint(IPAddress.Loopback, 0), new ListenerLimits(Connections: 10_000, Backlog: 4096), ServeAsync, TimeProvider.System);
        origin.Start();
        Console.WriteLine(origin.LocalEndPoint.Port);
        while (await Console.In.ReadLineAsync() is not null) Console.WriteLine(Interlocked.Read(ref s_served));
        return 0;
    }

    private static async ValueTask ServeAsync(SocketTransport connection, IPAddress from)
    {
        var request = new byte[1024];
        for (var length = 0; !request.AsSpan(0, length).EndsWith("\r\n\r\n"u8);)
        {
            if (length == request.Length || await connection.ReceiveAsync(request.AsMemory(length)) is not { Failure: null } received) return;
            length += received.Count;
        }

        Interlocked.Increment(ref s_served);
        await connection.SendAsync(Reply);
    }
}
