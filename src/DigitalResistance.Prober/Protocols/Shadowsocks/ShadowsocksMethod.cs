namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>A cipher by the name under which servers and links know it. The salt is as long as the key, in every one of them.</summary>
internal sealed record ShadowsocksMethod(string Name, string Label, int KeyLength, bool IsChaCha)
{
    /// <summary>How the names of the 2022 edition begin; another protocol in all but the form of its chunks.</summary>
    public const string Prefix2022 = "2022-";

    /// <summary>Those of 2017, whose keys are made of a password; older ones, without authentication, are not spoken here.</summary>
    public static IReadOnlyList<ShadowsocksMethod> Aead { get; } =
    [
        new("chacha20-ietf-poly1305", "ChaCha20-Poly1305", 32, IsChaCha: true),
        new("aes-256-gcm", "AES-256-GCM", 32, IsChaCha: false),
        new("aes-128-gcm", "AES-128-GCM", 16, IsChaCha: false),
    ];

    /// <summary>Those of 2022, whose keys are keys.</summary>
    public static IReadOnlyList<ShadowsocksMethod> Edition2022 { get; } =
    [
        new("2022-blake3-aes-128-gcm", "AES-128-GCM (2022)", 16, IsChaCha: false),
        new("2022-blake3-aes-256-gcm", "AES-256-GCM (2022)", 32, IsChaCha: false),
        new("2022-blake3-chacha20-poly1305", "ChaCha20-Poly1305 (2022)", 32, IsChaCha: true),
    ];

    /// <summary>The setting that chooses one of them.</summary>
    public static Setting Declare(IReadOnlyList<ShadowsocksMethod> methods) =>
        new("method", "Cipher", SettingKind.Choice) { Choices = [.. methods.Select(method => new SettingChoice(method.Name, method.Label))] };

    /// <summary>The one that the settings name.</summary>
    public static ShadowsocksMethod Of(ProbeSettings settings, IReadOnlyList<ShadowsocksMethod> methods) => methods.First(method => method.Name == settings["method"]);
}
