using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Everything the public may know of rounds, and nothing else: pages, files and the API read rounds through this. A draft that was never
/// announced does not exist here.
/// </summary>
public sealed class PublicRounds(MoneyDb db, RoundApproval approvals)
{
    private const int MostTransactions = 1000;

    /// <summary>All announced rounds, newest first.</summary>
    public async Task<IReadOnlyList<PublicRound>> ListAsync(CancellationToken cancellation) =>
        [.. (await Announced().OrderByDescending(r => r.Number).ToListAsync(cancellation)).Select(Show)];

    /// <summary>One announced round.</summary>
    public async Task<PublicRound?> FindAsync(int number, CancellationToken cancellation) =>
        await Announced().SingleOrDefaultAsync(r => r.Number == number, cancellation) is { } round ? Show(round) : null;

    /// <summary>The approvals of the present manifest: who by public name, how, when.</summary>
    public async Task<IReadOnlyList<PublicApproval>> ApprovalsAsync(PublicRound round, CancellationToken cancellation) =>
        await db.Set<Approval>().AsNoTracking().Where(a => a.RoundNumber == round.Number && a.ManifestSha256 == round.ManifestSha256)
            .OrderBy(a => a.At).Select(a => new PublicApproval(a.Signer, a.Kind, a.At)).ToListAsync(cancellation);

    /// <summary>How many of the approvals count; null before there is a manifest.</summary>
    public Task<ApprovalTally?> TallyAsync(PublicRound round, CancellationToken cancellation) => approvals.TallyAsync(round.Number, cancellation);

    /// <summary>The rows (token, weight, amount), by token, from after <paramref name="after"/> on.</summary>
    public Task<List<PublicRow>> RowsAsync(PublicRound round, string? after, int most, CancellationToken cancellation)
    {
        var rows = Rows(round);
#pragma warning disable CA1309, CA1310 // Compared by the database, which orders by the same rule.
        if (after is not null) rows = rows.Where(g => string.Compare(g.Token, after) > 0);
#pragma warning restore CA1309, CA1310
        return rows.OrderBy(g => g.Token).Take(most).Select(g => new PublicRow(g.Token, g.Weight, g.Paid)).ToListAsync(cancellation);
    }

    /// <summary>Operators who are held or excluded, and why, by token: as the log says it.</summary>
    public Task<List<DecidedRow>> DecidedAsync(PublicRound round, CancellationToken cancellation) =>
        db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == round.Number && (g.Eligibility == Eligibility.Held || g.Eligibility == Eligibility.Excluded))
            .OrderBy(g => g.Token).Take(MostTransactions).Select(g => new DecidedRow(g.Token, g.Eligibility, g.Reason)).ToListAsync(cancellation);

    /// <summary>Every row, read as it is written out.</summary>
    public IAsyncEnumerable<PublicRow> AllRowsAsync(PublicRound round) =>
        Rows(round).OrderBy(g => g.Token).Select(g => new PublicRow(g.Token, g.Weight, g.Paid)).AsAsyncEnumerable();

    /// <summary>The rates for readers of those among these rounds that have one.</summary>
    public async Task<IReadOnlyDictionary<int, DisplayRate>> RatesAsync(IEnumerable<int> numbers, CancellationToken cancellation)
    {
        int[] asked = [.. numbers.Distinct()];
        if (asked.Length == 0) return new Dictionary<int, DisplayRate>();
        var manifests = await Announced().Where(r => asked.Contains(r.Number) && r.Manifest != null).Select(r => new { r.Number, r.Manifest }).ToListAsync(cancellation);
        return manifests.Select(m => (m.Number, Rate: DisplayRate.Of(m.Manifest))).Where(m => m.Rate is not null).ToDictionary(m => m.Number, m => m.Rate!);
    }

    /// <summary>How the payments are spread.</summary>
    public async Task<Distribution> DistributionAsync(PublicRound round, CancellationToken cancellation)
    {
        var counts = await db.Set<Grant>().Where(g => g.RoundNumber == round.Number && g.Paid != Sats.Zero).GroupBy(g => g.Paid).Select(g => new { g.Key, Count = g.LongCount() }).ToListAsync(cancellation);
        return Distribution.Of(counts.Select(c => (c.Key, c.Count)));
    }

    /// <summary>What the published log says of the round's transactions, in its order.</summary>
    public Task<List<LedgerLine>> TransactionsAsync(PublicRound round, CancellationToken cancellation) =>
        db.Set<LedgerLine>().AsNoTracking().Where(l => l.Round == round.Number && l.Kind == LedgerKind.Payout).OrderBy(l => l.Index).Take(MostTransactions).ToListAsync(cancellation);

    /// <summary>A file whose hash the manifest or the ledger holds, by its name; null where there is none (yet).</summary>
    public async Task<byte[]?> FileAsync(PublicRound round, string name, CancellationToken cancellation)
    {
        switch (name)
        {
            case "policy.json":
                return await db.Set<Round>().Where(r => r.Number == round.Number).Select(r => r.PolicyJson).SingleAsync(cancellation);
            case "manifest.txt":
                return round.Manifest is { } manifest ? Encoding.ASCII.GetBytes(manifest) : null;
            case "scores.csv" when round.ScoresSha256 is not null:
                return RoundFiles.Scores(await GrantsAsync(round, cancellation));
            case "allocation.csv" when round.Manifest is not null:
                return RoundFiles.Allocation(await GrantsAsync(round, cancellation));
            default:
                return null;
        }
    }

    private IQueryable<Round> Announced() => db.Set<Round>().AsNoTracking().Where(r => r.State != RoundState.Draft || r.Revision > 1);

    // Somebody who has only credit and is not paid is no row: there is nothing to check.
    private IQueryable<Grant> Rows(PublicRound round) => db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == round.Number && (g.Weight > 0 || g.Paid != Sats.Zero));

    private Task<List<Grant>> GrantsAsync(PublicRound round, CancellationToken cancellation) =>
        db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == round.Number).ToListAsync(cancellation);

    private static PublicRound Show(Round round) => new(
        round.Number, round.Revision, round.State, round.Terms, round.Policy, round.ScoresSha256, round.Manifest, round.ManifestSha256, round.Carry,
        round.Manifest is { } manifest ? RoundSums.Of(manifest) : null,
        round.OpenedAt, round.FrozenAt, round.AllocatedAt, round.ApprovedAt, round.EndedAt);
}

/// <summary>A round as everybody may see it.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="Revision">Raised by every change after the opening.</param>
/// <param name="State">Where it is.</param>
/// <param name="Terms">Its terms.</param>
/// <param name="Policy">Its rules.</param>
/// <param name="ScoresSha256">Hash of the scores file, from the freeze on.</param>
/// <param name="Manifest">The manifest, from the allocation on.</param>
/// <param name="ManifestSha256">Its hash.</param>
/// <param name="Carry">What nobody got.</param>
/// <param name="Sums">The sums, from the allocation on.</param>
/// <param name="OpenedAt">When it was announced.</param>
/// <param name="FrozenAt">When its scores were copied.</param>
/// <param name="AllocatedAt">When its amounts were computed.</param>
/// <param name="ApprovedAt">When the last needed approval came.</param>
/// <param name="EndedAt">When it was closed or cancelled.</param>
public sealed record PublicRound(
    int Number, int Revision, RoundState State, RoundTerms Terms, Policy Policy, string? ScoresSha256, string? Manifest, string? ManifestSha256, Carry Carry, RoundSums? Sums,
    DateTimeOffset? OpenedAt, DateTimeOffset? FrozenAt, DateTimeOffset? AllocatedAt, DateTimeOffset? ApprovedAt, DateTimeOffset? EndedAt)
{
    /// <summary>What a bitcoin was worth to readers, where the manifest says so.</summary>
    public DisplayRate? Rate { get; } = DisplayRate.Of(Manifest);

    /// <summary>From when on it can be approved; null before the allocation.</summary>
    public DateTimeOffset? ObjectionsUntil => AllocatedAt?.AddSeconds(Policy.ObjectionSeconds);

    /// <summary>Whether enough admins approved it.</summary>
    public bool IsApproved => ApprovedAt is not null;
}

/// <summary>The sums of an allocated round, as its manifest has them.</summary>
/// <param name="Recipients">How many operators are paid.</param>
/// <param name="Shares">What the division gave.</param>
/// <param name="CreditUsed">Credit of earlier rounds that is paid.</param>
/// <param name="Credited">New credit.</param>
/// <param name="Paid">What goes on chain.</param>
/// <param name="Carry">What nobody got.</param>
/// <param name="Batches">How many transactions that needs.</param>
public sealed record RoundSums(long Recipients, Sats Shares, Sats CreditUsed, Sats Credited, Sats Paid, Sats Carry, long Batches)
{
    internal static RoundSums Of(string manifest)
    {
        Sats Sum(string name) => new(Rounds.Manifest.Number(manifest, name));
        return new(
            Rounds.Manifest.Number(manifest, "recipients"), Sum("shares_sat"), Sum("credits_used_sat"), Sum("credited_sat"), Sum("paid_sat"), Sum("carry_sat"),
            Rounds.Manifest.Number(manifest, "batches"));
    }
}

/// <summary>The public row of a round.</summary>
/// <param name="Token">The operator's name in this round.</param>
/// <param name="Weight">Final integer weight.</param>
/// <param name="Amount">What is paid; zero before the allocation, and where all is credited.</param>
public sealed record PublicRow(string Token, long Weight, Sats Amount);

/// <summary>An operator who is held or excluded.</summary>
/// <param name="Token">The operator's name in this round.</param>
/// <param name="Eligibility">Held or excluded.</param>
/// <param name="Reason">Why.</param>
public sealed record DecidedRow(string Token, Eligibility Eligibility, DecisionReason? Reason);

/// <summary>An approval as everybody may see it.</summary>
/// <param name="Signer">The key's fingerprint, or the admin's name in this round.</param>
/// <param name="Kind">How it was given.</param>
/// <param name="At">When.</param>
public sealed record PublicApproval(string Signer, ApprovalKind Kind, DateTimeOffset At);
