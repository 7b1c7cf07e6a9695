using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>What inputs and outputs of a PSBT have in common.</summary>
public abstract class PSBTCoin
{
    // Most outputs of a payout carry nothing, so nothing is made for them until it is asked for.
    private SortedDictionary<byte[], byte[]>? _unknown;
    private SortedDictionary<PubKey, RootedKeyPath>? _keyPaths;
    private SortedDictionary<TaprootPubKey, TaprootKeyPath>? _taprootKeyPaths;

    private protected PSBTCoin(PSBT parent) => PSBT = parent;

    /// <summary>The PSBT it belongs to.</summary>
    public PSBT PSBT { get; }

    /// <summary>Fields that are not understood here, kept as they are.</summary>
    public SortedDictionary<byte[], byte[]> Unknown
    {
        get => _unknown ??= new(BytesComparer.Instance);
        private protected set => _unknown = value;
    }

    /// <summary>Where the keys of its script come from.</summary>
    public SortedDictionary<PubKey, RootedKeyPath> HDKeyPaths => _keyPaths ??= new(PubKeyComparer.Instance);

    /// <summary>Where the taproot keys of its script come from.</summary>
    public SortedDictionary<TaprootPubKey, TaprootKeyPath> HDTaprootKeyPaths => _taprootKeyPaths ??= [];

    /// <summary>The taproot key before its tweak.</summary>
    public TaprootInternalPubKey? TaprootInternalKey { get; set; }

    /// <summary>The script whose hash P2SH pays to.</summary>
    public Script? RedeemScript { get; set; }

    /// <summary>The script whose hash P2WSH pays to.</summary>
    public Script? WitnessScript { get; set; }

    /// <summary>The output in question, when it is known.</summary>
    public abstract TxOut? GetTxOut();

    /// <summary>Tells where a key comes from.</summary>
    public virtual void AddKeyPath(PubKey pubKey, RootedKeyPath rootedKeyPath)
    {
        ArgumentNullException.ThrowIfNull(pubKey);
        ArgumentNullException.ThrowIfNull(rootedKeyPath);
        HDKeyPaths[pubKey] = rootedKeyPath;
        if (PSBT.Settings.IsSmart && RedeemScript is null && GetTxOut()?.ScriptPubKey == pubKey.WitHash.ScriptPubKey.PaymentScript)
            RedeemScript = pubKey.WitHash.ScriptPubKey;
    }

    /// <summary>The bytes of its map.</summary>
    public byte[] ToBytes()
    {
        var writer = new WireWriter();
        Write(writer);
        return writer.Written[..^1].ToArray();
    }

    internal void Write(WireWriter writer)
    {
        if (IsBlank) writer.WriteByte(0);
        else ToMap().Write(writer);
    }

    private protected virtual bool IsBlank => _unknown is null or { Count: 0 } && _keyPaths is null or { Count: 0 } && _taprootKeyPaths is null or { Count: 0 }
        && TaprootInternalKey is null && RedeemScript is null && WitnessScript is null;

    private protected abstract PsbtMap ToMap();

    private protected void TakeKeyPaths(PsbtMap map, byte plain, byte taproot)
    {
        foreach (var (data, value) in map.TakeAll(plain, 33, 65))
        {
            if (!PubKey.TryCreatePubKey(data, out var key)) throw map.Malformed(plain, "does not name a public key");
            HDKeyPaths.Add(key, RootedKeyPath.FromBytes(value));
        }

        foreach (var (data, value) in map.TakeAll(taproot, 32))
        {
            if (!TaprootPubKey.TryCreate(data, out var key)) throw map.Malformed(taproot, "does not name a taproot key");
            var reader = new WireReader(value, "origin of a taproot key");
            var leaves = new uint256[reader.ReadCount(smallest: 32)];
            for (var i = 0; i < leaves.Length; i++) leaves[i] = reader.ReadUInt256();
            HDTaprootKeyPaths.Add(key, new TaprootKeyPath(RootedKeyPath.FromBytes(reader.Take(reader.Remaining)), leaves));
        }
    }

    private protected void PutKeyPaths(PsbtMap map, byte plain, byte taproot)
    {
        foreach (var (key, origin) in HDKeyPaths) map.Put(plain, key.Bytes, origin.ToBytes());
        foreach (var (key, path) in HDTaprootKeyPaths)
        {
            var writer = new WireWriter();
            writer.WriteCompactSize((ulong)path.LeafHashes.Length);
            foreach (var leaf in path.LeafHashes) writer.WriteUInt256(leaf);
            writer.Write(path.RootedKeyPath.ToBytes());
            map.Put(taproot, key.ToBytes(), writer.Written);
        }
    }

    private protected static TaprootInternalPubKey? TakeInternalKey(PsbtMap map, byte type) => map.Take(type) is not { } bytes ? null
        : TaprootInternalPubKey.TryCreate(bytes, out var key) ? key
        : throw map.Malformed(type, "is not a taproot key");

    private protected void TakeFrom(PSBTCoin other)
    {
        RedeemScript ??= other.RedeemScript;
        WitnessScript ??= other.WitnessScript;
        TaprootInternalKey ??= other.TaprootInternalKey;
        if (other._keyPaths is not null)
            foreach (var (key, origin) in other._keyPaths) HDKeyPaths.TryAdd(key, origin);
        if (other._taprootKeyPaths is not null)
            foreach (var (key, path) in other._taprootKeyPaths) HDTaprootKeyPaths.TryAdd(key, path);
        if (other._unknown is not null)
            foreach (var (key, value) in other._unknown) Unknown.TryAdd(key, value);
    }
}

/// <summary>Things of one kind in a PSBT, in the order of its transaction.</summary>
public class PSBTCoinList<T> : IReadOnlyList<T>
    where T : PSBTCoin
{
    private protected readonly List<T> Items = [];

    private protected PSBTCoinList()
    {
    }

    /// <inheritdoc/>
    public int Count => Items.Count;

    /// <inheritdoc/>
    public T this[int index] => Items[index];

    internal void Add(T item) => Items.Add(item);

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => Items.GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>The inputs of a PSBT.</summary>
public class PSBTInputList : PSBTCoinList<PSBTInput>
{
    private readonly Dictionary<OutPoint, PSBTInput> _byOutPoint = [];

    internal PSBTInputList()
    {
    }

    /// <summary>The one that spends an output; null when none does.</summary>
    public PSBTInput? FindIndexedInput(OutPoint prevOut)
    {
        ArgumentNullException.ThrowIfNull(prevOut);
        return _byOutPoint.GetValueOrDefault(prevOut);
    }

    internal new void Add(PSBTInput item)
    {
        base.Add(item);
        _byOutPoint.TryAdd(item.PrevOut, item);
    }
}

/// <summary>The outputs of a PSBT.</summary>
public class PSBTOutputList : PSBTCoinList<PSBTOutput>
{
    internal PSBTOutputList()
    {
    }
}
