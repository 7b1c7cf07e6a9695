using System.Net.Sockets;

namespace DigitalResistance.Tests.Prober;

/// <summary>For every protocol of the catalogue: an honest server of it, and settings that fit. What the contract suite starts from.</summary>
internal static class HonestServers
{
    public static IReadOnlyDictionary<string, Honest> All { get; } = new Dictionary<string, Honest>
    {
        ["socks5"] = new(
            (stream, stop) => Socks5Server.ServeAsync(stream, ("u1", "secret"), stop),
            Proving.Settings(("auth", "password"), ("username", "u1"), ("password", "secret"))),
        ["http-connect"] = new(
            (stream, stop) => HttpConnectServer.ServeAsync(stream, ("u1", "secret"), stop),
            Proving.Settings(("auth", "basic"), ("username", "u1"), ("password", "secret"))),
    };

    public static TheoryData<string> Protocols => [.. All.Keys];
}

/// <summary>An honest server and the settings for it.</summary>
internal sealed record Honest(Func<NetworkStream, CancellationToken, Task> ServeAsync, IReadOnlyDictionary<string, string> Settings);
