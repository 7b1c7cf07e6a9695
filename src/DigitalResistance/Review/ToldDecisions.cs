using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>
/// Decisions of which the public log knows more than a restored database. They hold again: nobody who was held is paid because a backup has forgotten
/// it. Who decided, and what an objection said, the log does not say; an objection comes back without its text. Heard before <see cref="ToldRounds"/>,
/// which may take a round back to a draft: the decisions then make their operators wait at the next freeze.
/// </summary>
public sealed class ToldDecisions(MoneyDb db, TimeProvider time) : IReadmissionHearer
{
    /// <inheritdoc/>
    public async Task HearAsync(IReadOnlyList<CanonicalObject> entries, CancellationToken cancellation)
    {
        var about = entries.Where(e => e.Text("type") is "operator.held" or "operator.excluded" or "operator.cleared" or "objection.raised" or "objection.decided").ToList();
        foreach (var round in about.GroupBy(e => (int)e.Integer("round")))
        {
            // Where the backup is older than the freeze the tokens are nobody's here, and the round begins anew.
            var grants = await db.Set<Grant>().Where(g => g.RoundNumber == round.Key).ToDictionaryAsync(g => g.Token, StringComparer.Ordinal, cancellation);
            foreach (var entry in round.Where(e => grants.ContainsKey(e.Text("token")))) await HearAsync(entry, grants[entry.Text("token")], cancellation);
        }

        await db.SaveChangesAsync(cancellation);
    }

    private async Task HearAsync(CanonicalObject entry, Grant grant, CancellationToken cancellation)
    {
        switch (entry.Text("type"))
        {
            case "objection.raised": db.Add(new Objection { RoundNumber = grant.RoundNumber, Token = grant.Token, RaisedAt = time.GetUtcNow() }); break;
            case "objection.decided":
                if (await db.Set<Objection>().FindAsync([grant.RoundNumber, grant.Token], cancellation) is { } objection) objection.Verdict = Word<ObjectionVerdict>(entry.Text("decision"));
                break;
            case "operator.held": Decide(entry, grant, Eligibility.Held); break;
            case "operator.excluded": Decide(entry, grant, Eligibility.Excluded); break;
            default: Decide(entry, grant, Eligibility.Eligible); break;
        }
    }

    private void Decide(CanonicalObject entry, Grant grant, Eligibility outcome)
    {
        var reason = Word<DecisionReason>(entry.Text("reason"));
        (grant.Eligibility, grant.Reason) = (outcome, outcome == Eligibility.Eligible ? null : reason);
        db.Add(new Decision { RoundNumber = grant.RoundNumber, Token = grant.Token, AccountId = grant.AccountId, AdminId = null, Outcome = outcome, Reason = reason, At = time.GetUtcNow() });
    }

    private static T Word<T>(string word) where T : struct, Enum => Enum.GetValues<T>().Single(value => Words.Snake(value) == word);
}
