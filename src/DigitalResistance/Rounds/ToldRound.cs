using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>A round as the public log tells it: all that counts of it, up to the present.</summary>
internal sealed class ToldRound
{
    private readonly Dictionary<string, long> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Sats> _amounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Standing> _standings = new(StringComparer.Ordinal);

    /// <summary>Where the log left it; a built round is still called approved.</summary>
    public RoundState State { get; private set; } = RoundState.Draft;

    /// <summary>The highest revision.</summary>
    public int Revision { get; private set; }

    /// <summary>Hash of the manifest that was approved; null where none was.</summary>
    public string? Manifest { get; private set; }

    /// <summary>Whether a transaction of it was announced.</summary>
    public bool IsBuilt { get; private set; }

    /// <summary>Its terms; null before it was opened.</summary>
    public RoundTerms? Terms { get; private set; }

    /// <summary>Hash of its policy.</summary>
    public string? PolicySha256 { get; private set; }

    /// <summary>Hash of its scores file; null before the freeze.</summary>
    public string? ScoresSha256 { get; private set; }

    /// <summary>Weights by token.</summary>
    public IReadOnlyDictionary<string, long> Weights => _weights;

    /// <summary>Amounts to be paid by token.</summary>
    public IReadOnlyDictionary<string, Sats> Amounts => _amounts;

    /// <summary>Who is held or excluded, by token.</summary>
    public IReadOnlyDictionary<string, Standing> Standings => _standings;

    /// <summary>When it was announced.</summary>
    public DateTimeOffset OpenedAt { get; private set; }

    /// <summary>When its scores were copied.</summary>
    public DateTimeOffset FrozenAt { get; private set; }

    /// <summary>When its amounts were computed.</summary>
    public DateTimeOffset AllocatedAt { get; private set; }

    /// <summary>When the last needed approval came.</summary>
    public DateTimeOffset ApprovedAt { get; private set; }

    /// <summary>When the last entry of it was written.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>Reads every entry of a round, those that wait for the sealer too.</summary>
    public static async Task<ToldRound> ReadAsync(MoneyDb db, int number, CancellationToken cancellation)
    {
        var all = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.RoundNumber == number)
            .OrderBy(e => e.Index == null).ThenBy(e => e.Index).ThenBy(e => e.Id).Select(e => e.Bytes).ToListAsync(cancellation);
        var told = new ToldRound();
        foreach (var bytes in all) told.Hear(CanonicalObject.Parse(bytes));
        return told;
    }

    private void Hear(CanonicalObject entry)
    {
        At = entry.Instant("time");
        if (entry.Has("revision")) Revision = (int)entry.Integer("revision");
        switch (entry.Text("type"))
        {
            case "round.opened":
                (State, OpenedAt, ScoresSha256) = (RoundState.Open, At, null);
                _weights.Clear();
                _amounts.Clear();
                _standings.Clear();
                HearTerms(entry);
                break;
            case "round.frozen":
                (State, Manifest, FrozenAt, ScoresSha256) = (RoundState.Frozen, null, At, entry.Sha256("scores"));
                break;
            case "round.revised":
                // Its scores stay.
                (State, Manifest) = (RoundState.Frozen, null);
                _amounts.Clear();
                HearTerms(entry);
                break;
            case "score.frozen":
                _weights[entry.Text("token")] = entry.Integer("weight");
                break;
            case "operator.held":
                _standings[entry.Text("token")] = new Standing(Eligibility.Held, entry.Text("reason"));
                break;
            case "operator.excluded":
                _standings[entry.Text("token")] = new Standing(Eligibility.Excluded, entry.Text("reason"));
                break;
            case "operator.cleared":
                _standings.Remove(entry.Text("token"));
                break;
            case "round.allocated":
                (State, AllocatedAt) = (RoundState.Allocated, At);
                _amounts.Clear();
                break;
            case "grant.allocated":
                _amounts[entry.Text("token")] = new Sats(entry.Integer("amount_sat"));
                break;
            case "round.approved":
                (State, Manifest, ApprovedAt) = (RoundState.Approved, entry.Sha256("manifest"), At);
                break;
            case "round.withdrawn":
                (State, Manifest) = (RoundState.Draft, null);
                break;
            case "round.cancelled":
                State = RoundState.Cancelled;
                break;
            case "round.closed":
                State = RoundState.Closed;
                break;
            case "psbt.created":
                IsBuilt = true;
                break;
        }
    }

    /// <summary>That somebody does not take part in full, and why.</summary>
    public sealed record Standing(Eligibility Eligibility, string Reason);

    private void HearTerms(CanonicalObject entry)
    {
        PolicySha256 = entry.Sha256("policy");
        Terms = new RoundTerms(
            entry.Instant("starts"), entry.Instant("ends"), new Sats(entry.Integer("budget_sat")), (int)entry.Integer("cap_ppm"), new Sats(entry.Integer("floor_sat")),
            new Sats(entry.Integer("step_sat")), new Sats(entry.Integer("max_fee_sat")), (int)entry.Integer("max_feerate_sat_vb"));
    }
}
