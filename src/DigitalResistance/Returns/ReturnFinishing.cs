using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Scoring;
using DigitalResistance.Staff;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Returns;

/// <summary>
/// Whoever asked sets a new password and a new authenticator, once the waiting is over and as many admins as must still say yes. All sessions and codes of before end, an address that was
/// waiting is taken back, and the next one cools off whatever was there.
/// </summary>
public sealed class ReturnFinishing(
    MoneyDb db, ReturnAsking asking, PasswordChange passwords, SecondFactor secondFactor, RecoveryCodes codes, Policy policy, IOptions<ReturnOptions> options, TimeProvider time)
{
    /// <summary>Whose account a code opens now; null where it opens none.</summary>
    public async Task<Account?> OpensAsync(string? code, CancellationToken cancellation = default)
    {
        if (await asking.FindAsync(code, cancellation) is not { AccountId: { } account, AgreedAt: { } agreed, EndedAt: null } asked) return null;
        var (now, from) = (time.GetUtcNow(), agreed + options.Value.Wait);
        if (now < from || now >= from + options.Value.Wait) return null;
        // Who is no admin any more does not count, nor does a role that came meanwhile come back.
        var yes = await db.YesAsync(asked.Id, await db.HoldersAsync(Roles.Admin, cancellation), cancellation);
        if (yes.Count < StaffQuorum.Full(policy) || await ReturnDeciding.HoldsRoleAsync(db, account, cancellation)) return null;
        return await db.Users.SingleAsync(a => a.Id == account, cancellation);
    }

    /// <summary>Sets them.</summary>
    public async Task<Result> FinishAsync(string? code, string password, byte[] secret, string? oneTimeCode, CancellationToken cancellation = default)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        await db.TakeTurnAsync(cancellation);
        if (await OpensAsync(code, cancellation) is not { } account) return Result.NotOpen;
        if (await passwords.RefusalAsync(account, password) is { } refused) return new Result.PasswordRefused(refused);
        if (!await secondFactor.EnableAsync(account, secret, oneTimeCode, cancellation)) return Result.CodeRefused;
        await passwords.SetAsync(account, password, cancellation);
        var now = time.GetUtcNow();
        (account.ReturnedAt, account.LockoutEnd, account.AccessFailedCount) = (now, null, 0);
        foreach (var waiting in await db.Set<PayoutAddress>().Where(a => a.AccountId == account.Id && a.WithdrawnAt == null && a.EffectiveAt > now).ToListAsync(cancellation)) waiting.WithdrawnAt = now;
        foreach (var other in await db.Set<AccountReturn>().Where(r => r.AccountId == account.Id && r.EndedAt == null).ToListAsync(cancellation)) (other.EndedAt, other.Ending) = (now, ReturnEnding.Done);
        await db.SaveChangesAsync(cancellation);
        var recovery = await codes.IssueAsync(account.Id, cancellation);
        await transaction.CommitAsync(cancellation);
        return new Result.Done(account, recovery);
    }

    /// <summary>How it ends.</summary>
    public abstract record Result
    {
        /// <summary>The code opens nothing, or nothing yet, or no more.</summary>
        public static readonly Result NotOpen = new Ending(nameof(NotOpen));

        /// <summary>The authenticator's code is not right.</summary>
        public static readonly Result CodeRefused = new Ending(nameof(CodeRefused));

        private Result()
        {
        }

        /// <summary>The account, and its new recovery codes, which are shown once.</summary>
        public sealed record Done(Account Account, IReadOnlyList<string> RecoveryCodes) : Result;

        /// <summary>The password is too short or too common.</summary>
        public sealed record PasswordRefused(string Code) : Result;

        private sealed record Ending(string Name) : Result;
    }
}
