using System.Security.Cryptography;
using System.Text.Json;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Servers;

/// <summary>
/// What an owner must show to prove control, one secret for each way. Paths, labels and values hold no constant: a fixed one would let a
/// scanner find all our servers. Kept sealed, and does not print itself.
/// </summary>
/// <param name="HeartbeatSecret">Part of the token that calls home (base32).</param>
/// <param name="HttpPath">Path at which the token must be served.</param>
/// <param name="HttpToken">What must be served there.</param>
/// <param name="DnsLabel">Label below the server's name.</param>
/// <param name="DnsValue">What its TXT record must say.</param>
/// <param name="Minted">Settings that we chose, by name; empty where the protocol knows no credentials.</param>
public sealed record ControlChallenge(
    string HeartbeatSecret, string HttpPath, string HttpToken, string DnsLabel, string DnsValue, IReadOnlyDictionary<string, string> Minted)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>A fresh challenge for a server of a protocol.</summary>
    public static ControlChallenge Create(IProbe protocol, ProbeSettings settings) => new(
        Text(32), "/.well-known/" + Text(26), Text(32), Text(16), Text(32),
        protocol is IMintsCredentials mint ? mint.Mint(settings).Values : new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>The token that the server sends when it calls home; it names the server, and is told to its owner only.</summary>
    public string HeartbeatToken(Guid server) => $"{server:N}{HeartbeatSecret}";

    /// <summary>Finds the server that a token names; what remains is the secret, to be compared with the server's own.</summary>
    public static bool TryReadHeartbeat(string token, out Guid server, out string secret)
    {
        server = default;
        secret = token.Length == 64 ? token[32..] : "";
        return secret.Length > 0 && Guid.TryParseExact(token[..32], "N", out server);
    }

    /// <summary>Seals it with the server's key.</summary>
    public byte[] Seal(ServerKey key) => key.Seal(SealPurpose.Challenge, JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    public static ControlChallenge Open(ServerKey key, byte[] box) => JsonSerializer.Deserialize<ControlChallenge>(key.Open(SealPurpose.Challenge, box))!;

    /// <summary>Nothing of it.</summary>
    public override string ToString() => nameof(ControlChallenge);

    private static string Text(int length) => RandomNumberGenerator.GetString(Letters, length);
}
