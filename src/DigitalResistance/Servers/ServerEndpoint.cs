using System.Text.Json;
using System.Text.Json.Serialization;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Servers;

/// <summary>Where a server is and how to speak to it. Holds secrets and an address, so it does not print itself.</summary>
/// <param name="Host">Host in its one accepted spelling.</param>
/// <param name="Port">Port.</param>
/// <param name="Settings">The protocol's settings by name.</param>
public sealed record ServerEndpoint(string Host, int Port, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Host and port as the dialer takes them.</summary>
    [JsonIgnore]
    public HostPort HostPort => new(HostName.Parse(Host), Port);

    /// <summary>Seals it with the server's key.</summary>
    public byte[] Seal(ServerKey key) => key.Seal(SealPurpose.Endpoint, JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    public static ServerEndpoint Open(ServerKey key, byte[] box) => JsonSerializer.Deserialize<ServerEndpoint>(key.Open(SealPurpose.Endpoint, box))!;

    /// <summary>Nothing that would tell one server from another.</summary>
    public override string ToString() => "(endpoint)";
}
