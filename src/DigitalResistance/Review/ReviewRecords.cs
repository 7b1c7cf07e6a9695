using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>How long what reviewers see and what operators wrote is kept: as long as the round's token secret. Both within the caller's save.</summary>
internal static class ReviewRecords
{
    /// <summary>The round has ended: what was decided stays, what led to it goes.</summary>
    public static async Task ForgetAsync(MoneyDb db, int round, CancellationToken cancellation)
    {
        db.RemoveRange(await db.Set<ReviewLine>().Where(l => l.RoundNumber == round).ToListAsync(cancellation));
        db.RemoveRange(await db.Set<ReviewGroup>().Where(g => g.RoundNumber == round).ToListAsync(cancellation));
        foreach (var objection in await db.Set<Objection>().Where(o => o.RoundNumber == round && o.SealedText != null).ToListAsync(cancellation)) objection.SealedText = null;
    }

    /// <summary>The scores are void, and everything that rests on them. Decisions stay: they are history.</summary>
    public static async Task DropAsync(MoneyDb db, int round, CancellationToken cancellation)
    {
        await ForgetAsync(db, round, cancellation);
        db.RemoveRange(await db.Set<ObjectionVote>().Where(v => v.RoundNumber == round).ToListAsync(cancellation));
        db.RemoveRange(await db.Set<Objection>().Where(o => o.RoundNumber == round).ToListAsync(cancellation));
    }
}
