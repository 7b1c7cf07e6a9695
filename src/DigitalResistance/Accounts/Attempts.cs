using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Accounts;

/// <summary>
/// Counts guesses. An attempt is counted before it is judged, in one guarded update, so that a thousand guesses at once are still ten;
/// after ten the account pauses for a quarter of an hour. Over all accounts wrong guesses have a budget.
/// </summary>
public sealed class Attempts(MoneyDb db, Budgets budgets, IOptions<AccountsOptions> options, TimeProvider time)
{
    /// <summary>Guesses before an account pauses.</summary>
    public const int Most = 10;

    /// <summary>How long it pauses.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(15);

    private Budget Failures => new("accounts.failures", options.Value.FailuresPerHour, options.Value.FailuresPerHour);

    /// <summary>How long everybody has to wait, if too many guessed wrong lately.</summary>
    public Task<TimeSpan?> WaitAsync(CancellationToken cancellation) => budgets.PeekAsync(Failures, cancellation);

    /// <summary>Counts an attempt at an account; false while it pauses (and for no account at all, at the same cost).</summary>
    public async Task<bool> BeginAsync(Guid accountId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        DateTimeOffset? until = now + Pause;
        if (await db.Users.Where(a => a.Id == accountId && (a.LockoutEnd == null || a.LockoutEnd <= now))
            .ExecuteUpdateAsync(set => set
                .SetProperty(a => a.LockoutEnd, a => a.AccessFailedCount + 1 >= Most ? until : a.LockoutEnd)
                .SetProperty(a => a.AccessFailedCount, a => a.AccessFailedCount + 1 >= Most ? 0 : a.AccessFailedCount + 1), cancellation) == 1)
            return true;

        // A row is written all the same: what a disk takes to keep it would tell who has an account, and who pauses.
        await budgets.PretendAsync(Failures, cancellation);
        return false;
    }

    /// <summary>The attempt was right: nothing is held against the account.</summary>
    public Task SucceededAsync(Guid accountId, CancellationToken cancellation) => db.Users.Where(a => a.Id == accountId)
        .ExecuteUpdateAsync(set => set.SetProperty(a => a.LockoutEnd, (DateTimeOffset?)null).SetProperty(a => a.AccessFailedCount, 0), cancellation);

    /// <summary>The attempt was wrong.</summary>
    public Task FailedAsync(CancellationToken cancellation) => budgets.TakeAsync(Failures, cancellation);
}
