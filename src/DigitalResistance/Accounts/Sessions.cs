using System.Security.Claims;
using DigitalResistance.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>The session cookie: begun after a sign-in, with the second factor in it if one was given.</summary>
public sealed class Sessions(SignInManager<Account> manager, MoneyDb db)
{
    /// <summary>Begins a session that ends with the browser.</summary>
    public Task BeginAsync(Account account, bool secondFactor) =>
        manager.SignInWithClaimsAsync(account, isPersistent: false, secondFactor ? [new Claim(Policies.MethodClaim, Policies.OneTimeCode)] : []);

    /// <summary>Ends it.</summary>
    public Task EndAsync() => manager.SignOutAsync();

    /// <summary>Remembers, for ten minutes, who gave a right password and still owes a code. The cookie is bound to the password of that moment.</summary>
    public async Task ExpectCodeAsync(Account account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var identity = new ClaimsIdentity(IdentityConstants.TwoFactorUserIdScheme);
        identity.AddClaim(new Claim(ClaimTypes.Name, account.Id.ToString()));
        identity.AddClaim(new Claim("stamp", account.SecurityStamp ?? ""));
        await manager.Context.SignInAsync(IdentityConstants.TwoFactorUserIdScheme, new ClaimsPrincipal(identity));
    }

    /// <summary>Who owes a code; null when nobody, or when it took too long.</summary>
    public async Task<Account?> ExpectedAsync(CancellationToken cancellation)
    {
        var ticket = await manager.Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme);
        if (!Guid.TryParse(ticket.Principal?.FindFirstValue(ClaimTypes.Name), out var id)) return null;
        var stamp = ticket.Principal.FindFirstValue("stamp");
        return await db.Users.FirstOrDefaultAsync(a => a.Id == id && a.SecurityStamp == stamp, cancellation);
    }

    /// <summary>The account of this session as the database has it now.</summary>
    public Task<Account> CurrentAsync(CancellationToken cancellation)
    {
        var id = manager.Context.User.AccountId();
        return db.Users.SingleAsync(a => a.Id == id, cancellation);
    }

    /// <summary>Gives this session the changed security stamp, so that it alone goes on.</summary>
    public Task RenewAsync(Account account, bool? secondFactor = null) =>
        BeginAsync(account, secondFactor ?? manager.Context.User.HasSecondFactor());
}
