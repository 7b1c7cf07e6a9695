using System.Security.Cryptography;
using System.Text.Json;
using DigitalResistance.Prober.Protocols;
using Microsoft.AspNetCore.DataProtection;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>
/// Carries the secrets of a pasted link through the form that it filled, to the act that stores them: sealed for the account and the protocol, so that no
/// page shows them again and nothing is kept if the form never comes back.
/// </summary>
public sealed class LinkSecrets(IDataProtectionProvider protection)
{
    private const string Purpose = "DigitalResistance.Servers.LinkSecrets";

    /// <summary>The secrets among the settings, sealed; null when there are none.</summary>
    public string? Seal(Guid account, IProbe protocol, ProbeSettings settings)
    {
        var secrets = protocol.Settings.Where(s => s.IsSecret && settings[s.Name].Length > 0).ToDictionary(s => s.Name, s => settings[s.Name], StringComparer.Ordinal);
        return secrets.Count == 0 ? null : Protector(account, protocol).Protect(JsonSerializer.Serialize(secrets));
    }

    /// <summary>Puts them where the form has none. What was sealed for somebody else, or not here, opens nothing: the fields then say that they are empty.</summary>
    public void Fill(Guid account, IProbe protocol, ServerFields fields)
    {
        if (fields.Sealed is null) return;
        try
        {
            var secrets = JsonSerializer.Deserialize<Dictionary<string, string>>(Protector(account, protocol).Unprotect(fields.Sealed))!;
            foreach (var setting in protocol.Settings.Where(s => secrets.ContainsKey(s.Name) && string.IsNullOrEmpty(fields.Settings.GetValueOrDefault(s.Name))))
            {
                if (setting.When is not { } when || fields.Settings.GetValueOrDefault(when.Setting) == when.Value) fields.Settings[setting.Name] = secrets[setting.Name];
            }
        }
        catch (CryptographicException)
        {
            fields.Sealed = null;
        }
    }

    private IDataProtector Protector(Guid account, IProbe protocol) => protection.CreateProtector(Purpose, $"{account:N}", protocol.Id);
}
