using DigitalResistance.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>
/// The act of signing in. Whether the account does not exist, pauses, or has another password: the ending, the work and so the time are
/// the same.
/// </summary>
public sealed class SignIn(MoneyDb db, UserManager<Account> accounts, Attempts attempts, SecondFactor secondFactor, RecoveryCodes codes, PasswordDoor door)
{
    /// <summary>Checks account id and password.</summary>
    public async Task<Result> WithPasswordAsync(string? accountId, string? password, CancellationToken cancellation)
    {
        if (await attempts.WaitAsync(cancellation) is { } wait) return new Result.TooManyNow(wait);
        var name = AccountId.TryParse(accountId, out var id) ? id.Value : "";
        var account = await db.Users.FirstOrDefaultAsync(a => a.UserName == name, cancellation);
        var mayTry = await attempts.BeginAsync(account?.Id ?? Guid.Empty, cancellation);
        var right = await VerifyAsync(account, password ?? "", cancellation);
        if (account is null || !mayTry || !right)
        {
            await attempts.FailedAsync(cancellation);
            return Result.Refused;
        }

        // With a code still owed the attempt stays counted: else a known password would buy new guesses at the code without end.
        if (account.TwoFactorEnabled) return new Result.NeedsSecondFactor(account);
        await attempts.SucceededAsync(account.Id, cancellation);
        return new Result.SignedIn(account);
    }

    /// <summary>Checks the password of somebody who is signed in, before something that a stolen session must not do.</summary>
    public async Task<bool> ConfirmPasswordAsync(Account account, string? password, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        var mayTry = await attempts.BeginAsync(account.Id, cancellation);
        if (!await VerifyAsync(account, password ?? "", cancellation) || !mayTry)
        {
            await attempts.FailedAsync(cancellation);
            return false;
        }

        await attempts.SucceededAsync(account.Id, cancellation);
        return true;
    }

    /// <summary>Checks a one-time code or, for a lost authenticator, a recovery code, which is used up.</summary>
    public async Task<bool> WithCodeAsync(Account account, string? code, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        if ((code ?? "").Count(char.IsAsciiLetterOrDigit) <= 6) return await secondFactor.VerifyFreshAsync(account, code, cancellation);
        return await WithRecoveryCodeAsync(account.Id, code, cancellation);
    }

    /// <summary>Checks a recovery code, which is used up, and counts the attempt.</summary>
    internal async Task<bool> WithRecoveryCodeAsync(Guid accountId, string? code, CancellationToken cancellation)
    {
        var mayTry = await attempts.BeginAsync(accountId, cancellation);
        if (await codes.RedeemAsync(mayTry ? accountId : Guid.Empty, code, cancellation))
        {
            await attempts.SucceededAsync(accountId, cancellation);
            return true;
        }

        await attempts.FailedAsync(cancellation);
        return false;
    }

    private Task<bool> VerifyAsync(Account? account, string password, CancellationToken cancellation) =>
        door.VerifyAsync(accounts.PasswordHasher, account, password, cancellation);

    /// <summary>How signing in ends.</summary>
    public abstract record Result
    {
        /// <summary>Account id and password do not belong together, or the account pauses; it is not told which.</summary>
        public static readonly Result Refused = new NotAccepted();

        private Result()
        {
        }

        /// <summary>Proven, and there is no second factor.</summary>
        public sealed record SignedIn(Account Account) : Result;

        /// <summary>Proven so far; a code is asked for next.</summary>
        public sealed record NeedsSecondFactor(Account Account) : Result;

        /// <summary>Too many guessed wrong lately.</summary>
        public sealed record TooManyNow(TimeSpan Wait) : Result;

        private sealed record NotAccepted : Result;
    }
}
