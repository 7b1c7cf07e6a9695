using System.Security.Cryptography;
using DigitalResistance.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>
/// The authenticator app of an account. A code is accepted once: accepting it moves the account's time step forward in one guarded update,
/// so that of two uses at once one is refused, and a code that was overlooked over somebody's shoulder is worth nothing.
/// </summary>
public sealed class SecondFactor(MoneyDb db, UserManager<Account> accounts, Attempts attempts, IDataProtectionProvider protection, TimeProvider time)
{
    private readonly IDataProtector _protector = protection.CreateProtector("totp.v1");

    /// <summary>A secret for an app that is about to be set up; nothing is kept until <see cref="EnableAsync"/>.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(Totp.SecretLength);

    /// <summary>
    /// Checks a code for one action, such as an approval, and uses it up: the same code serves no second action. Wrong codes count towards
    /// the account's lockout. False for an account without a second factor.
    /// </summary>
    public async Task<bool> VerifyFreshAsync(Account account, string? code, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        if (!await attempts.BeginAsync(account.Id, cancellation)) return false;
        if (account.TotpSecret is not { } secret || !await UseAsync(account.Id, _protector.Unprotect(secret), code, cancellation))
        {
            await attempts.FailedAsync(cancellation);
            return false;
        }

        await attempts.SucceededAsync(account.Id, cancellation);
        return true;
    }

    /// <summary>Turns the second factor on, once a code shows that the app has the secret. Ends all other sessions.</summary>
    public async Task<bool> EnableAsync(Account account, byte[] secret, string? code, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        if (!await UseAsync(account.Id, secret, code, cancellation)) return false;
        // The step was set beside the change tracker.
        await db.Entry(account).ReloadAsync(cancellation);
        account.TotpSecret = _protector.Protect(secret);
        account.TwoFactorEnabled = true;
        await StampAsync(account);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Turns it off; the caller has asked for a fresh code or a recovery code. Ends all other sessions.</summary>
    public Task DisableAsync(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        account.TotpSecret = null;
        account.TwoFactorEnabled = false;
        return StampAsync(account);
    }

    private async Task<bool> UseAsync(Guid accountId, byte[] secret, string? code, CancellationToken cancellation)
    {
        var digits = new string([.. (code ?? "").Where(char.IsAsciiDigit)]);
        if (digits.Length != 6 || Totp.Match(secret, digits, time.GetUtcNow()) is not { } step) return false;
        return await db.Users.Where(a => a.Id == accountId && a.TotpStep < step)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.TotpStep, step), cancellation) == 1;
    }

    private async Task StampAsync(Account account)
    {
        var updated = await accounts.UpdateSecurityStampAsync(account);
        if (!updated.Succeeded) throw new DbUpdateConcurrencyException("The account was changed at the same moment.");
    }
}
