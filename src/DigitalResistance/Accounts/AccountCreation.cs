using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Accounts;

/// <summary>The act of making an account: everything or nothing of id, password, roles, recovery codes and the invitation that was used.</summary>
public sealed class AccountCreation(
    MoneyDb db, UserManager<Account> accounts, Site site, Invitations invitations, RecoveryCodes codes, Budgets budgets,
    IOptions<AccountsOptions> options, TimeProvider time)
{
    /// <summary>Makes an operator, or whoever the invitation says; an account for the very first admin closes the set-up.</summary>
    public async Task<Result> CreateAsync(string password, string? invitation, CancellationToken cancellation)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        var invited = string.IsNullOrWhiteSpace(invitation) ? null : await invitations.LookAsync(invitation, cancellation);
        if (!string.IsNullOrWhiteSpace(invitation) && invited is null) return Result.InvitationNotValid;
        if (invited is { IsAgreed: false }) return Result.InvitationWaits;
        var role = invited?.Role;
        if (await site.RegistrationAsync(cancellation) is var registration && role is null && registration != Registration.Open)
            return registration == Registration.Closed ? Result.Closed : Result.InvitationMissing;
        if (registration == Registration.Closed && role == Roles.Operator) return Result.Closed;

        var account = new Account { UserName = AccountId.New().Value, CreatedAt = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero) };
        foreach (var validator in accounts.PasswordValidators)
        {
            // Before the budget: a password that is refused costs nobody else an account.
            if (await validator.ValidateAsync(accounts, account, password) is { Succeeded: false } refused) return new Result.PasswordRefused(refused.Errors.First().Code);
        }

        // An invited person was let in by an admin; strangers share a budget.
        if (role is null && await budgets.TakeAsync(new Budget("accounts.new", options.Value.NewPerHour * 24, options.Value.NewPerHour), cancellation) is { } wait)
            return new Result.TooManyNow(wait);

        var created = await accounts.CreateAsync(account, password);
        if (!created.Succeeded) throw new InvalidOperationException($"The account was not stored: {created.Errors.First().Code}.");
        var isFirst = role is not null && await invitations.IsFirstAsync(invitation, cancellation);
        if (role is not null && await invitations.RedeemAsync(invitation, account.Id, cancellation) is null) return Result.InvitationNotValid;
        if (isFirst && !await site.TakeFirstAdminAsync(time.GetUtcNow(), cancellation)) return Result.InvitationNotValid;
        if (isFirst) await invitations.WithdrawFirstAsync(cancellation);
        await GrantAsync(account, role, cancellation);
        var recovery = await codes.IssueAsync(account.Id, cancellation);
        await transaction.CommitAsync(cancellation);
        return new Result.Created(account, recovery);
    }

    /// <summary>Gives a role to an account that is there already. False when the code is not valid, or not agreed to yet.</summary>
    public async Task<bool> RedeemAsync(Account account, string? invitation, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        if (await invitations.IsFirstAsync(invitation, cancellation) || await invitations.RedeemAsync(invitation, account.Id, cancellation) is not { } role) return false;
        await GrantAsync(account, role, cancellation);
        await accounts.UpdateSecurityStampAsync(account);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task GrantAsync(Account account, string? role, CancellationToken cancellation)
    {
        string[] wanted = role is null ? [Roles.Operator] : [Roles.Operator, role];
        var held = await db.UserRoles.Where(r => r.UserId == account.Id).Select(r => r.RoleId).ToListAsync(cancellation);
        var missing = await db.Roles.Where(r => wanted.Contains(r.Name) && !held.Contains(r.Id)).Select(r => r.Id).ToListAsync(cancellation);
        db.UserRoles.AddRange(missing.Select(id => new IdentityUserRole<Guid> { UserId = account.Id, RoleId = id }));
        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>How making an account ends.</summary>
    public abstract record Result
    {
        /// <summary>Nobody may join at present.</summary>
        public static readonly Result Closed = new Ending(nameof(Closed));

        /// <summary>Joining needs an invitation code.</summary>
        public static readonly Result InvitationMissing = new Ending(nameof(InvitationMissing));

        /// <summary>The code is wrong, used or too old.</summary>
        public static readonly Result InvitationNotValid = new Ending(nameof(InvitationNotValid));

        /// <summary>The code is right, and waits for more admins to agree.</summary>
        public static readonly Result InvitationWaits = new Ending(nameof(InvitationWaits));

        private Result()
        {
        }

        /// <summary>The account, and its recovery codes, which are shown once.</summary>
        public sealed record Created(Account Account, IReadOnlyList<string> RecoveryCodes) : Result;

        /// <summary>The password is too short or too common; the code is one of Identity's or <c>PasswordCommon</c>.</summary>
        public sealed record PasswordRefused(string Code) : Result;

        /// <summary>Too many accounts were made lately.</summary>
        public sealed record TooManyNow(TimeSpan Wait) : Result;

        private sealed record Ending(string Name) : Result;
    }
}
