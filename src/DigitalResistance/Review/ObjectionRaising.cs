using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>An operator who is held or excluded objects, once, within the policy's time from the allocation.</summary>
public sealed class ObjectionRaising(MoneyDb db, IDataProtectionProvider protection, TimeProvider time)
{
    private const int Attempts = 5;

    /// <summary>Raises the objection of <paramref name="account"/>. Its text is for admins only.</summary>
    public async Task<ObjectionResult> RaiseAsync(int number, Guid account, string? text, CancellationToken cancellation = default)
    {
        // Browsers count a new line as one character and send it as two.
        var clean = new string([.. (text ?? "").ReplaceLineEndings("\n").Where(c => c == '\n' || !char.IsControl(c))]).Trim();
        for (var attempt = 1; ; attempt++)
        {
            if (await TryAsync(number, account, clean, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"Round {number} kept changing while an objection was raised {Attempts} times.");
        }
    }

    private async Task<ObjectionResult?> TryAsync(int number, Guid account, string text, CancellationToken cancellation)
    {
        var round = await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        var grant = await db.Set<Grant>().AsNoTracking().SingleOrDefaultAsync(g => g.RoundNumber == number && g.AccountId == account, cancellation);
        if (round is null || grant is null) return new ObjectionResult.NotFound();
        if (await db.Set<Objection>().AnyAsync(o => o.RoundNumber == number && o.Token == grant.Token, cancellation)) return new ObjectionResult.RaisedBefore();
        if (grant.Eligibility is not (Eligibility.Held or Eligibility.Excluded)) return new ObjectionResult.NothingToObjectTo();
        if (round.State == RoundState.Frozen) return new ObjectionResult.NotYet();
        var now = time.GetUtcNow();
        if (round.State != RoundState.Allocated || now >= Until(round)) return new ObjectionResult.TooLate(Until(round));
        if (text.Length == 0) return new ObjectionResult.TextMissing();
        if (text.Length > Objection.LongestText) return new ObjectionResult.TextTooLong(text.Length);

        var sealedText = protection.CreateProtector(Objection.Purpose).Protect(Encoding.UTF8.GetBytes(text));
        db.Add(new Objection { RoundNumber = number, Token = grant.Token, SealedText = sealedText, RaisedAt = now });
        db.Append(new ObjectionRaised(number, round.Revision, grant.Token), now);
        // An approval, or a decision about the very operator, at this moment finds another version and looks again.
        round.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new ObjectionResult.Raised() : null;
    }

    /// <summary>Until when one may object; null before the amounts are computed.</summary>
    public static DateTimeOffset? Until(Round round) => round.AllocatedAt?.AddSeconds(round.Policy.ObjectionSeconds);
}

/// <summary>How objecting can end.</summary>
public abstract record ObjectionResult
{
    private ObjectionResult()
    {
    }

    /// <summary>It is raised; the round waits for it.</summary>
    public sealed record Raised : ObjectionResult;

    /// <summary>The account has no part in such a round.</summary>
    public sealed record NotFound : ObjectionResult;

    /// <summary>One objection was raised already.</summary>
    public sealed record RaisedBefore : ObjectionResult;

    /// <summary>The operator is neither held nor excluded.</summary>
    public sealed record NothingToObjectTo : ObjectionResult;

    /// <summary>The amounts are not computed yet; the time to object begins then.</summary>
    public sealed record NotYet : ObjectionResult;

    /// <summary>The time to object is over.</summary>
    public sealed record TooLate(DateTimeOffset? Until) : ObjectionResult;

    /// <summary>It says nothing.</summary>
    public sealed record TextMissing : ObjectionResult;

    /// <summary>It is longer than <see cref="Objection.LongestText"/>.</summary>
    public sealed record TextTooLong(int Length) : ObjectionResult;
}
