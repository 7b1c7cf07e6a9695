using System.Net.Sockets;

namespace DigitalResistance.Tests.Prober;

/// <summary>Stands between the prober and an honest server, and spoils what the server says.</summary>
internal static class Tampering
{
    /// <summary>Lets the first bytes of the server through, one by one or together, and then does something else.</summary>
    public static Func<NetworkStream, CancellationToken, Task> After(ScriptedServer honest, int bytes, Func<NetworkStream, CancellationToken, Task> then, bool singly = false) => async (visitor, stop) =>
    {
        using var server = new TcpClient { NoDelay = true };
        await server.ConnectAsync("127.0.0.1", honest.Port, stop);
        using var up = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var uploading = visitor.CopyToAsync(server.GetStream(), up.Token);
        var buffer = new byte[4096];
        while (bytes > 0 && await server.GetStream().ReadAsync(buffer.AsMemory(0, Math.Min(bytes, singly ? 1 : buffer.Length)), stop) is var count and > 0)
        {
            await visitor.WriteAsync(buffer.AsMemory(0, count), stop);
            if (singly) await Task.Delay(TimeSpan.FromTicks(1), stop);
            bytes -= count;
        }

        await then(visitor, stop);
        await up.CancelAsync();
        await uploading.ContinueWith(_ => { }, TaskScheduler.Default);
    };

    /// <summary>Passes everything, each byte through a function of its position.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Changing(ScriptedServer honest, Func<int, byte, byte> change) => async (visitor, stop) =>
    {
        using var server = new TcpClient { NoDelay = true };
        await server.ConnectAsync("127.0.0.1", honest.Port, stop);
        using var up = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var uploading = visitor.CopyToAsync(server.GetStream(), up.Token);
        var buffer = new byte[4096];
        for (var position = 0; await server.GetStream().ReadAsync(buffer, stop) is var count and > 0; position += count)
        {
            for (var i = 0; i < count; i++) buffer[i] = change(position + i, buffer[i]);
            await visitor.WriteAsync(buffer.AsMemory(0, count), stop);
        }

        await up.CancelAsync();
        await uploading.ContinueWith(_ => { }, TaskScheduler.Default);
    };

    public static Task Close(NetworkStream visitor, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Ends with a reset instead of an orderly close.</summary>
    public static Task Reset(NetworkStream visitor, CancellationToken stop)
    {
        visitor.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        return Task.CompletedTask;
    }

    /// <summary>Sends zeros for as long as anybody listens.</summary>
    public static async Task Flood(NetworkStream visitor, CancellationToken stop)
    {
        var zeros = new byte[16 * 1024];
        while (true) await visitor.WriteAsync(zeros, stop);
    }

    /// <summary>A byte every now and then, for ever.</summary>
    public static async Task Drip(NetworkStream visitor, CancellationToken stop)
    {
        for (var i = 0; ; i++)
        {
            await visitor.WriteAsync(new byte[] { (byte)"HTTP/1.1 200 OK\r\nX: "[Math.Min(i, 19)] }, stop);
            await Task.Delay(20, stop);
        }
    }

    /// <summary>The same random bytes every time.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Garbage(int seed, int length) => async (visitor, stop) =>
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        await visitor.WriteAsync(bytes, stop);
    };
}
