using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>Without a treasury nobody can donate and nothing can be paid; with coins spent elsewhere, or after a restore, nothing is paid until somebody acts.</summary>
internal sealed class TreasuryCheck(
    MoneyDb db, TreasuryWallet wallet, ChainHealth chain, PaymentLock paymentLock, IStringLocalizer<TreasuryTexts> texts, IStringLocalizer<RecoveryTexts> recovery) : ISetupCheck
{
    public int Order => 40;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation) =>
        chain.State.Mismatch is { } mismatch ? new SetupFinding(SetupState.Missing, texts["Title"], $"{texts["Mismatch"]}: {mismatch}")
        : await wallet.FindAsync(cancellation) is null ? new SetupFinding(SetupState.Missing, texts["Title"], texts["Check.Missing"])
        : await paymentLock.FindAsync(cancellation) is not null ? new SetupFinding(SetupState.Missing, texts["Title"], recovery["Check"])
        : await db.ForeignSpends().AnyAsync(cancellation) ? new SetupFinding(SetupState.Missing, texts["Title"], texts["Check.Foreign"])
        : new SetupFinding(SetupState.Ready, texts["Title"], texts["Check.Ready"]);
}
