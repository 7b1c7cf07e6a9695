using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>What a key says of where it comes from, beyond what a descriptor asks for: its holder's device must find itself by it.</summary>
internal static class KeyOrigin
{
    // What wallets write where they do not know it.
    private const string Unknown = "00000000";

    /// <summary>The key as a wallet exported it, for a script; throws <see cref="DescriptorException"/>.</summary>
    public static DescriptorKey Parse(this ExportedKey key, TreasuryScript script, Network network)
    {
        var isMultisig = script is TreasuryScript.SortedMultisig or TreasuryScript.Multisig;
        if (key.Use == Slip132.Use.Nested) throw Fault(DescriptorFaultKind.Script, key.Position);
        if (key.Use == (isMultisig ? Slip132.Use.WitnessKey : Slip132.Use.WitnessScript)) throw Fault(DescriptorFaultKind.OtherUse, key.Position);
        return Checked(new DescriptorDraft().AddScript(isMultisig ? TreasuryScript.SortedMultisig : script, 1, [key]).Parse(network).Keys[0], network);
    }

    /// <summary>The same key, where its origin can be true.</summary>
    public static DescriptorKey Checked(DescriptorKey key, Network network)
    {
        if (key.Origin.MasterFingerprint.ToString() == Unknown) throw Fault(DescriptorFaultKind.OriginMissing, -1);
        // A path that is longer or shorter than the key is deep is not its own: the device would derive other keys.
        if (key.Origin.KeyPath.Indexes.Length != key.Key.ExtPubKey.Depth) throw Fault(DescriptorFaultKind.Origin, -1);
        // The second step is the coin: https://github.com/satoshilabs/slips/blob/master/slip-0044.md, 0 is bitcoin and 1 every test network.
        var coin = DescriptorKey.Hardened + (network == Network.Main ? 0u : 1u);
        return key.Origin.KeyPath.Indexes is [DescriptorKey.Hardened + 44 or DescriptorKey.Hardened + 48 or DescriptorKey.Hardened + 84 or DescriptorKey.Hardened + 86, var other, ..] && other != coin
            ? throw Fault(DescriptorFaultKind.Network, -1) : key;
    }

    private static DescriptorException Fault(DescriptorFaultKind kind, int position) => new(new DescriptorFault(kind, position));
}
