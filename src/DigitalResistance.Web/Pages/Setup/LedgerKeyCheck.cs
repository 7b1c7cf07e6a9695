using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Web.Localization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether the log has its key, and a process signs with it.</summary>
internal sealed class LedgerKeyCheck(MoneyDb db, LedgerFolders folders, IOptions<LedgerOptions> options, TimeProvider time, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 20;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        if (await db.Set<LedgerHead>().AsNoTracking().SingleOrDefaultAsync(cancellation) is not { } head) return Finding(SetupState.Missing, texts["Ledger.None"]);
        if (KeyFault(head) is { } fault) return Finding(SetupState.Missing, fault);
        var watch = await db.Set<LedgerWatch>().AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (watch is { IsRefused: true }) return Finding(SetupState.Missing, texts["Ledger.Refused"]);
        if (watch is null || watch.PassedAt < time.GetUtcNow() - LedgerStanding.Patience) return Finding(SetupState.Missing, texts["Ledger.Idle"]);
        return options.Value.Origin is null && head.Origin.StartsWith("localhost/", StringComparison.Ordinal)
            ? Finding(SetupState.Advised, texts["Ledger.Local", head.Origin]) : Finding(SetupState.Ready, texts["Ledger.Ready", head.Origin]);
    }

    private string? KeyFault(LedgerHead head)
    {
        try
        {
            return LedgerKeys.Read(folders.Keys, LedgerKeys.Current, head.Origin) is not { } key ? texts["Ledger.KeyMissing"].Value
                : key.ToString() != head.VerifierKey ? texts["Ledger.KeyOther"].Value : null;
        }
        catch (LedgerRefusedException)
        {
            return texts["Ledger.KeyUnusable"];
        }
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Ledger.Title"], text);
}
