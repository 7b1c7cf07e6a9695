using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Moves;

/// <summary>
/// Moves of which the public log knows more than a restored database. One that the tables have goes where the log left it. One that they lack is written again from
/// the log, where the log names all of it. Bills name addresses, which the log keeps to itself: where nothing of them was built they are withdrawn, in the log too;
/// where something was, the move waits for its manifest or for its transaction.
/// </summary>
public sealed class ToldMoves(MoneyDb db, TreasuryWallet wallet, TimeProvider time) : IReadmissionHearer
{
    /// <inheritdoc/>
    public async Task HearAsync(IReadOnlyList<CanonicalObject> entries, CancellationToken cancellation)
    {
        foreach (var number in entries.Where(e => e.Has("move")).Select(e => (int)e.Integer("move")).Distinct().Order())
        {
            var told = await TellAsync(number, cancellation);
            if (await db.Set<Move>().SingleOrDefaultAsync(m => m.Number == number, cancellation) is { } move) await FollowAsync(move, told, cancellation);
            else await RewriteAsync(number, told, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>
    /// Writes a move again that the log says was built, with a copy of its manifest, or with its transaction's outputs: whether they are those that
    /// the log names. The caller saves.
    /// </summary>
    internal async Task<bool> TryRewriteAsync(int number, Func<CanonicalObject, RewrittenMove?> rewrite, CancellationToken cancellation)
    {
        var told = await TellAsync(number, cancellation);
        if (told is not { Proposed: { } proposed, IsBuilt: true } || await db.Set<Move>().AnyAsync(m => m.Number == number, cancellation)) return false;
        if (rewrite(proposed) is not { } written) return false;
        Add(written, told);
        return true;
    }

    private async Task FollowAsync(Move move, Told told, CancellationToken cancellation)
    {
        var isWhole = await ToldApprovals.TryAddAsync(db, null, move.Number, move.ManifestSha256, move.TokenSecret, cancellation);
        if (told is { ApprovedAt: null, WithdrawnAt: null } && !isWhole)
        {
            var now = time.GetUtcNow();
            db.Append(new MoveWithdrawn(move.Number), now);
            told = told with { WithdrawnAt = now };
        }

        if (told.WithdrawnAt is { } end && move.State != MoveState.Withdrawn) (move.State, move.EndedAt, move.TokenSecret, move.Version) = (MoveState.Withdrawn, end, null, move.Version + 1);
        else if (told.ApprovedAt is { } at && move.State == MoveState.Proposed) (move.State, move.ApprovedAt, move.Version) = (MoveState.Approved, at, move.Version + 1);
    }

    private async Task RewriteAsync(int number, Told told, CancellationToken cancellation)
    {
        // What nobody can build any more need not be paid by anybody: approvals that were given before are forgotten with the rows.
        var pays = told.Proposed!.Texts("costs").Count > 0;
        if (told.WithdrawnAt is null && !told.IsBuilt && (told.ApprovedAt is null || pays))
        {
            var now = time.GetUtcNow();
            db.Append(new MoveWithdrawn(number), now);
            told = told with { WithdrawnAt = now };
        }

        var named = told.Proposed.Sha256("target");
        var target = await db.Set<TreasuryDescriptor>().Where(d => d.Sha256 == named).Select(d => d.Text).SingleOrDefaultAsync(cancellation);
        if (MoveRewriting.TryWrite(told.Proposed, wallet.LedgerNetwork, [], target) is { } written) Add(written, told);
    }

    private void Add(RewrittenMove written, Told told)
    {
        var move = written.Move;
        (move.State, move.ApprovedAt, move.EndedAt) = (told.WithdrawnAt is not null ? MoveState.Withdrawn : MoveState.Approved, told.ApprovedAt, told.WithdrawnAt);
        db.Add(move);
        db.AddRange(written.Costs);
    }

    private async Task<Told> TellAsync(int number, CancellationToken cancellation)
    {
        var all = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.MoveNumber == number).OrderBy(e => e.Index == null).ThenBy(e => e.Index).ThenBy(e => e.Id).Select(e => e.Bytes).ToListAsync(cancellation);
        var told = new Told(null, null, null, IsBuilt: false);
        foreach (var entry in all.Select(bytes => CanonicalObject.Parse(bytes)))
        {
            told = entry.Text("type") switch
            {
                "move.proposed" => told with { Proposed = entry },
                "move.approved" => told with { ApprovedAt = entry.Instant("time") },
                "move.withdrawn" => told with { WithdrawnAt = entry.Instant("time") },
                "psbt.created" => told with { IsBuilt = true },
                _ => told,
            };
        }

        return told;
    }

    /// <summary>Where the log left a move.</summary>
    private sealed record Told(CanonicalObject? Proposed, DateTimeOffset? ApprovedAt, DateTimeOffset? WithdrawnAt, bool IsBuilt);
}
