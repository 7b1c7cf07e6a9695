using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>
/// Begins rehearsals of the treasury: a small coin of it is sent back to it, built, announced, signed and broadcast as every payment is, so that everybody
/// knows that the keys work before anybody's money rests on them.
/// </summary>
/// <remarks>
/// Nobody approves a rehearsal. It is a move that pays nobody, with one transaction, whose only output beside the commitment is derived from the treasury's own descriptor; its fee is limited by the
/// configuration, one goes on at a time, none after every key has signed, and none happens without as many key holders as every payment needs.
/// </remarks>
public sealed class Rehearsals(
    MoneyDb db, TreasuryWallet wallet, AddressBook addresses, RehearsalQuery query, Policy policy, IOptions<MoveOptions> limits, IOptions<PayoutOptions> payouts, TimeProvider time)
{
    private const int Attempts = 20;

    /// <summary>Gives the treasury's one address for a deposit: <see cref="RehearsalResult.Given"/> or <see cref="RehearsalResult.NoTreasury"/>.</summary>
    public async Task<RehearsalResult> GiveAddressAsync(CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return new RehearsalResult.NoTreasury();
        if (await query.AddressAsync(treasury, cancellation) is { } known) return new RehearsalResult.Given(known);
        await using (var transaction = await db.JoinTransactionAsync(cancellation))
        {
            var taken = (await addresses.TakeAsync(Branch.Receive, cancellation))!;
            db.Add(new RehearsalDeposit { DescriptorId = treasury.Id, AddressId = taken.Id });
            // Of two at once the other one's address is free again.
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved) await transaction.CommitAsync(cancellation);
        }

        return new RehearsalResult.Given((await query.AddressAsync(treasury, cancellation))!);
    }

    /// <summary>
    /// Makes the move of the next rehearsal, public at once: <see cref="RehearsalResult.Prepared"/>, also where one goes on already; <see cref="RehearsalResult.NoTreasury"/>,
    /// <see cref="RehearsalResult.NoCoin"/>, <see cref="RehearsalResult.AllProven"/>.
    /// </summary>
    public async Task<RehearsalResult> PrepareAsync(Guid treasurer, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await TryPrepareAsync(treasurer, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"The treasury kept changing while a rehearsal was prepared {Attempts} times.");
        }
    }

    private async Task<RehearsalResult?> TryPrepareAsync(Guid treasurer, CancellationToken cancellation)
    {
        if (await db.Set<TreasuryDescriptor>().SingleOrDefaultAsync(d => d.IsCurrent, cancellation) is not { } row) return new RehearsalResult.NoTreasury();
        var treasury = wallet.Open(row);
        if (await query.OpenAsync(treasury, cancellation) is { } open) return new RehearsalResult.Prepared(open.Number);
        if ((await query.KeysAsync(treasury, cancellation)).All(key => key.HasSigned)) return new RehearsalResult.AllProven();
        if (!await query.HasCoinAsync(treasury, cancellation)) return new RehearsalResult.NoCoin();

        // Changed by this save: of two at once, or of a rotation and this, one starts over.
        row.Version++;
        var (number, now, sha256) = (await db.NextMoveAsync(cancellation), time.GetUtcNow(), treasury.Descriptor.Sha256);
        var terms = new MoveTerms(sha256, sha256, policy.Sha256, [], Batches: 1, new MoveFees(new Sats(limits.Value.MaxRehearsalFeeSat), payouts.Value.MaxFeeRateSatPerVByte));
        var manifest = MoveManifest.Write(number, MoveKind.Rehearsal, wallet.LedgerNetwork, terms);
        var move = new Move
        {
            Number = number, Kind = MoveKind.Rehearsal, Manifest = manifest, ManifestSha256 = MoveManifest.Hash(manifest), Batches = 1, Paid = Sats.Zero, MaxFee = terms.Fees.MaxFee, MaxFeeRate = terms.Fees.MaxFeeRate,
            TreasurySha256 = sha256, TargetSha256 = sha256, NewDescriptor = null, PolicySha256 = policy.Sha256, ProposedBy = treasurer, ProposedAt = now, State = MoveState.Approved, ApprovedAt = now,
        };
        db.Add(move);
        db.Append(new MoveProposed(number, MoveKind.Rehearsal, move.ManifestSha256, terms), now);
        db.Append(new MoveApproved(number, move.ManifestSha256, SshSignatures: 0, SignedIn: 0), now);
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new RehearsalResult.Prepared(number) : null;
    }
}
