using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Returns;

/// <summary>
/// Asks to be let in again, and says how it stands. Whether there is such an account is never told: the ending, what is written, and so the time are the same, and what was stopped
/// or refused goes on to look like what waits.
/// </summary>
public sealed class ReturnAsking(MoneyDb db, Budgets budgets, IOptions<ReturnOptions> options, TimeProvider time)
{
    /// <summary>More than these at once for one account lead nowhere, so that nobody buries the owner's own under others.</summary>
    public const int MostOpen = 3;

    private const int Length = 20;

    /// <summary>Asks. Null with the time to wait where too many asked lately.</summary>
    public async Task<(AskedReturn? Asked, TimeSpan Wait)> AskAsync(string? accountId, CancellationToken cancellation = default)
    {
        var perHour = options.Value.AsksPerHour;
        if (await budgets.TakeAsync(new Budget("accounts.return", perHour * 24, perHour), cancellation) is { } wait) return (null, wait);
        var (name, now) = (AccountId.TryParse(accountId, out var id) ? id.Value : "", time.GetUtcNow());
        var account = await db.Users.Where(a => a.UserName == name).Select(a => (Guid?)a.Id).FirstOrDefaultAsync(cancellation) ?? Guid.Empty;
        var since = now - AccountReturn.Lifetime;
        var open = await db.Set<AccountReturn>().CountAsync(r => r.AccountId == account && r.EndedAt == null && r.AskedAt > since, cancellation);
        var (code, reference) = (Base32.Random(Length), Base32.Group(Base32.Random(8), 4));
        db.Add(new AccountReturn { Digest = Digest(code), Reference = reference, AccountId = account == Guid.Empty || open >= MostOpen ? null : account, AskedAt = now });
        await db.SaveChangesAsync(cancellation);
        return (new AskedReturn(Base32.Group(code, 5), reference), TimeSpan.Zero);
    }

    /// <summary>How a request stands; null where the code is wrong, or the request is over and forgotten.</summary>
    public async Task<ReturnStanding?> LookAsync(string? code, CancellationToken cancellation = default)
    {
        if (await FindAsync(code, cancellation) is not { } asked) return null;
        var now = time.GetUtcNow();
        if (asked.AgreedAt is not { } agreed) return asked.AskedAt + AccountReturn.Lifetime > now ? new ReturnStanding(asked.Reference, ReturnStep.Waiting, asked.AskedAt + AccountReturn.Lifetime) : null;
        var from = agreed + options.Value.Wait;
        return asked.EndedAt is not null || from + options.Value.Wait <= now ? new(asked.Reference, ReturnStep.Over, from)
            : new(asked.Reference, from > now ? ReturnStep.Agreed : ReturnStep.Ready, from > now ? from : from + options.Value.Wait);
    }

    /// <summary>The request of a code.</summary>
    internal async Task<AccountReturn?> FindAsync(string? code, CancellationToken cancellation)
    {
        if (Base32.Normalize(code) is not { Length: Length } text) return null;
        var digest = Digest(text);
        return await db.Set<AccountReturn>().SingleOrDefaultAsync(r => r.Digest == digest, cancellation);
    }

    private static byte[] Digest(string code) => SHA256.HashData(Encoding.UTF8.GetBytes("return/v1\n" + code));
}

/// <summary>What whoever asked is shown, once.</summary>
/// <param name="Code">To come back with; for nobody else.</param>
/// <param name="Reference">To tell admins.</param>
public sealed record AskedReturn(string Code, string Reference);

/// <summary>How a request stands, as whoever asked sees it.</summary>
/// <param name="Reference">To tell admins.</param>
/// <param name="Step">How far it is.</param>
/// <param name="At">Until when it waits for admins; from when on, or until when, it can be used.</param>
public sealed record ReturnStanding(string Reference, ReturnStep Step, DateTimeOffset At);

/// <summary>How far a request is.</summary>
public enum ReturnStep
{
    /// <summary>It waits for admins, or was ended before they agreed, or there is no such account: it is not told which.</summary>
    Waiting,

    /// <summary>Admins agreed, and the time to stop it is not over.</summary>
    Agreed,

    /// <summary>It can be used.</summary>
    Ready,

    /// <summary>It was stopped after admins had agreed, was used, or is too old.</summary>
    Over,
}
