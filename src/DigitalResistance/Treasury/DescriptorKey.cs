using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// One key of a treasury: where it comes from and the extended public key that receive and change keys are derived from
/// (<see href="https://github.com/bitcoin/bips/blob/master/bip-0380.mediawiki#key-expressions">BIP-380</see>,
/// <see href="https://github.com/bitcoin/bips/blob/master/bip-0389.mediawiki">BIP-389</see>).
/// </summary>
public sealed class DescriptorKey
{
    private readonly ExtPubKey _parent;
    private readonly Lazy<ExtPubKey>[] _branches;
    private readonly RootedKeyPath[] _paths;
    private readonly bool _hasOrigin;
    private readonly KeyPath _steps;

    internal DescriptorKey(RootedKeyPath? origin, BitcoinExtPubKey key, KeyPath steps)
    {
        _hasOrigin = origin is not null;
        _steps = steps;
        Key = key;
        Origin = origin ?? new RootedKeyPath(key.ExtPubKey.PubKey.GetHDFingerPrint(), new KeyPath());
        _parent = steps.Indexes.Aggregate(key.ExtPubKey, (node, index) => node.Derive(index));
        // Reading a descriptor costs no arithmetic on the curve beyond its steps: whoever pastes one cannot make it cost.
        _branches = [new(() => _parent.Derive(0)), new(() => _parent.Derive(1))];
        var path = steps.Indexes.Aggregate(Origin.KeyPath, (longer, index) => longer.Derive(index));
        _paths = [new RootedKeyPath(Origin.MasterFingerprint, path.Derive(0)), new RootedKeyPath(Origin.MasterFingerprint, path.Derive(1))];
    }

    /// <summary>Fingerprint of the master key and the path from it: what a signing device finds itself by.</summary>
    public RootedKeyPath Origin { get; }

    /// <summary>The path from the master key, hardened steps written <c>h</c>: <c>48h/0h/0h/2h</c>.</summary>
    public string PathText => string.Join('/', Origin.KeyPath.Indexes.Select(Step));

    /// <summary>The extended public key as it was given.</summary>
    public BitcoinExtPubKey Key { get; }

    /// <summary>The public key at one place of one branch, with its whole path from the master key.</summary>
    public DerivedKey Derive(Branch branch, uint index) =>
        new(_branches[(int)branch].Value.Derive(index).PubKey, _paths[(int)branch].Derive(index));

    /// <summary>Whether every key derived from both is the same, however the two are written.</summary>
    internal bool DerivesAs(DescriptorKey other) =>
        _parent.PubKey == other._parent.PubKey && _parent.ChainCode.AsSpan().SequenceEqual(other._parent.ChainCode);

    /// <summary>As it stands in a descriptor, hardened steps written <c>h</c>.</summary>
    public override string ToString()
    {
        var origin = _hasOrigin ? "[" + string.Join('/', Origin.KeyPath.Indexes.Select(Step).Prepend(Origin.MasterFingerprint.ToString())) + "]" : "";
        return $"{origin}{Key}{string.Concat(_steps.Indexes.Select(index => "/" + Step(index)))}/<0;1>/*";
    }

    private static string Step(uint index) => index >= Hardened ? $"{index - Hardened}h" : $"{index}";

    internal const uint Hardened = 0x80000000;
}

/// <summary>The two chains of a treasury's addresses.</summary>
public enum Branch
{
    /// <summary>Given to donors: <c>…/0/*</c>.</summary>
    Receive,

    /// <summary>What comes back from our own payments: <c>…/1/*</c>.</summary>
    Change,
}

/// <summary>A derived public key.</summary>
/// <param name="PubKey">The key.</param>
/// <param name="Path">Its path from the master key.</param>
public sealed record DerivedKey(PubKey PubKey, RootedKeyPath Path);
