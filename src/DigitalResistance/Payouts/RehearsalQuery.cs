using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>
/// What is known of the treasury's keys: which of them have signed a payment of this treasury that is confirmed. A payout proves as much as a rehearsal; and what the log says
/// of a rehearsal stands where a restored database forgot it.
/// </summary>
public sealed class RehearsalQuery(MoneyDb db, TreasuryWallet wallet, FeeRates rates, IOptions<MoveOptions> moves, IOptions<PayoutOptions> payouts)
{
    private static readonly BatchState[] Booked = [BatchState.Confirmed, BatchState.Final];

    /// <summary>Everything a treasurer is shown; null where there is no treasury.</summary>
    public async Task<RehearsalView?> FindAsync(CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return null;
        var open = await OpenAsync(treasury, cancellation);
        var batch = open is null ? null : await db.Set<Batch>().AsNoTracking().SingleOrDefaultAsync(b => b.MoveNumber == open.Number, cancellation);
        return new RehearsalView(
            treasury, await AddressAsync(treasury, cancellation), await ComingAsync(treasury, cancellation), await HasCoinAsync(treasury, cancellation), open, batch, await KeysAsync(treasury, cancellation), await ProofsAsync(treasury, cancellation),
            await IsDoneAsync(treasury, cancellation));
    }

    /// <summary>Whether as many keys as must sign have signed a transaction of the treasury in force, and the chain holds it. No where there is no treasury.</summary>
    public async Task<bool> IsDoneAsync(CancellationToken cancellation) => await wallet.FindAsync(cancellation) is { } treasury && await IsDoneAsync(treasury, cancellation);

    /// <summary>
    /// The least that somebody should pay for a rehearsal: so much that its fee, at the present rate or the usual one, is no larger a part of it than payments may cost.
    /// </summary>
    public async Task<Sats> LeastDepositAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        const int round = 10_000;
        // Twice, so that the rate may rise while people are at work, but never more than a rehearsal may cost.
        var least = LeastFor(Math.Min(2 * await FeeAsync(treasury, cancellation), moves.Value.MaxRehearsalFeeSat));
        return new Sats((least / round + 1) * round);
    }

    /// <summary>Whether a coin of the treasury in force is large enough for the fee of a rehearsal at the present rate.</summary>
    public async Task<bool> BearsFeeAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var amounts = await Spendable(treasury).Select(c => c.Amount).ToListAsync(cancellation);
        return amounts.Count > 0 && amounts.Max(a => a.Value) >= LeastFor(await FeeAsync(treasury, cancellation));
    }

    // A fee is no larger a part of what is kept than payments may cost.
    private long LeastFor(long fee) => (fee * 1_000_000 / payouts.Value.MaxFeeSharePpm) + fee;

    private async Task<long> FeeAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var weight = PayoutTransaction.FixedWeight([]) + PayoutTransaction.ChangeOf(treasury.Descriptor).OutputWeight + treasury.Descriptor.InputWeight();
        VByteRate rate;
        try
        {
            rate = await rates.ChooseAsync(6, payouts.Value.MaxFeeRateSatPerVByte, cancellation);
        }
        catch (ChainUnavailableException)
        {
            rate = VByteRate.PerVByte(payouts.Value.LongTermFeeRateSatPerVByte);
        }

        return rate.FeeFor(weight).Value;
    }

    internal async Task<bool> IsDoneAsync(AdoptedTreasury treasury, CancellationToken cancellation) =>
        await OfTreasury(treasury).AnyAsync(b => Booked.Contains(b.State), cancellation) || (await ToldAsync(treasury, cancellation)).Count > 0;

    internal async Task<string?> AddressAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var index = await (
            from deposit in db.Set<RehearsalDeposit>()
            where deposit.DescriptorId == treasury.Id
            join address in db.Set<TreasuryAddress>() on deposit.AddressId equals address.Id
            select (int?)address.Index).SingleOrDefaultAsync(cancellation);
        return index is { } i ? treasury.Descriptor.Derive(Branch.Receive, (uint)i).ScriptPubKey.GetDestinationAddress(wallet.Network)!.ToString() : null;
    }

    internal Task<Move?> OpenAsync(AdoptedTreasury treasury, CancellationToken cancellation) => db.Set<Move>().AsNoTracking()
        .SingleOrDefaultAsync(m => m.Kind == MoveKind.Rehearsal && m.TargetSha256 == treasury.Descriptor.Sha256 && (m.State == MoveState.Approved || m.State == MoveState.Built), cancellation);

    internal Task<bool> HasCoinAsync(AdoptedTreasury treasury, CancellationToken cancellation) => Spendable(treasury).AnyAsync(cancellation);

    private IQueryable<TreasuryCoin> Spendable(AdoptedTreasury treasury) => OfAddresses(treasury).Where(c => c.IsBooked && c.Height != null && c.SpentHeight == null);

    private IQueryable<TreasuryCoin> OfAddresses(AdoptedTreasury treasury) =>
        db.Set<TreasuryCoin>().Where(c => db.Set<TreasuryAddress>().Any(a => a.Id == c.AddressId && a.DescriptorId == treasury.Id));

    private async Task<Sats> ComingAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var amounts = await OfAddresses(treasury).Where(c => !c.IsBooked && c.Height != null && c.SpentHeight == null).Select(c => c.Amount).ToListAsync(cancellation);
        return new Sats(amounts.Sum(a => a.Value));
    }

    internal async Task<IReadOnlyList<KeyProof>> KeysAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var signed = (await ProofsAsync(treasury, cancellation)).SelectMany(p => p.Fingerprints).ToHashSet(StringComparer.Ordinal);
        return [.. treasury.Descriptor.Keys.Select(k => new KeyProof(k.Origin.MasterFingerprint.ToString(), k.PathText, signed.Contains(k.Origin.MasterFingerprint.ToString())))];
    }

    private async Task<IReadOnlyList<SignersProof>> ProofsAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var seen = await (
            from batch in OfTreasury(treasury)
            where Booked.Contains(batch.State)
            join version in db.Set<BatchTransaction>() on batch.BookedTxid equals version.Txid
            join signature in db.Set<BatchSignature>() on version.Id equals signature.TransactionId
            select new { version.Txid, signature.Fingerprint }).Distinct().ToListAsync(cancellation);
        var told = (await ToldAsync(treasury, cancellation)).Select(e => new SignersProof(e.Text("txid"), [.. e.Texts("fingerprints")]));
        return [.. seen.GroupBy(s => s.Txid).Select(g => new SignersProof(g.Key, [.. g.Select(s => s.Fingerprint).Order(StringComparer.Ordinal)])).Concat(told).DistinctBy(p => p.Txid)];
    }

    private IQueryable<Batch> OfTreasury(AdoptedTreasury treasury) => db.Set<Batch>().Where(b => (
        from input in db.Set<BatchInput>()
        join coin in db.Set<TreasuryCoin>() on input.CoinId equals coin.Id
        join address in db.Set<TreasuryAddress>() on coin.AddressId equals address.Id
        where input.BatchId == b.Id && address.DescriptorId == treasury.Id
        select input.Id).Any());

    private async Task<List<CanonicalObject>> ToldAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var entries = await db.Set<LedgerEntry>().Where(e => e.Type == "treasury.rehearsed").Select(e => e.Bytes).ToListAsync(cancellation);
        return [.. entries.Select(bytes => CanonicalObject.Parse(bytes)).Where(e => e.Text("descriptor_hash") == $"sha256:{treasury.Descriptor.Sha256}")];
    }
}

/// <summary>A treasury's rehearsals.</summary>
/// <param name="Treasury">The treasury in force.</param>
/// <param name="Address">Where the deposit goes; null before it was asked for.</param>
/// <param name="Coming">What the chain shows and is not deep enough yet.</param>
/// <param name="HasCoin">Whether a confirmed coin is there.</param>
/// <param name="Open">The rehearsal that goes on; null where none does.</param>
/// <param name="Batch">Its transaction; null before it is built.</param>
/// <param name="Keys">The treasury's keys, in order.</param>
/// <param name="Proofs">Confirmed transactions that were signed with them.</param>
/// <param name="IsDone">Whether as many as must sign have done so, and the chain shows it.</param>
public sealed record RehearsalView(AdoptedTreasury Treasury, string? Address, Sats Coming, bool HasCoin, Move? Open, Batch? Batch, IReadOnlyList<KeyProof> Keys, IReadOnlyList<SignersProof> Proofs, bool IsDone)
{
    /// <summary>A set of signers for the next transaction: the keys that never signed, and as many others as are needed.</summary>
    public IReadOnlyList<KeyProof> Next => [.. Keys.OrderBy(k => k.HasSigned).Take(Treasury.Descriptor.Threshold)];
}

/// <summary>A key of the treasury, and whether it was seen to sign.</summary>
public sealed record KeyProof(string Fingerprint, string Path, bool HasSigned);

/// <summary>A confirmed transaction, and who signed it.</summary>
public sealed record SignersProof(string Txid, IReadOnlyList<string> Fingerprints);
