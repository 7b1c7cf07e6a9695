using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Returns;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Servers;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.My;

/// <summary>An operator's home: what is to be done next, and how things are.</summary>
public sealed class IndexModel(MoneyDb db, RecoveryCodes codes, RoundDates dates, ReturnDeciding returns, TimeProvider time) : PageModel
{
    /// <summary>The rounds that are under way.</summary>
    public IReadOnlyList<RoundDate> Rounds { get; private set; } = [];

    /// <summary>The round that will pay to an address whose owner has not said since it was opened that it is still theirs.</summary>
    public int? ConfirmFor { get; private set; }

    /// <summary>What others ask about this account.</summary>
    public IReadOnlyList<ReturnWarning> Returns { get; private set; } = [];

    public int CodesLeft { get; private set; }

    public bool HasAuthenticator { get; private set; }

    public int Servers { get; private set; }

    public int Proven { get; private set; }

    public bool HasAddress { get; private set; }

    /// <summary>Rounds under way in which the reader is held or excluded. Read from how it is, so that no notice can say what is no longer so.</summary>
    public IReadOnlyList<DecidedRound> Decided { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var me = User.AccountId();
        Returns = await returns.WarningsAsync(me, cancellation);
        CodesLeft = await codes.LeftAsync(me, cancellation);
        HasAuthenticator = await db.Users.Where(a => a.Id == me).Select(a => a.TwoFactorEnabled).SingleAsync(cancellation);
        var live = db.Set<Server>().Where(s => s.OwnerId == me && s.State != ServerState.Retired && s.MovesFrom == null);
        Servers = await live.CountAsync(cancellation);
        Proven = await live.CountAsync(s => s.State == ServerState.Proven, cancellation);
        var addresses = await db.Set<PayoutAddress>().AsNoTracking().Where(a => a.AccountId == me).ToListAsync(cancellation);
        HasAddress = addresses.Count > 0;
        Rounds = await dates.UnderWayAsync(cancellation);
        Decided = await (from grant in db.Set<DigitalResistance.Rounds.Grant>().AsNoTracking()
                         join round in db.Set<Round>() on grant.RoundNumber equals round.Number
                         where grant.AccountId == me && round.EndedAt == null && (grant.Eligibility == Eligibility.Held || grant.Eligibility == Eligibility.Excluded)
                         orderby round.Number descending
                         select new DecidedRound(round.Number, grant.Eligibility, grant.Reason)).ToListAsync(cancellation);
        if (PayoutAddress.EffectiveAmong(addresses, time.GetUtcNow()) is not { } address || Proven == 0) return;
        ConfirmFor = Rounds.FirstOrDefault(r => r.FrozenAt is null && r.OpenedAt > address.ConfirmedAt)?.Number;
    }

    public sealed record DecidedRound(int Round, Eligibility Eligibility, DecisionReason? Reason);
}
