using System.Diagnostics.CodeAnalysis;
using NBitcoin.Crypto;
using NBitcoin.DataEncoders;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>A transaction (https://github.com/bitcoin/bips/blob/master/bip-0144.mediawiki).</summary>
public partial class Transaction
{
    private const int WitnessScale = 4;

    /// <summary>Without inputs and outputs.</summary>
    internal Transaction()
    {
        Inputs = new TxInList(this);
        Outputs = new TxOutList(this);
    }

    /// <summary>Its version; from 2 on, relative locks count (BIP-68).</summary>
    public uint Version { get; set; } = 1;

    /// <summary>From when on it may be mined.</summary>
    public LockTime LockTime { get; set; }

    /// <summary>What it spends.</summary>
    public TxInList Inputs { get; }

    /// <summary>What it pays.</summary>
    public TxOutList Outputs { get; }

    /// <summary>True when it may be replaced.</summary>
    public bool RBF => Version >= 3 || Inputs.Any(i => i.Sequence.IsRBF);

    /// <summary>True when any input has a witness.</summary>
    public bool HasWitness => Inputs.Any(i => !WitScript.IsNullOrEmpty(i.WitScript));

    /// <summary>True for the transaction that pays a block's miner.</summary>
    public bool IsCoinBase => Inputs.Count == 1 && Inputs[0].PrevOut.IsNull;

    /// <summary>What all outputs pay together.</summary>
    public Money TotalOut => Outputs.Select(o => o.Value).Sum();

    /// <summary>Without inputs and outputs.</summary>
    public static Transaction Create(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new Transaction();
    }

    /// <summary>Reads hexadecimal digits.</summary>
    public static Transaction Parse(string hex, Network network)
    {
        ArgumentNullException.ThrowIfNull(hex);
        return Load(Encoders.Hex.DecodeData(hex), network);
    }

    /// <summary>Reads hexadecimal digits, or says that it cannot.</summary>
    public static bool TryParse(string hex, Network network, [MaybeNullWhen(false)] out Transaction transaction)
    {
        ArgumentNullException.ThrowIfNull(hex);
        try
        {
            transaction = Parse(hex, network);
            return true;
        }
        catch (FormatException)
        {
            transaction = null;
            return false;
        }
    }

    /// <summary>Reads its wire encoding, with or without witness; nothing may follow.</summary>
    public static Transaction Load(byte[] bytes, Network network)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(network);
        var reader = new WireReader(bytes, "transaction");
        var transaction = Read(ref reader);
        reader.ExpectEnd();
        return transaction;
    }

    /// <summary>Its name: the hash of it without witness.</summary>
    public uint256 GetHash() => Hashes.DoubleSHA256(Encoded(withWitness: false).Written);

    /// <summary>The hash of it with witness.</summary>
    public uint256 GetWitHash() => Hashes.DoubleSHA256(Encoded(withWitness: true).Written);

    /// <summary>Bytes on the wire, with witness.</summary>
    public int GetSerializedSize() => Encoded(withWitness: true).Written.Length;

    /// <summary>Its size for the fee: a quarter of its weight, rounded up (BIP-141).</summary>
    public int GetVirtualSize() => (GetWeight() + WitnessScale - 1) / WitnessScale;

    /// <summary>Its wire encoding, with witness.</summary>
    public byte[] ToBytes() => Encoded(withWitness: true).ToArray();

    /// <summary>Its wire encoding in hexadecimal digits.</summary>
    public string ToHex() => Encoders.Hex.EncodeData(Encoded(withWitness: true).Written);

    /// <summary>A copy that shares nothing that can change.</summary>
    public Transaction Clone()
    {
        var clone = new Transaction { Version = Version, LockTime = LockTime };
        foreach (var input in Inputs) clone.Inputs.Add(input.Clone());
        foreach (var output in Outputs) clone.Outputs.Add(output.Clone());
        return clone;
    }

    /// <summary>Takes away what satisfies the spent outputs.</summary>
    public void RemoveSignatures() => Inputs.ForEach(i => i.RemoveSignatures());

    /// <summary>As a PSBT to be signed.</summary>
    public PSBT CreatePSBT(Network network)
    {
        var unsigned = Clone();
        unsigned.RemoveSignatures();
        return PSBT.FromTransaction(unsigned, network);
    }

    internal int GetWeight() => Encoded(withWitness: false).Written.Length * (WitnessScale - 1) + GetSerializedSize();

    internal static Transaction Read(ref WireReader reader, bool mayHaveWitness = true)
    {
        var transaction = new Transaction { Version = reader.ReadUInt32() };
        // BIP-144: no transaction has zero inputs and one output, so these two bytes announce witnesses.
        var witnesses = mayHaveWitness && reader.Peek(0) == 0 && reader.Peek(1) == 1;
        if (witnesses) reader.Take(2);
        var inputs = reader.ReadCount(TxIn.SmallestSize);
        for (var i = 0; i < inputs; i++) transaction.Inputs.Add(TxIn.Read(ref reader));
        var outputs = reader.ReadCount(TxOut.SmallestSize);
        for (var i = 0; i < outputs; i++) transaction.Outputs.Add(TxOut.Read(ref reader));
        if (witnesses)
        {
            foreach (var input in transaction.Inputs) input.WitScript = WitScript.Read(ref reader);
            if (!transaction.HasWitness) throw reader.Malformed("it announces witnesses and has none");
        }

        transaction.LockTime = reader.ReadUInt32();
        return transaction;
    }

    internal void Write(WireWriter writer, bool withWitness)
    {
        var witnesses = withWitness && HasWitness;
        writer.WriteUInt32(Version);
        if (witnesses) writer.Write([0, 1]);
        writer.WriteCompactSize((ulong)Inputs.Count);
        foreach (var input in Inputs) input.Write(writer);
        writer.WriteCompactSize((ulong)Outputs.Count);
        foreach (var output in Outputs) output.Write(writer);
        if (witnesses)
            foreach (var input in Inputs) input.WitScript.Write(writer);
        writer.WriteUInt32(LockTime);
    }

    private WireWriter Encoded(bool withWitness)
    {
        var writer = new WireWriter(64 + 150 * Inputs.Count + 45 * Outputs.Count);
        Write(writer, withWitness);
        return writer;
    }

    /// <inheritdoc/>
    public override string ToString() => ToHex();
}
