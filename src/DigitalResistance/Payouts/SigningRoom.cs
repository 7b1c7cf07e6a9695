using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>What treasurers compare with their devices before and while they sign.</summary>
public sealed class SigningRoom(MoneyDb db, TreasuryWallet wallet)
{
    /// <summary>A batch as signers see it; null where there is none.</summary>
    public async Task<SigningView?> FindAsync(Guid batchId, CancellationToken cancellation)
    {
        if (await db.Set<Batch>().AsNoTracking().SingleOrDefaultAsync(b => b.Id == batchId, cancellation) is not { } batch) return null;
        var version = await db.Set<BatchTransaction>().AsNoTracking().Where(t => t.BatchId == batchId).OrderByDescending(t => t.Number).FirstAsync(cancellation);
        var psbt = PSBT.Load(version.Psbt, wallet.Network);
        var signed = await db.Set<BatchSignature>().Where(s => s.TransactionId == version.Id).GroupBy(s => s.Fingerprint)
            .Select(g => new { Fingerprint = g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Fingerprint, g => g.Count, cancellation);
        var signers = psbt.Inputs
            .SelectMany(i => i.HDKeyPaths.Values.Concat(i.HDTaprootKeyPaths.Values.Select(p => p.RootedKeyPath)))
            .GroupBy(p => p.MasterFingerprint.ToString(), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new SignerProgress(g.Key, AccountOf(g.First().KeyPath), signed.GetValueOrDefault(g.Key), psbt.Inputs.Count)).ToArray();
        var lines = await PaymentsAsync(batch, cancellation);
        var change = await ChangeAsync(version, psbt, cancellation);
        return new SigningView(
            batch, version, await VersionsAsync(batchId, cancellation), VByteRate.Of(version.Fee, version.Weight), await ThresholdAsync(batchId, cancellation), psbt.Inputs.Count,
            lines, change, OutputsOf(psbt, lines, change), signers);
    }

    // Without branch and index, which differ from coin to coin.
    private static string AccountOf(KeyPath path) =>
        string.Join('/', path.Indexes.SkipLast(2).Select(index => index >= DescriptorKey.Hardened ? $"{index - DescriptorKey.Hardened}h" : $"{index}").Prepend("m"));

    private async Task<IReadOnlyList<PaymentLine>> PaymentsAsync(Batch batch, CancellationToken cancellation)
    {
        if (batch.MoveNumber is { } move)
        {
            var costs = await db.Set<MoveCost>().AsNoTracking().Where(c => c.MoveNumber == move).OrderBy(c => c.Line).ToListAsync(cancellation);
            return costs.ConvertAll(c => new PaymentLine(Words.Snake(c.Purpose), c.Amount, c.Address));
        }

        var payouts = await (
            from place in db.Set<BatchPayment>()
            where place.BatchId == batch.Id
            join payout in db.Set<Payout>() on place.PayoutId equals payout.Id
            orderby payout.Token
            select new { payout.Token, payout.Amount, payout.Script }).ToListAsync(cancellation);
        return payouts.ConvertAll(p => new PaymentLine(p.Token, p.Amount, AddressOf(new Script(p.Script))));
    }

    // Of the keys that its coins were paid to: they may be older than those in force.
    private async Task<int> ThresholdAsync(Guid batchId, CancellationToken cancellation)
    {
        var spent = await (
            from input in db.Set<BatchInput>()
            where input.BatchId == batchId
            join coin in db.Set<TreasuryCoin>() on input.CoinId equals coin.Id
            join address in db.Set<TreasuryAddress>() on coin.AddressId equals address.Id
            join descriptor in db.Set<TreasuryDescriptor>() on address.DescriptorId equals descriptor.Id
            orderby descriptor.Id descending
            select descriptor).AsNoTracking().FirstOrDefaultAsync(cancellation);
        return spent is null ? 0 : wallet.Open(spent).Descriptor.Threshold;
    }

    // In the order in which a device shows them. What is neither a payment, nor change proven ours, nor the commitment, is told as unknown.
    private List<OutputLine> OutputsOf(PSBT psbt, IEnumerable<PaymentLine> payments, ChangeLine? change)
    {
        var open = payments.ToList();
        return [.. psbt.GetGlobalTransaction().Outputs.Select((output, i) =>
        {
            var amount = output.Value.ToSats();
            if (TxNullDataTemplate.Instance.ExtractScriptPubKeyParameters(output.ScriptPubKey) is { } data) return new OutputLine(i + 1, OutputKind.Commitment, Convert.ToHexStringLower(data[0]), amount, null);
            var address = AddressOf(output.ScriptPubKey);
            if (open.Find(p => p.Amount == amount && p.Address == address) is { } payment)
            {
                // Two payments may be alike; each has an output of its own.
                open.Remove(payment);
                return new OutputLine(i + 1, OutputKind.Payment, address, amount, payment.Token);
            }

            return change is { IsProven: true } && change.Address == address && change.Amount == amount
                ? new OutputLine(i + 1, OutputKind.Change, address, amount, change.Path) : new OutputLine(i + 1, OutputKind.Unknown, address, amount, null);
        })];
    }

    // A script without an address can only be one that this program did not write: it is shown as it is.
    private string AddressOf(Script script) => script.GetDestinationAddress(wallet.Network)?.ToString() ?? script.ToHex();

    private async Task<IReadOnlyList<VersionLine>> VersionsAsync(Guid batchId, CancellationToken cancellation)
    {
        var versions = await (
            from version in db.Set<BatchTransaction>()
            where version.BatchId == batchId
            orderby version.Number
            select new
            {
                version.Number, version.Txid, version.Fee, version.Weight, version.BroadcastAt, IsComplete = version.FinalBytes != null,
                IsInBlock = db.Set<TreasuryTransaction>().Any(t => t.Txid == version.Txid && t.Height != null),
            }).ToListAsync(cancellation);
        return [.. versions.Select(v => new VersionLine(
            v.Number, v.Txid, v.Fee, VByteRate.Of(v.Fee, v.Weight),
            v.IsInBlock ? VersionStanding.InBlock : v.BroadcastAt is not null ? VersionStanding.Sent : v.IsComplete ? VersionStanding.Complete : VersionStanding.Signing))];
    }

    // Derived again from the descriptor and compared with the transaction itself: what is shown as ours is ours.
    private async Task<ChangeLine?> ChangeAsync(BatchTransaction version, PSBT psbt, CancellationToken cancellation)
    {
        if (version.ChangeAddressId is not { } id) return null;
        var address = await db.Set<TreasuryAddress>().SingleAsync(a => a.Id == id, cancellation);
        var descriptor = wallet.Open(await db.Set<TreasuryDescriptor>().SingleAsync(d => d.Id == address.DescriptorId, cancellation)).Descriptor;
        var script = descriptor.Derive(address.Branch, (uint)address.Index).ScriptPubKey;
        var proven = psbt.Outputs.Any(output => output.ScriptPubKey == script && output.Value.ToSats() == version.Change);
        return new ChangeLine(version.Change, script.GetDestinationAddress(wallet.Network)!.ToString(), $"1/{address.Index}", proven);
    }
}

/// <summary>A batch as signers see it.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Version">Its newest transaction.</param>
/// <param name="Versions">All of them, oldest first.</param>
/// <param name="Rate">The fee rate it means.</param>
/// <param name="Threshold">Signatures that each coin needs.</param>
/// <param name="Inputs">Coins it spends.</param>
/// <param name="Payments">Who gets what, by token.</param>
/// <param name="Change">What comes back; null where nothing does.</param>
/// <param name="Outputs">Every output of the transaction, in its order.</param>
/// <param name="Signers">Who has signed how much.</param>
public sealed record SigningView(
    Batch Batch, BatchTransaction Version, IReadOnlyList<VersionLine> Versions, VByteRate Rate, int Threshold, int Inputs, IReadOnlyList<PaymentLine> Payments, ChangeLine? Change,
    IReadOnlyList<OutputLine> Outputs, IReadOnlyList<SignerProgress> Signers)
{
    /// <summary>Whose signatures are still expected, each by fingerprint and path.</summary>
    public string Expected => string.Join(", ", Signers.Where(s => s.Signed < s.Inputs).Select(s => $"{s.Fingerprint} ({s.Path})"));
}

/// <summary>One version of a batch's transaction.</summary>
public sealed record VersionLine(int Number, string Txid, Sats Fee, VByteRate Rate, VersionStanding Standing);

/// <summary>How far a version came.</summary>
public enum VersionStanding
{
    /// <summary>Signatures are missing.</summary>
    Signing,

    /// <summary>All signatures are there.</summary>
    Complete,

    /// <summary>It was handed to the network.</summary>
    Sent,

    /// <summary>It is in a block of the best chain.</summary>
    InBlock,
}

/// <summary>One payment.</summary>
public sealed record PaymentLine(string Token, Sats Amount, string Address);

/// <summary>What comes back to the treasury, and whether deriving it again proves that it does.</summary>
public sealed record ChangeLine(Sats Amount, string Address, string Path, bool IsProven);

/// <summary>One output as a device shows it.</summary>
/// <param name="Number">1, 2, 3 … in the transaction.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Destination">Its address; the committed 32 bytes in hex for a commitment.</param>
/// <param name="Amount">What it holds.</param>
/// <param name="Note">The recipient's token, or the path of change; null for others.</param>
public sealed record OutputLine(int Number, OutputKind Kind, string Destination, Sats Amount, string? Note);

/// <summary>What an output is for.</summary>
public enum OutputKind
{
    /// <summary>A recipient's payment.</summary>
    Payment,

    /// <summary>Back to the treasury, proven by derivation.</summary>
    Change,

    /// <summary>OP_RETURN with the commitment to the approvals.</summary>
    Commitment,

    /// <summary>None of these: it must not be signed.</summary>
    Unknown,
}

/// <summary>How many of the inputs a signer has verified signatures for.</summary>
/// <param name="Fingerprint">Of the signer's master key.</param>
/// <param name="Path">The path of the key from there, as <c>m/48h/0h/0h/2h</c>.</param>
/// <param name="Signed">Inputs with a verified signature.</param>
/// <param name="Inputs">All inputs.</param>
public sealed record SignerProgress(string Fingerprint, string Path, int Signed, int Inputs);
