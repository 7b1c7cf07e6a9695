using System.Runtime.CompilerServices;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Writes the transaction of a batch and the PSBT around it. Pure. Inputs and outputs stand in
/// <see href="https://github.com/bitcoin/bips/blob/master/bip-0069.mediawiki">BIP-69</see> order, so that anybody who knows the coins and
/// the payments can recompute every byte of it.
/// </summary>
internal static class PayoutTransaction
{
    private const int CommitmentLength = 32;

    /// <summary>Weight of everything but inputs and change, signatures' marker included.</summary>
    public static int FixedWeight(IReadOnlyCollection<PlannedPayment> payments)
    {
        // Version, lock time, number of inputs, number of outputs (with change and commitment), then the outputs themselves.
        var bytes = 4 + 4 + 1 + CompactSize(payments.Count + 2) + payments.Sum(payment => OutputSize(payment.Script.Length)) + OutputSize(CommitmentLength + 2);
        return (bytes * VByteRate.WeightPerVByte) + 2;
    }

    // A derivation is a third of a millisecond, and every transaction of a round has the same change.
    private static readonly ConditionalWeakTable<Descriptor, ChangeShape> Changes = [];

    /// <summary>The change output that a treasury would make.</summary>
    public static ChangeShape ChangeOf(Descriptor descriptor) => Changes.GetValue(descriptor, static of =>
    {
        var script = of.Derive(Branch.Change, 0).ScriptPubKey;
        return new ChangeShape(OutputWeight(script), of.InputWeight(), new TxOut(Money.Zero, script).GetDustThreshold().ToSats());
    });

    /// <summary>The unsigned transaction.</summary>
    public static Transaction Create(
        IEnumerable<SpentCoin> coins, IEnumerable<PlannedPayment> payments, (Sats Amount, DerivedScript Script)? change, byte[] commitment, Network network)
    {
        var transaction = Transaction.Create(network);
        transaction.Version = 2;
        // BIP-69 compares ids as they are printed.
        foreach (var coin in coins.OrderBy(coin => coin.Txid, StringComparer.Ordinal).ThenBy(coin => coin.Vout))
        {
            transaction.Inputs.Add(new TxIn(coin.Outpoint) { Sequence = Sequence.OptInRBF });
        }

        var outputs = payments.Select(payment => new TxOut(payment.Amount.ToMoney(), payment.Script))
            .Append(new TxOut(Money.Zero, TxNullDataTemplate.Instance.GenerateScriptPubKey(commitment)));
        if (change is { } back) outputs = outputs.Append(new TxOut(back.Amount.ToMoney(), back.Script.ScriptPubKey));
        foreach (var output in outputs.OrderBy(o => o.Value.Satoshi).ThenBy(o => o.ScriptPubKey.ToHex(), StringComparer.Ordinal)) transaction.Outputs.Add(output);
        return transaction;
    }

    /// <summary>
    /// The PSBT (version 0, <see href="https://github.com/bitcoin/bips/blob/master/bip-0174.mediawiki">BIP-174</see>) with everything that
    /// signers need: whole previous transactions, witness scripts, the path of every key, and the path of change, so that a device
    /// recognises it as its own.
    /// </summary>
    public static PSBT ToPsbt(Transaction unsigned, IReadOnlyCollection<SpentCoin> coins, DerivedScript? change, IEnumerable<Descriptor> descriptors, Network network)
    {
        var psbt = PSBT.FromTransaction(unsigned, network);
        // Devices refuse, or warn about, inputs whose whole previous transaction is missing.
        psbt.Settings.AutomaticUTXOTrimming = false;
        var byOutpoint = coins.ToDictionary(coin => coin.Outpoint);
        var previous = coins.GroupBy(coin => coin.Txid).ToDictionary(group => group.Key, group => Transaction.Load(group.First().PreviousTransaction, network));
        foreach (var input in psbt.Inputs)
        {
            var coin = byOutpoint[input.PrevOut];
            input.NonWitnessUtxo = previous[coin.Txid];
            input.WitnessUtxo = coin.Output;
            Describe(input, coin.Script);
        }

        foreach (var output in psbt.Outputs.Where(output => change is not null && output.ScriptPubKey == change.ScriptPubKey))
        {
            Describe(output, change!);
        }

        foreach (var key in descriptors.SelectMany(descriptor => descriptor.Keys)) psbt.GlobalXPubs[key.Key] = key.Origin;
        return psbt;
    }

    private static void Describe(PSBTCoin coin, DerivedScript script)
    {
        if (script.IsTaproot)
        {
            // BIP-371: the internal key, not the output key, is what a device can derive.
            var (key, path) = script.Keys[0];
            coin.TaprootInternalKey = key.TaprootInternalKey;
            coin.HDTaprootKeyPaths[key.TaprootInternalKey.AsTaprootPubKey()] = new TaprootKeyPath(path);
            return;
        }

        coin.WitnessScript = script.WitnessScript;
        foreach (var (key, path) in script.Keys) coin.AddKeyPath(key, path);
    }

    /// <summary>Weight of one output.</summary>
    public static int OutputWeight(Script script) => OutputSize(script.Length) * VByteRate.WeightPerVByte;

    private static int OutputSize(int scriptLength) => 8 + CompactSize(scriptLength) + scriptLength;

    private static int CompactSize(int value) => value < 0xfd ? 1 : value <= 0xffff ? 3 : 5;
}

/// <summary>A coin of the treasury that a transaction spends.</summary>
/// <param name="CoinId">Its row.</param>
/// <param name="Txid">The transaction that made it.</param>
/// <param name="Vout">Its output there.</param>
/// <param name="Amount">What it holds.</param>
/// <param name="Script">Its script with keys and paths.</param>
/// <param name="PreviousTransaction">The whole transaction that made it.</param>
internal sealed record SpentCoin(long CoinId, string Txid, int Vout, Sats Amount, DerivedScript Script, byte[] PreviousTransaction)
{
    public OutPoint Outpoint { get; } = new(uint256.Parse(Txid), Vout);

    public TxOut Output { get; } = new(Amount.ToMoney(), Script.ScriptPubKey);
}
