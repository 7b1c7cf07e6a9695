using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Staff;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Returns;

/// <summary>
/// Admins agree that whoever asks owns the account, after they have made sure of it elsewhere; any one of them, and whoever can sign in to the account, stops it. The caller has just
/// verified a second factor where it agrees.
/// </summary>
public sealed class ReturnDeciding(MoneyDb db, Policy policy, IOptions<ReturnOptions> options, TimeProvider time)
{
    /// <summary>Says yes. Needs as many admins as approve a round, and two at least, however few there are; and that the account holds no role that touches money.</summary>
    public async Task<ReturnResult> AgreeAsync(Guid admin, Guid request, CancellationToken cancellation = default)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        await db.TakeTurnAsync(cancellation);
        var (now, admins) = (time.GetUtcNow(), await db.HoldersAsync(Roles.Admin, cancellation));
        if (!admins.Contains(admin)) return new ReturnResult.NotAnAdmin();
        if (await OpenAsync(request, now, cancellation) is not { AgreedAt: null } asked) return new ReturnResult.Gone();
        if (await HoldsRoleAsync(db, asked.AccountId!.Value, cancellation)) return new ReturnResult.HoldsRole();
        await db.AddYesAsync(request, admin, now, cancellation);
        var yes = await db.YesAsync(request, admins, cancellation);
        yes.Add(admin);
        var needed = StaffQuorum.Full(policy);
        if (yes.Count >= needed) asked.AgreedAt = now;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return yes.Count >= needed ? new ReturnResult.Agreed(now + options.Value.Wait) : new ReturnResult.Waiting(yes.Count, needed);
    }

    /// <summary>An admin refuses it, also after others agreed. False where it is over.</summary>
    public Task<bool> RefuseAsync(Guid request, CancellationToken cancellation = default) => EndAsync(r => r.Id == request, ReturnEnding.Refused, cancellation);

    /// <summary>Whoever is signed in to the account stops everything that is asked about it. False where nothing is.</summary>
    public Task<bool> StopAsync(Guid account, CancellationToken cancellation = default) => EndAsync(r => r.AccountId == account, ReturnEnding.Stopped, cancellation);

    /// <summary>What is asked about an account, for whoever is signed in to it: the oldest that leads somewhere first.</summary>
    public async Task<IReadOnlyList<ReturnWarning>> WarningsAsync(Guid account, CancellationToken cancellation = default)
    {
        var now = time.GetUtcNow();
        return
        [
            .. (await db.Set<AccountReturn>().AsNoTracking().Where(r => r.AccountId == account && r.EndedAt == null).ToListAsync(cancellation)).Where(r => IsOpen(r, now))
                .OrderBy(r => r.AgreedAt ?? DateTimeOffset.MaxValue).ThenBy(r => r.AskedAt).Select(r => new ReturnWarning(r.Reference, r.AskedAt, r.AgreedAt + options.Value.Wait)),
        ];
    }

    /// <summary>What admins look at, the oldest first: nothing that leads to the account but what they compare with what whoever asks tells them.</summary>
    public async Task<IReadOnlyList<ReturnView>> AllAsync(Guid reader, CancellationToken cancellation = default)
    {
        var (now, admins, views) = (time.GetUtcNow(), await db.HoldersAsync(Roles.Admin, cancellation), new List<ReturnView>());
        foreach (var asked in await db.Set<AccountReturn>().AsNoTracking().Where(r => r.AccountId != null && r.EndedAt == null).OrderBy(r => r.Id).ToListAsync(cancellation))
        {
            if (!IsOpen(asked, now)) continue;
            var account = asked.AccountId!.Value;
            var since = await db.Users.Where(a => a.Id == account).Select(a => a.CreatedAt).SingleAsync(cancellation);
            var servers = await db.Set<Server>().CountAsync(s => s.OwnerId == account && s.State != ServerState.Retired, cancellation);
            var yes = await db.YesAsync(asked.Id, admins, cancellation);
            views.Add(new(
                asked.Id, asked.Reference, asked.AskedAt, since, servers, await HoldsRoleAsync(db, account, cancellation), yes.Count, StaffQuorum.Full(policy), yes.Contains(reader),
                asked.AgreedAt + options.Value.Wait));
        }

        return views;
    }

    /// <summary>Whether an account holds a role that touches money.</summary>
    internal static Task<bool> HoldsRoleAsync(MoneyDb db, Guid account, CancellationToken cancellation) =>
        (from held in db.Set<IdentityUserRole<Guid>>()
         join role in db.Set<IdentityRole<Guid>>() on held.RoleId equals role.Id
         where held.UserId == account && role.Name != Roles.Operator
         select held.RoleId).AnyAsync(cancellation);

    private async Task<AccountReturn?> OpenAsync(Guid request, DateTimeOffset now, CancellationToken cancellation) =>
        await db.Set<AccountReturn>().SingleOrDefaultAsync(r => r.Id == request && r.AccountId != null && r.EndedAt == null, cancellation) is { } asked && IsOpen(asked, now) ? asked : null;

    private bool IsOpen(AccountReturn asked, DateTimeOffset now) =>
        (asked.AgreedAt is { } agreed ? agreed + options.Value.Wait + options.Value.Wait : asked.AskedAt + AccountReturn.Lifetime) > now;

    private async Task<bool> EndAsync(System.Linq.Expressions.Expression<Func<AccountReturn, bool>> which, ReturnEnding ending, CancellationToken cancellation)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        await db.TakeTurnAsync(cancellation);
        DateTimeOffset? now = time.GetUtcNow();
        ReturnEnding? how = ending;
        var ended = await db.Set<AccountReturn>().Where(which).Where(r => r.AccountId != null && r.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.EndedAt, now).SetProperty(r => r.Ending, how), cancellation);
        await transaction.CommitAsync(cancellation);
        return ended > 0;
    }
}

/// <summary>What the account's own pages warn of.</summary>
/// <param name="Reference">The request.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="UsableFrom">From when on whoever asked sets a new password; null until admins agree.</param>
public sealed record ReturnWarning(string Reference, DateTimeOffset AskedAt, DateTimeOffset? UsableFrom);

/// <summary>A request as admins see it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Reference">What whoever asks tells them.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="Since">The day the account was made.</param>
/// <param name="Servers">How many servers it has.</param>
/// <param name="HoldsRole">Whether it holds a role that must end first.</param>
/// <param name="Have">Admins who said yes.</param>
/// <param name="Needed">How many must.</param>
/// <param name="IsConfirmed">Whether the reader said yes.</param>
/// <param name="UsableFrom">From when on it can be used; null until enough agreed.</param>
public sealed record ReturnView(
    Guid Id, string Reference, DateTimeOffset AskedAt, DateTimeOffset Since, int Servers, bool HoldsRole, int Have, int Needed, bool IsConfirmed, DateTimeOffset? UsableFrom);

/// <summary>How saying yes can end.</summary>
public abstract record ReturnResult
{
    private ReturnResult()
    {
    }

    /// <summary>So many said yes, and more are needed.</summary>
    public sealed record Waiting(int Have, int Needed) : ReturnResult;

    /// <summary>Enough said yes: it can be used from then on, unless somebody stops it.</summary>
    public sealed record Agreed(DateTimeOffset UsableFrom) : ReturnResult;

    /// <summary>It does not wait for a yes: it is agreed, over or too old.</summary>
    public sealed record Gone : ReturnResult;

    /// <summary>Whoever agrees is not an admin (any more).</summary>
    public sealed record NotAnAdmin : ReturnResult;

    /// <summary>The account is an admin's or a treasurer's: that role ends first, and does not come back this way.</summary>
    public sealed record HoldsRole : ReturnResult;
}
