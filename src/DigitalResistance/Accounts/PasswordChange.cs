using DigitalResistance.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>A new password: with the old one, or with recovery codes when it is lost. Either ends all other sessions.</summary>
public sealed class PasswordChange(MoneyDb db, UserManager<Account> accounts, SignIn signIn, SecondFactor secondFactor, Attempts attempts)
{
    /// <summary>Changes the password of somebody who is signed in.</summary>
    public async Task<Result> ChangeAsync(Account account, string? old, string wanted, CancellationToken cancellation)
    {
        if (!await signIn.ConfirmPasswordAsync(account, old, cancellation)) return Result.NotProven;
        return await SetAsync(account, wanted, cancellation);
    }

    /// <summary>
    /// Sets a lost password. One recovery code stands for one lost thing: with a second factor its code, or another recovery code, is needed
    /// too; in the latter case the authenticator is taken for lost and turned off.
    /// </summary>
    public async Task<Result> RecoverAsync(string? accountId, string? recoveryCode, string? secondCode, string wanted, CancellationToken cancellation)
    {
        if (await attempts.WaitAsync(cancellation) is { } wait) return new Result.TooManyNow(wait);
        var name = AccountId.TryParse(accountId, out var id) ? id.Value : "";
        var account = await db.Users.FirstOrDefaultAsync(a => a.UserName == name, cancellation);
        // Before the codes: what would be refused anyway must not use one up. The account is not named, so a stranger learns nothing.
        if (await RefusalAsync(account ?? new Account(), wanted) is { } refused) return new Result.PasswordRefused(refused);
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        var proven = await signIn.WithRecoveryCodeAsync(account?.Id ?? Guid.Empty, recoveryCode, cancellation);
        if (account is null || !proven || (account.TwoFactorEnabled && !await signIn.WithCodeAsync(account, secondCode, cancellation)))
        {
            // The failure is kept, a code that was right is not used up.
            await transaction.DisposeAsync();
            await attempts.BeginAsync(account?.Id ?? Guid.Empty, cancellation);
            await attempts.FailedAsync(cancellation);
            return Result.NotProven;
        }

        if (account.TwoFactorEnabled && (secondCode ?? "").Count(char.IsAsciiLetterOrDigit) > 6) await secondFactor.DisableAsync(account);
        var result = await SetAsync(account, wanted, cancellation);
        await transaction.CommitAsync(cancellation);
        return result;
    }

    /// <summary>Sets it, for somebody whose right to it was proven, and ends all other sessions.</summary>
    internal async Task<Result> SetAsync(Account account, string wanted, CancellationToken cancellation)
    {
        if (await RefusalAsync(account, wanted) is { } refused) return new Result.PasswordRefused(refused);
        // Attempts were counted beside the change tracker.
        await db.Entry(account).ReloadAsync(cancellation);
        account.PasswordHash = accounts.PasswordHasher.HashPassword(account, wanted);
        var updated = await accounts.UpdateSecurityStampAsync(account);
        if (!updated.Succeeded) throw new DbUpdateConcurrencyException("The account was changed at the same moment.");
        return new Result.Changed(account);
    }

    /// <summary>Why a password is refused; null where it is not.</summary>
    internal async Task<string?> RefusalAsync(Account account, string password)
    {
        foreach (var validator in accounts.PasswordValidators)
        {
            if (await validator.ValidateAsync(accounts, account, password) is { Succeeded: false } refused) return refused.Errors.First().Code;
        }

        return null;
    }

    /// <summary>How a change ends.</summary>
    public abstract record Result
    {
        /// <summary>The old password or the codes are wrong, there is no such account, or it pauses; it is not told which.</summary>
        public static readonly Result NotProven = new Ending();

        private Result()
        {
        }

        /// <summary>The new password holds; other sessions end within a minute.</summary>
        public sealed record Changed(Account Account) : Result;

        /// <summary>The new password is too short or too common.</summary>
        public sealed record PasswordRefused(string Code) : Result;

        /// <summary>Too many guessed wrong lately.</summary>
        public sealed record TooManyNow(TimeSpan Wait) : Result;

        private sealed record Ending : Result;
    }
}
