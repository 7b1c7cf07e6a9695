using System.Collections.Concurrent;
using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Brings transactions that only the public log remembers back into the tables, as building them would have written them. Where the bytes come from
/// does not matter: the announced id proves them. They are written again from the approved amounts, taken from a block, or brought by whoever kept
/// a copy. The log is told nothing: it said all of it before.
/// </summary>
public sealed partial class PaymentImport(MoneyDb db, TreasuryWallet wallet, PaymentLock payments, PaymentRewriting rewriting, ToldMoves moves, RoundRewriting rounds, ApprovedTexts texts, RivalSearch search, ILogger<PaymentImport> log)
{
    // Rounds that could not be written again, and from what: the same is not tried at every turn.
    private static readonly ConcurrentDictionary<string, string> InVain = new(StringComparer.Ordinal);

    private readonly SpendableCoins _coins = new(db, wallet);

    /// <summary>Imports what needs nobody: from blocks and from the approved amounts. Gives the number of transactions.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var imported = 0;
        var forgotten = await payments.ForgottenAsync(cancellation);
        await RewriteRoundsAsync(forgotten, cancellation);
        var isRead = forgotten.Count > 0 && !await db.Set<ToldFact>().AnyAsync(f => f.Type == ToldFact.ChainUnread, cancellation);
        foreach (var announced in forgotten)
        {
            var txid = announced.Name.Txid;
            var mined = await db.Set<TreasuryTransaction>().AsNoTracking().Where(t => t.Txid == txid).Select(t => t.Bytes).SingleOrDefaultAsync(cancellation);
            // What came back just now may have made a coin that the next one spends, and that the chain does not have any more.
            if (mined is null && isRead) await new VanishedCoins(db, wallet, search).AddAsync(announced.Inputs, [], cancellation);
            var unsigned = mined is null ? await rewriting.TryAsync(announced, cancellation) : Unsigned(Transaction.Load(mined, wallet.Network));
            if (unsigned is not null && await WriteAsync(announced, unsigned, mined, psbt: null, cancellation) is ImportResult.Imported) imported++;
            db.ChangeTracker.Clear();
        }

        return imported;
    }

    /// <summary>Takes a file that somebody kept: a PSBT, signed or not, a finished transaction, or what admins approved.</summary>
    public async Task<ImportResult> TakeAsync(byte[] bytes, CancellationToken cancellation)
    {
        if (bytes.Length <= SignedUpload.MaxLength && await texts.TakeAsync(bytes, cancellation) is { } approved) return approved;
        var (upload, problem) = SignedUpload.Read(bytes, wallet.Network);
        if (upload is null) return new ImportResult.Unreadable(problem!.Value);
        var txid = upload.Unsigned.GetHash().ToString();
        var announced = (await payments.ForgottenAsync(cancellation)).FirstOrDefault(f => f.Name.Txid == txid);
        var result = announced is null ? new ImportResult.NotAnnounced(txid) : await WriteAsync(announced, upload.Unsigned, mined: null, bytes, cancellation);
        // Also where somebody else brought the same copy at this moment.
        return result is ImportResult.NotAnnounced or ImportResult.ChangedMeanwhile && await db.Set<BatchTransaction>().AnyAsync(t => t.Txid == txid, cancellation) ? new ImportResult.Known() : result;
    }

    private async Task<ImportResult> WriteAsync(AnnouncedPayment announced, Transaction unsigned, byte[]? mined, byte[]? psbt, CancellationToken cancellation)
    {
        if (await ReadAsync(announced, unsigned, cancellation) is not { } batches) return new ImportResult.RoundMissing(announced.Name.Order);
        var found = await _coins.FindAsync([.. announced.Inputs], cancellation);
        if (found.Count < announced.Inputs.Count && psbt is not null)
        {
            await new VanishedCoins(db, wallet, search).AddAsync(announced.Inputs, CarriedBy(psbt), cancellation);
            found = await _coins.FindAsync([.. announced.Inputs], cancellation);
        }

        if (found.Count < announced.Inputs.Count) return new ImportResult.CoinsMissing(found.Count, announced.Inputs.Count);
        if (batches.FirstOrDefault(b => b.Number == announced.Name.Batch) is not { } planned || await OutputsAsync(announced, planned, unsigned, cancellation) is not (true, var change)) return new ImportResult.NotAsApproved(announced.Name.Order);

        var spent = await _coins.TakeAsync(found, cancellation);
        var script = change is null ? null : await DeriveAsync(change, cancellation);
        var ours = PayoutTransaction.ToPsbt(unsigned, spent, script, _coins.DescriptorsOf(spent), wallet.Network).ToBytes();
        // The very file that was announced is downloaded again; of any other copy only the transaction in it counts.
        var bytes = psbt is not null && Convert.ToHexStringLower(SHA256.HashData(psbt)) == announced.PsbtSha256 ? psbt : ours;
        var batch = await BatchAsync(announced, planned, cancellation);
        var (ofRound, ofMove) = (announced.Name.Order.RoundNumber, announced.Name.Order.MoveNumber);
        var sent = await db.Set<LedgerEntry>().Where(e => e.RoundNumber == ofRound && e.MoveNumber == ofMove && e.Type == "tx.broadcast").Select(e => e.Bytes).ToListAsync(cancellation);
        db.Add(new BatchTransaction
        {
            BatchId = batch.Id, Number = announced.Name.Version, Txid = announced.Name.Txid, BuiltBy = Guid.Empty, BuiltAt = announced.At, Psbt = bytes, PsbtSha256 = announced.PsbtSha256,
            InputSum = announced.InputSum, Paid = announced.Paid, Fee = announced.Fee, Weight = WeightOf(planned, found, script), ChangeAddressId = change?.Id, Announcement = db.Attach(announced.Entry).Entity,
            // Without a signature it came from a copy that carried it, not from a block.
            FinalBytes = mined is not null && Transaction.Load(mined, wallet.Network).HasWitness ? mined : null,
            BroadcastAt = sent.Select(entry => CanonicalObject.Parse(entry)).Where(e => e.Text("txid") == announced.Name.Txid).Select(e => (DateTimeOffset?)ToldPayments.TimeOf(e)).FirstOrDefault(),
        });
        var known = await db.Set<BatchInput>().Where(i => i.BatchId == batch.Id).Select(i => i.CoinId).ToListAsync(cancellation);
        db.AddRange(found.Select(coin => coin.Id).Except(known).Select(id => new BatchInput { BatchId = batch.Id, CoinId = id }));
        if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return new ImportResult.ChangedMeanwhile();
        LogImported(announced.Name.Txid, announced.Name.Order, announced.Name.Batch, mined is not null ? "a block" : psbt is not null ? "a kept copy" : "the approved amounts");
        return new ImportResult.Imported(announced.Name.Txid, announced.Name.Order, announced.Name.Batch);
    }

    // Where the backup is younger than the freeze, all that admins approved follows from the tables and the log.
    private async Task RewriteRoundsAsync(IEnumerable<AnnouncedPayment> forgotten, CancellationToken cancellation)
    {
        foreach (var number in forgotten.Select(f => f.Name.Order.RoundNumber).OfType<int>().Distinct().Order())
        {
            var order = PaymentOrder.Round(number);
            if (await AnnouncedOrder.ReadAsync(db, order, wallet, cancellation) is not null) continue;
            var key = $"{number} {await AnnouncedOrder.ApprovedManifestAsync(db, order, cancellation)}";
            var from = $"{await db.Set<Grant>().CountAsync(cancellation)} {await db.Set<TreasuryDescriptor>().CountAsync(cancellation)}";
            if (InVain.GetValueOrDefault(key) == from) continue;
            if (!await rounds.TryAsync(number, manifest: null, payouts: null, cancellation)) InVain[key] = from;
            db.ChangeTracker.Clear();
        }
    }

    // A forgotten move is written again where the transaction itself says to which addresses its bills went.
    private async Task<IReadOnlyList<PlannedBatch>?> ReadAsync(AnnouncedPayment announced, Transaction unsigned, CancellationToken cancellation)
    {
        var order = announced.Name.Order;
        if (await AnnouncedOrder.ReadAsync(db, order, wallet, cancellation) is { } approved) return approved;
        if (order.MoveNumber is not { } number) return null;
        var outputs = unsigned.Outputs.Select(output => new PaidOutput(output.Value.ToSats(), output.ScriptPubKey.GetDestinationAddress(wallet.Network)?.ToString() ?? "")).ToArray();
        if (!await moves.TryRewriteAsync(number, proposed => MoveRewriting.FromOutputs(proposed, wallet.LedgerNetwork, outputs), cancellation)) return null;
        if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return null;
        return await AnnouncedOrder.ReadAsync(db, order, wallet, cancellation);
    }

    // Everything but change and commitment is what the admins approved for this batch; change is ours.
    private async Task<(bool Fits, TreasuryAddress? Change)> OutputsAsync(AnnouncedPayment announced, PlannedBatch planned, Transaction unsigned, CancellationToken cancellation)
    {
        if (!unsigned.Inputs.Select(input => input.PrevOut).ToHashSet().SetEquals(announced.Inputs)) return (false, null);
        var rest = unsigned.Outputs.Where(output => TxNullDataTemplate.Instance.ExtractScriptPubKeyParameters(output.ScriptPubKey) is null).ToList();
        foreach (var payment in planned.Payments)
        {
            var index = rest.FindIndex(output => output.ScriptPubKey == payment.Script && output.Value.ToSats() == payment.Amount);
            if (index < 0) return (false, null);
            rest.RemoveAt(index);
        }

        if (rest.Count == 0) return (announced.Change == Sats.Zero, null);
        var script = rest[0].ScriptPubKey.ToBytes();
        var address = await db.Set<TreasuryAddress>().AsNoTracking().SingleOrDefaultAsync(a => a.Script == script, cancellation);
        return (rest.Count == 1 && address is not null && rest[0].Value.ToSats() == announced.Change, address);
    }

    private async Task<DerivedScript> DeriveAsync(TreasuryAddress address, CancellationToken cancellation) =>
        wallet.Open(await db.Set<TreasuryDescriptor>().AsNoTracking().SingleAsync(d => d.Id == address.DescriptorId, cancellation)).Descriptor.Derive(address.Branch, (uint)address.Index);

    private async Task<Batch> BatchAsync(AnnouncedPayment announced, PlannedBatch planned, CancellationToken cancellation)
    {
        var (order, number) = (announced.Name.Order, announced.Name.Batch);
        await BeginAsync(order, cancellation);
        var (round, move) = (order.RoundNumber, order.MoveNumber);
        var batch = await db.Set<Batch>().SingleOrDefaultAsync(b => b.RoundNumber == round && b.MoveNumber == move && b.Number == number, cancellation);
        if (batch is null)
        {
            db.Add(batch = new Batch { RoundNumber = round, MoveNumber = move, Number = number, CheckpointSize = announced.CheckpointSize });
            // A move's bills need no rows of their own: it pays them in one transaction.
            var owed = round is null ? [] : planned.Payments;
            db.AddRange(owed.Select(p => new Payout { Id = p.PayoutId, RoundNumber = round!.Value, Token = p.Token, Amount = p.Amount, Script = p.Script.ToBytes() }));
            db.AddRange(owed.Select(p => new BatchPayment { BatchId = batch.Id, PayoutId = p.PayoutId }));
        }

        // It was announced to be downloaded, and it must be taken for granted that it was.
        batch.ExportedAt ??= announced.At;
        if (Batch.Waiting.Contains(batch.State) && !await db.Set<BatchTransaction>().AnyAsync(t => t.BatchId == batch.Id && t.Number > announced.Name.Version, cancellation)) batch.State = BatchState.Exported;
        batch.Version++;
        return batch;
    }

    // It was built once, so that it cannot be stepped back any more.
    private async Task BeginAsync(PaymentOrder order, CancellationToken cancellation)
    {
        if (order.MoveNumber is { } number)
        {
            var move = await db.Set<Move>().SingleAsync(m => m.Number == number, cancellation);
            if (move.State is MoveState.Proposed or MoveState.Approved) (move.State, move.ApprovedAt) = (MoveState.Built, move.ApprovedAt ?? move.ProposedAt);
            move.Version++;
            return;
        }

        var round = await db.Set<Round>().SingleAsync(r => r.Number == order.Number, cancellation);
        if (round.State == RoundState.Approved) round.State = RoundState.Building;
        round.Version++;
    }

    private static int WeightOf(PlannedBatch planned, IReadOnlyList<SelectableCoin> coins, DerivedScript? change)
    {
        var weight = PayoutTransaction.FixedWeight(planned.Payments) + coins.Sum(coin => coin.Weight) + (coins.Count >= 253 ? 8 : 0);
        return change is null ? weight : weight + PayoutTransaction.OutputWeight(change.ScriptPubKey);
    }

    // A PSBT carries the whole previous transaction of every coin.
    private Transaction[] CarriedBy(byte[] upload) => SignedUpload.Read(upload, wallet.Network).Upload is { } read ? [.. read.Previous] : [];

    private static Transaction Unsigned(Transaction signed)
    {
        var unsigned = signed.Clone();
        unsigned.RemoveSignatures();
        return unsigned;
    }

    [LoggerMessage(1, LogLevel.Warning, "The announced transaction {Txid} ({Order}, batch {Number}), which this database had forgotten, was brought back from {Source}")]
    private partial void LogImported(string txid, PaymentOrder order, int number, string source);
}

/// <summary>How bringing a forgotten transaction back can end.</summary>
public abstract record ImportResult
{
    private ImportResult()
    {
    }

    /// <summary>It is in the tables again.</summary>
    public sealed record Imported(string Txid, PaymentOrder Order, int Batch) : ImportResult;

    /// <summary>What admins approved is in the tables again; its payments follow by themselves.</summary>
    public sealed record OrderBack(PaymentOrder Order) : ImportResult;

    /// <summary>It is not what the log says was approved and built, or something of it is missing.</summary>
    public sealed record NotTold : ImportResult;

    /// <summary>The tables know it already.</summary>
    public sealed record Known : ImportResult;

    /// <summary>The file is nothing that a wallet gives.</summary>
    public sealed record Unreadable(UploadProblem Problem) : ImportResult;

    /// <summary>The log announced no such transaction.</summary>
    public sealed record NotAnnounced(string Txid) : ImportResult;

    /// <summary>What the admins approved of its round is not in the tables.</summary>
    public sealed record RoundMissing(PaymentOrder Order) : ImportResult;

    /// <summary>Coins of it were not seen yet: the chain has to be read first.</summary>
    public sealed record CoinsMissing(int Seen, int All) : ImportResult;

    /// <summary>It does not pay what the tables say was approved.</summary>
    public sealed record NotAsApproved(PaymentOrder Order) : ImportResult;

    /// <summary>Somebody else brought it back at this moment; look again.</summary>
    public sealed record ChangedMeanwhile : ImportResult;
}
