using System.Net.Security;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols;

/// <summary>The settings that every protocol inside TLS shares: how its certificate is checked, and under which name.</summary>
internal static class TlsSettings
{
    private const int Sha256HexLength = 64;

    /// <summary>The declarations, to be appended to a protocol's own.</summary>
    public static IReadOnlyList<Setting> Declared { get; } =
    [
        new("certificate", "Certificate", SettingKind.Choice) { Choices = [new("public", "From a public authority"), new("pinned", "My own, known by its SHA-256")] },
        new("fingerprint", "SHA-256 of the certificate", SettingKind.Text) { When = new("certificate", "pinned"), MinBytes = Sha256HexLength, MaxBytes = Sha256HexLength + 31 },
        new("server_name", "Name in the certificate, where it is not the host", SettingKind.Text) { Required = false, MaxBytes = 253 },
    ];

    /// <summary>The same, for a protocol that has TLS only while another setting says so.</summary>
    public static IEnumerable<Setting> DeclaredWhen(string setting, string value) => Declared.Select(tls => tls with { When = tls.When ?? new SettingCondition(setting, value) });

    /// <summary>The checks that a length cannot make.</summary>
    public static SettingsParse Check(SettingsParse parsed)
    {
        if (parsed is not SettingsParse.Accepted { Settings: var settings }) return parsed;
        if (settings["fingerprint"].Length > 0 && Fingerprint(settings) is null) return new SettingsParse.Rejected("fingerprint", SettingProblem.Malformed);
        return settings["server_name"].Length > 0 && !HostName.TryParse(settings["server_name"], out _, out _)
            ? new SettingsParse.Rejected("server_name", SettingProblem.Malformed)
            : parsed;
    }

    /// <summary>Lays TLS over a wire that leads to the operator's server.</summary>
    public static ValueTask<Wire?> SecureAsync(ProbeSession session, Wire wire, params IReadOnlyList<SslApplicationProtocol> applications) => session.SecureAsync(wire, new TlsIdentity(
        HostName.TryParse(session.Settings["server_name"], out var name, out _) ? name : session.ServerName)
    {
        CertificateSha256 = Fingerprint(session.Settings),
        Applications = applications,
    });

    // As openssl prints it, with colons, or without.
    private static byte[]? Fingerprint(ProbeSettings settings)
    {
        var hex = settings["fingerprint"].Replace(":", "", StringComparison.Ordinal);
        return hex.Length == Sha256HexLength && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : null;
    }
}
