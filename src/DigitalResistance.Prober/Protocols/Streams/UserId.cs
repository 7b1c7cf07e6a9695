namespace DigitalResistance.Prober.Protocols.Streams;

/// <summary>The UUID by which servers of VLESS and VMess know a user, and which is the whole secret.</summary>
internal static class UserId
{
    /// <summary>The declaration, first of a protocol's own.</summary>
    public static Setting Declared { get; } = new("id", "Id (UUID)", SettingKind.Secret) { MinBytes = 32, MaxBytes = 36 };

    public static IReadOnlyList<string> Minted { get; } = ["id"];

    public static SettingsParse Check(SettingsParse parsed) =>
        parsed is SettingsParse.Accepted { Settings: var settings } && !TryParse(settings["id"], out _) ? new SettingsParse.Rejected("id", SettingProblem.Malformed) : parsed;

    /// <summary>The same settings with a random id: 122 bits.</summary>
    public static ProbeSettings Mint(ProbeSettings settings) => settings.With(new(new(StringComparer.Ordinal) { ["id"] = Guid.NewGuid().ToString("D") }));

    /// <summary>The 16 bytes in the order in which they are written (RFC 9562 §4).</summary>
    public static byte[] Of(ProbeSettings settings) => TryParse(settings["id"], out var id) ? id.ToByteArray(bigEndian: true) : throw new FormatException("The settings were not checked.");

    private static bool TryParse(string text, out Guid id) => Guid.TryParseExact(text, text.Length == 32 ? "N" : "D", out id);
}
