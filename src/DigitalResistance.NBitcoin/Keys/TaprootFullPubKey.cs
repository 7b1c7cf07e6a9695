using NBitcoin.Crypto;

namespace NBitcoin;

/// <summary>An output key together with how it came from its internal key.</summary>
public class TaprootFullPubKey : TaprootPubKey
{
    private TaprootFullPubKey(byte[] outputKey, bool parity, TaprootInternalPubKey internalKey, uint256? merkleRoot, byte[] tweak)
        : base(outputKey)
    {
        OutputKeyParity = parity;
        InternalKey = internalKey;
        MerkleRoot = merkleRoot;
        Tweak = tweak;
        OutputKey = new TaprootPubKey(outputKey);
    }

    /// <summary>True when the output point has an odd y.</summary>
    public bool OutputKeyParity { get; }

    /// <summary>The tree of scripts, or null.</summary>
    public uint256? MerkleRoot { get; }

    /// <summary>What was added to the internal key.</summary>
    public ReadOnlyMemory<byte> Tweak { get; }

    /// <summary>The key before the tweak.</summary>
    public TaprootInternalPubKey InternalKey { get; }

    /// <summary>The key that outputs show.</summary>
    public TaprootPubKey OutputKey { get; }

    /// <summary>https://github.com/bitcoin/bips/blob/master/bip-0341.mediawiki#constructing-and-spending-taproot-outputs.</summary>
    public static TaprootFullPubKey Create(TaprootInternalPubKey internalKey, uint256? merkleRoot)
    {
        ArgumentNullException.ThrowIfNull(internalKey);
        var tweak = internalKey.ComputeTapTweak(merkleRoot);
        var number = Curve.Number(tweak);
        if (number.CompareTo(Curve.N) >= 0) throw new FormatException("The taproot tweak is out of range.");
        var point = Curve.MultiplyGenerator(number).Add(Curve.TryLiftX(internalKey.Bytes)).Normalize();
        if (point.IsInfinity) throw new FormatException("The taproot tweak cancels the key.");
        return new TaprootFullPubKey(point.AffineXCoord.GetEncoded(), point.AffineYCoord.TestBitZero(), internalKey, merkleRoot, tweak);
    }
}

/// <summary>Where a taproot key comes from and in which script leaves it appears.</summary>
public class TaprootKeyPath
{
    /// <summary>For the key path only.</summary>
    public TaprootKeyPath(RootedKeyPath rootedKeyPath)
        : this(rootedKeyPath, null)
    {
    }

    /// <summary>For these leaves as well.</summary>
    public TaprootKeyPath(RootedKeyPath rootedKeyPath, uint256[]? leafHashes)
    {
        ArgumentNullException.ThrowIfNull(rootedKeyPath);
        RootedKeyPath = rootedKeyPath;
        LeafHashes = leafHashes ?? [];
    }

    /// <summary>Hashes of the leaves.</summary>
    public uint256[] LeafHashes { get; }

    /// <summary>Where the key comes from.</summary>
    public RootedKeyPath RootedKeyPath { get; }

    /// <inheritdoc/>
    public override string ToString() => RootedKeyPath.ToString();
}
