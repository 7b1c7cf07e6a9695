using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Tests.Prober;

/// <summary>For every protocol of the catalogue: an honest server of it, and settings that fit. What the contract suite starts from.</summary>
internal static class HonestServers
{
    /// <summary>Whom servers know that know users by a UUID.</summary>
    public static Guid User { get; } = new("b831381d-6324-4d53-ad4f-8cda48b30811");

    /// <summary>Where an MTProto proxy leads to.</summary>
    public static FakeTelegram Telegram { get; } = new();

    private static ProxySecret FakeTlsSecret { get; } = new(SecretKind.FakeTls, new byte[16], "www.example.net");

    /// <summary>A certificate that nobody trusts but who knows its hash.</summary>
    public static X509Certificate2 Certificate { get; } = new TestAuthority().Issue("proxy.example.net");

    public static string Fingerprint { get; } = Convert.ToHexStringLower(SHA256.HashData(Certificate.RawData));

    public static IReadOnlyDictionary<string, Honest> All { get; } = new Dictionary<string, Honest>
    {
        ["socks5"] = new(
            (stream, stop) => Socks5Server.ServeAsync(stream, ("u1", "secret"), stop),
            Proving.Settings(("auth", "password"), ("username", "u1"), ("password", "secret"))),
        ["http-connect"] = new(
            (stream, stop) => HttpConnectServer.ServeAsync(stream, ("u1", "secret"), stop),
            Proving.Settings(("auth", "basic"), ("username", "u1"), ("password", "secret"))),
        ["socks5-tls"] = new(
            TestAuthority.Serve(Certificate, (stream, stop) => Socks5Server.ServeAsync(stream, ("u1", "secret"), stop)),
            Proving.Settings(("auth", "password"), ("username", "u1"), ("password", "secret"), ("certificate", "pinned"), ("fingerprint", Fingerprint)), Step: 37),
        ["https-connect"] = new(
            TestAuthority.Serve(Certificate, (stream, stop) => HttpConnectServer.ServeAsync(stream, ("u1", "secret"), stop)),
            Proving.Settings(("auth", "basic"), ("username", "u1"), ("password", "secret"), ("certificate", "pinned"), ("fingerprint", Fingerprint)), Step: 37),
        ["trojan"] = new(
            TestAuthority.Serve(Certificate, (stream, stop) => TrojanServer.ServeAsync(stream, "secret", stop)),
            Proving.Settings(("password", "secret"), ("certificate", "pinned"), ("fingerprint", Fingerprint)), Step: 37, IsSilent: true),
        ["vless"] = new(
            (stream, stop) => VlessServer.ServeAsync(stream, User, stop),
            Proving.Settings(("id", $"{User}"), ("security", "none")), IsSilent: true),
        ["vmess"] = new(
            (stream, stop) => WebSocketFront.Serve("/", (inside, s) => VmessServer.ServeAsync(inside, User, s))(stream, stop),
            Proving.Settings(("id", $"{User}"), ("security", "none"), ("transport", "ws"))),
        ["shadowsocks"] = new(
            (stream, stop) => ShadowsocksServer.ServeAsync(stream, "aes-128-gcm", "secret", stop),
            Proving.Settings(("method", "aes-128-gcm"), ("password", "secret")), IsSilent: true),
        ["shadowsocks-2022"] = new(
            new Shadowsocks2022Server("2022-blake3-aes-128-gcm", new byte[16]).ServeAsync,
            Proving.Settings(("method", "2022-blake3-aes-128-gcm"), ("psk", Convert.ToBase64String(new byte[16]))), IsSilent: true),
        ["vless-reality"] = new(new RealityServer(User).ServeAsync, RealityServer.Settings(User), Step: 37, IsSilent: true),
        ["mtproto"] = new(
            new MtProtoServer(FakeTlsSecret, Telegram).ServeAsync,
            Proving.Settings(("secret", FakeTlsSecret.Write())), Step: 37),
    };

    public static TheoryData<string> Protocols => [.. All.Keys];
}

/// <summary>An honest server and the settings for it; the step says how densely its bytes are worth cutting, and a silent
/// protocol is one whose servers say nothing of their own, so that a closed target and a wrong key look alike.</summary>
internal sealed record Honest(Func<NetworkStream, CancellationToken, Task> ServeAsync, IReadOnlyDictionary<string, string> Settings, int Step = 1, bool IsSilent = false);
