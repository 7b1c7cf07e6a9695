using System.Net;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>A canary in a process of its own, so that its work is not counted as the prober's. Ends with its standard input.</summary>
internal static class CanaryProcess
{
    public static async Task<int> RunAsync(byte[] master)
    {
        var keys = new CanaryKeyRing(master, ["local"], TimeProvider.System);
        await using var canary = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), keys, TimeProvider.System, new ListenerLimits(Connections: 10_000, Backlog: 4096));
        canary.Start();
        Console.WriteLine(canary.LocalEndPoint.Port);
        await Console.In.ReadLineAsync();
        return 0;
    }
}
