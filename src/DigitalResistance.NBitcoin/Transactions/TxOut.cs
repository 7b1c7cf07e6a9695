using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>What a transaction pays.</summary>
public class TxOut
{
    internal const int SmallestSize = 8 + 1;

    private static readonly FeeRate DustRelayFee = new(3.0m);

    /// <summary>Nothing yet.</summary>
    public TxOut()
    {
    }

    /// <summary>That amount to that script.</summary>
    public TxOut(Money value, Script scriptPubKey)
    {
        Value = value;
        ScriptPubKey = scriptPubKey;
    }

    /// <summary>That amount to that destination.</summary>
    public TxOut(Money value, IDestination destination)
        : this(value, (destination ?? throw new ArgumentNullException(nameof(destination))).ScriptPubKey)
    {
    }

    /// <summary>The amount.</summary>
    public Money Value { get; set; } = new(-1L);

    /// <summary>Who may spend it.</summary>
    public Script ScriptPubKey { get; set; } = Script.Empty;

    /// <summary>True when it is below the amount that nodes relay.</summary>
    public bool IsDust() => Value < GetDustThreshold();

    /// <summary>The smallest amount that nodes relay: three times what spending it costs (Bitcoin Core's <c>GetDustThreshold</c>).</summary>
    public Money GetDustThreshold() =>
        DustRelayFee.GetFee(GetSerializedSize() + 32 + 4 + 1 + 4 + (ScriptPubKey.IsScriptType(ScriptType.Witness) ? 107 / 4 : 107));

    /// <summary>True when it pays to that destination.</summary>
    public bool IsTo(IDestination destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return ScriptPubKey == destination.ScriptPubKey;
    }

    /// <summary>Bytes on the wire.</summary>
    public int GetSerializedSize() => 8 + WireWriter.CompactSizeLength((ulong)ScriptPubKey.Length) + ScriptPubKey.Length;

    /// <summary>Its wire encoding.</summary>
    public byte[] ToBytes()
    {
        var writer = new WireWriter(64);
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>A copy.</summary>
    public TxOut Clone() => new(Value, ScriptPubKey);

    internal static TxOut Read(ref WireReader reader) => new(reader.ReadInt64(), Script.FromBytesUnsafe(reader.TakeVarBytes().ToArray()));

    internal void Write(WireWriter writer)
    {
        writer.WriteInt64(Value.Satoshi);
        writer.WriteVarBytes(ScriptPubKey.Bytes);
    }
}

/// <summary>An output together with its transaction and place.</summary>
public class IndexedTxOut
{
    internal IndexedTxOut(TxOut txOut, uint n, Transaction transaction) => (TxOut, N, Transaction) = (txOut, n, transaction);

    /// <summary>The output.</summary>
    public TxOut TxOut { get; }

    /// <summary>Its place, from 0.</summary>
    public uint N { get; }

    /// <summary>Its transaction.</summary>
    public Transaction Transaction { get; }

    /// <summary>As something to spend.</summary>
    public Coin ToCoin() => new(new OutPoint(Transaction, N), TxOut);
}

/// <summary>The outputs of a transaction.</summary>
public class TxOutList : List<TxOut>
{
    private readonly Transaction _transaction;

    internal TxOutList(Transaction transaction) => _transaction = transaction;

    /// <summary>By its place, from 0.</summary>
    public TxOut this[uint index]
    {
        get => base[checked((int)index)];
        set => base[checked((int)index)] = value;
    }

    /// <summary>Adds one.</summary>
    public TxOut Add(Money money, Script scriptPubKey) => Add(new TxOut(money, scriptPubKey));

    /// <summary>Adds one.</summary>
    public TxOut Add(Money money, IDestination destination) => Add(new TxOut(money, destination));

    /// <summary>Adds one.</summary>
    public new TxOut Add(TxOut txOut)
    {
        base.Add(txOut);
        return txOut;
    }

    /// <summary>All of them with their places.</summary>
    public IEnumerable<IndexedTxOut> AsIndexedOutputs() => this.Select((output, i) => new IndexedTxOut(output, (uint)i, _transaction));

    /// <summary>All of them as something to spend.</summary>
    public IEnumerable<Coin> AsCoins()
    {
        var hash = _transaction.GetHash();
        return this.Select((output, i) => new Coin(new OutPoint(hash, (uint)i), output));
    }
}
