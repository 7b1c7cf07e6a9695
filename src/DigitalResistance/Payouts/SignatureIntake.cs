using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Takes in what signers send back, in any order and any number of times. Every signature is verified against the stored unsigned
/// transaction; with the last one needed the final bytes are proven whole and stored in the same save, before anybody may broadcast them.
/// </summary>
public sealed class SignatureIntake(MoneyDb db, TreasuryWallet wallet, IOptions<PayoutOptions> options, TimeProvider time)
{
    private const int Attempts = 10;

    /// <summary>Takes in one upload for a batch.</summary>
    public async Task<IntakeResult> TakeAsync(Guid batchId, byte[] bytes, Guid treasurer, CancellationToken cancellation)
    {
        var (upload, problem) = SignedUpload.Read(bytes, wallet.Network);
        if (upload is null) return new IntakeResult.Unreadable(problem!.Value);

        // Two signers at once: the second starts over and then sees the first one's signatures.
        for (var attempt = 1; ; attempt++)
        {
            if (await TryTakeAsync(batchId, upload, bytes, treasurer, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException("A batch kept changing while signatures were added to it.");
        }
    }

    private async Task<IntakeResult?> TryTakeAsync(Guid batchId, SignedUpload upload, byte[] bytes, Guid treasurer, CancellationToken cancellation)
    {
        if (await db.Set<Batch>().SingleOrDefaultAsync(b => b.Id == batchId, cancellation) is not { } batch) return new IntakeResult.NotFound();
        if (await FindVersionAsync(batch, upload, cancellation) is not { } version) return await ElsewhereAsync(upload, cancellation);
        if (version.FinalBytes is not null) return new IntakeResult.AlreadyComplete();
        if (await db.Set<BatchTransaction>().AnyAsync(t => t.BatchId == batchId && t.Number > version.Number, cancellation)) return new IntakeResult.Superseded();
        if (batch.State is BatchState.Built or >= BatchState.Confirmed) return new IntakeResult.NotSigning();
        if (upload.Signatures.Count == 0) return new IntakeResult.Unsigned();

        var ours = PSBT.Load(version.Psbt, wallet.Network);
        var check = new SignatureCheck(ours);
        var verdicts = upload.Signatures.Select(check.Judge).ToArray();
        var refused = verdicts.OfType<SignatureVerdict.Refused>().GroupBy(r => (r.Fingerprint, r.Problem))
            .Select(group => new RefusedSignature(group.Key.Fingerprint, group.Key.Problem, group.Count())).ToArray();
        var known = await db.Set<BatchSignature>().Where(s => s.TransactionId == version.Id).ToListAsync(cancellation);
        var fresh = verdicts.OfType<SignatureVerdict.Verified>()
            .DistinctBy(v => (v.InputIndex, v.PubKey)).Where(v => !known.Exists(k => k.InputIndex == v.InputIndex && k.PubKey.AsSpan().SequenceEqual(v.PubKey.ToBytes()))).ToArray();

        var stored = await StoreUploadAsync(version, bytes, treasurer, cancellation);
        var added = fresh.Select(v => new BatchSignature
        {
            TransactionId = version.Id, InputIndex = v.InputIndex, PubKey = v.PubKey.ToBytes(), Fingerprint = v.Fingerprint, Signature = v.Signature, UploadId = stored.Id,
        }).ToArray();
        db.AddRange(added);
        if (added.Length > 0 && batch.State == BatchState.Exported) batch.State = BatchState.PartlySigned;

        // Also where nothing is new: enough signatures may have come while the fee was not allowed, and it may be allowed now.
        var final = FinalTransaction.TryMake(ours, known.Concat(added));
        var dear = final is null ? null : await CheckFeeAsync(batch, version, final, cancellation);
        // A restored database may have lost the signatures of what was sent long ago.
        if (final is not null && dear is null) (version.FinalBytes, batch.State) = (final.ToBytes(), version.BroadcastAt is null ? BatchState.Signed : BatchState.Broadcast);
        // The same file once more changes nothing, however many bring it at once.
        if (added.Length > 0 || (final is not null && dear is null) || db.Entry(stored).State == EntityState.Added)
        {
            batch.Version++;
            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return null;
        }

        if (dear is not null) return new IntakeResult.FeeRefused(dear);
        if (added.Length > 0 || final is not null) return new IntakeResult.Accepted([.. fresh.Select(v => v.Fingerprint).Distinct()], refused, final is not null);
        return refused.Length > 0 && verdicts.Length == refused.Sum(r => r.Count) ? new IntakeResult.AllRefused(refused) : new IntakeResult.NothingNew();
    }

    // Byte for byte: an upload for anything but the very transaction that was built is not for this batch.
    private async Task<BatchTransaction?> FindVersionAsync(Batch batch, SignedUpload upload, CancellationToken cancellation)
    {
        var txid = upload.Unsigned.GetHash().ToString();
        var version = await db.Set<BatchTransaction>().SingleOrDefaultAsync(t => t.BatchId == batch.Id && t.Txid == txid, cancellation);
        if (version is null) return null;
        var ours = PSBT.Load(version.Psbt, wallet.Network).GetGlobalTransaction();
        return ours.ToBytes().AsSpan().SequenceEqual(upload.Unsigned.ToBytes()) ? version : null;
    }

    private async Task<IntakeResult> ElsewhereAsync(SignedUpload upload, CancellationToken cancellation)
    {
        var txid = upload.Unsigned.GetHash().ToString();
        var other = await (
            from transaction in db.Set<BatchTransaction>()
            where transaction.Txid == txid
            join batch in db.Set<Batch>() on transaction.BatchId equals batch.Id
            select new { batch.RoundNumber, batch.MoveNumber, batch.Number }).SingleOrDefaultAsync(cancellation);
        return other is null ? new IntakeResult.NotOurs() : new IntakeResult.OtherBatch(PaymentOrder.Of(other.RoundNumber, other.MoveNumber), other.Number);
    }

    private async Task<SignatureUpload> StoreUploadAsync(BatchTransaction version, byte[] bytes, Guid treasurer, CancellationToken cancellation)
    {
        var hash = SHA256.HashData(bytes);
        if (await db.Set<SignatureUpload>().SingleOrDefaultAsync(u => u.TransactionId == version.Id && u.Sha256 == hash, cancellation) is { } same) return same;
        var upload = new SignatureUpload { TransactionId = version.Id, Sha256 = hash, Bytes = bytes, UploadedBy = treasurer, UploadedAt = time.GetUtcNow() };
        db.Add(upload);
        return upload;
    }

    // Once more, now with the exact size: the rules may have become tighter since the batch was built.
    private async Task<FeeProblem?> CheckFeeAsync(Batch batch, BatchTransaction version, Transaction final, CancellationToken cancellation)
    {
        var (maxFee, maxRate) = batch.MoveNumber is { } number
            ? await db.Set<Move>().Where(m => m.Number == number).Select(m => new Ceiling(m.MaxFee, m.MaxFeeRate)).SingleAsync(cancellation)
            : await db.Set<Round>().Where(r => r.Number == batch.RoundNumber).Select(r => new Ceiling(r.MaxFee, r.MaxFeeRate)).SingleAsync(cancellation);
        var fees = new RoundFees(maxFee, VByteRate.PerVByte(maxRate), await db.FeesOfOthersAsync(batch.Order, batch.Id, cancellation));
        // The signed size may be one vbyte an input smaller than planned; that alone must not break the rate it was built with.
        var weight = Math.Max(version.Weight, (long)final.GetVirtualSize() * VByteRate.WeightPerVByte);
        return FeeRules.Check(version.Fee, weight, ApprovedPayments.Worth(version.Paid, version.InputSum, version.Fee), fees, options.Value);
    }

    // A tuple would be read as PostgreSQL's record, which its driver refuses.
    private sealed record Ceiling(Sats MaxFee, int MaxFeeRate);
}
