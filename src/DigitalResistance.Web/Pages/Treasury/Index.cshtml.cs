using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>What the treasury holds, and the rounds it has to pay.</summary>
[Authorize(Policies.Staff)]
public sealed class IndexModel(MoneyDb db, TreasuryWallet wallet, ChainHealth health, ChainReach reach, PaymentLock paymentLock, ITreasuryFacts facts) : PageModel
{
    public AdoptedTreasury? Treasury { get; private set; }

    public ChainState Chain => health.State;

    public bool IsChainAway { get; private set; }

    /// <summary>A restored database does not know yet all that the log says.</summary>
    public bool IsLocked { get; private set; }

    public int? Height { get; private set; }

    public Sats Balance { get; private set; }

    public Sats Free { get; private set; }

    public IReadOnlyList<TreasuryCoin> Coins { get; private set; } = [];

    public IReadOnlyList<string> Foreign { get; private set; } = [];

    public IReadOnlyList<Round> Rounds { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Treasury = await wallet.FindAsync(cancellation);
        IsLocked = await paymentLock.FindAsync(cancellation) is not null;
        if (Treasury is null) return;
        IsChainAway = !await reach.AnswersAsync(cancellation);
        Height = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation);
        var unspent = await db.Set<TreasuryCoin>().AsNoTracking().Where(c => c.IsBooked && c.Height != null && c.SpentHeight == null).OrderByDescending(c => c.Id).ToListAsync(cancellation);
        Balance = Sats.Sum(unspent.Select(c => c.Amount));
        Free = (await facts.ReadAsync(cancellation))?.Spendable ?? Sats.Zero;
        Coins = [.. unspent.Take(100)];
        Foreign = await db.ForeignSpends().Select(c => c.SpentBy!).Distinct().ToListAsync(cancellation);
        RoundState[] shown = [RoundState.Approved, RoundState.Building, RoundState.Signing, RoundState.Broadcast, RoundState.Confirmed, RoundState.Closed];
        Rounds = await db.Set<Round>().AsNoTracking().Where(r => shown.Contains(r.State)).OrderByDescending(r => r.Number).Take(50).ToListAsync(cancellation);
    }
}
