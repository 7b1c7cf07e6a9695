using System.Net.Sockets;

namespace DigitalResistance.Tests.Prober;

/// <summary>Carries bytes between a visitor and a port on loopback until either side ends: the honest half of a proxy.</summary>
internal static class Relay
{
    public static async Task RunAsync(Stream visitor, int port, CancellationToken cancellation)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port, cancellation);
        await RunAsync(visitor, client.GetStream(), cancellation);
    }

    /// <summary>Connects to a port on loopback; null when nobody listens there.</summary>
    public static async Task<TcpClient?> DialAsync(int port, CancellationToken cancellation)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellation);
            return client;
        }
        catch (SocketException)
        {
            client.Dispose();
            return null;
        }
    }

    public static async Task RunAsync(Stream visitor, Stream target, CancellationToken cancellation)
    {
        var (up, down) = (visitor.CopyToAsync(target, cancellation), target.CopyToAsync(visitor, cancellation));
        await Task.WhenAny(up, down);
    }
}
