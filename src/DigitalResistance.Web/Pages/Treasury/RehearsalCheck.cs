using DigitalResistance.Payouts;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>Nobody should give to keys that were never seen to sign.</summary>
internal sealed class RehearsalCheck(RehearsalQuery query, IStringLocalizer<RehearsalTexts> texts) : ISetupCheck
{
    public int Order => 45;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        if (await query.FindAsync(cancellation) is not { } view) return new SetupFinding(SetupState.Missing, texts["Title"], texts["Check.None"]);
        if (!view.IsDone) return new SetupFinding(SetupState.Missing, texts["Title"], texts["Check"]);
        var spare = view.Keys.Where(k => !k.HasSigned).Select(k => k.Fingerprint).ToList();
        return new SetupFinding(SetupState.Ready, texts["Title"], spare.Count == 0 ? texts["Check.Ready"] : texts["Check.Spare", string.Join(", ", spare)]);
    }
}
