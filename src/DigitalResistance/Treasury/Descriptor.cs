using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// A treasury that can only be watched: <c>wpkh(key)</c> (<see href="https://github.com/bitcoin/bips/blob/master/bip-0382.mediawiki">BIP-382</see>),
/// <c>wsh(sortedmulti(k,…))</c> or <c>wsh(multi(k,…))</c> (<see href="https://github.com/bitcoin/bips/blob/master/bip-0383.mediawiki">BIP-383</see>),
/// <c>tr(key)</c> (<see href="https://github.com/bitcoin/bips/blob/master/bip-0386.mediawiki">BIP-386</see>), each key ending in <c>/&lt;0;1&gt;/*</c>.
/// All are native segwit, so that a transaction's id is known before it is signed.
/// </summary>
public sealed class Descriptor
{
    internal Descriptor(TreasuryScript script, int threshold, IReadOnlyList<DescriptorKey> keys, Network network)
    {
        (Script, Threshold, Keys, Network) = (script, threshold, keys, network);
        var text = script switch
        {
            TreasuryScript.WitnessKey => $"wpkh({keys[0]})",
            TreasuryScript.SortedMultisig => $"wsh(sortedmulti({threshold},{string.Join(',', keys)}))",
            TreasuryScript.Multisig => $"wsh(multi({threshold},{string.Join(',', keys)}))",
            _ => $"tr({keys[0]})",
        };
        Text = $"{text}#{DescriptorChecksum.Compute(text)}";
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));
    }

    /// <summary>The kind of output.</summary>
    public TreasuryScript Script { get; }

    /// <summary>How many signatures a payment needs.</summary>
    public int Threshold { get; }

    /// <summary>The keys in the order they were written.</summary>
    public IReadOnlyList<DescriptorKey> Keys { get; }

    /// <summary>Whether whoever holds one key holds everything.</summary>
    public bool HasOneKey => Keys.Count == 1;

    /// <summary>The network of its addresses.</summary>
    public Network Network { get; }

    /// <summary>The canonical text with checksum: hardened steps as <c>h</c>, no blanks. What is published and hashed.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of <see cref="Text"/>, lower-case hex: what a round's manifest is bound to.</summary>
    public string Sha256 { get; }

    /// <summary>Reads a descriptor, or throws <see cref="DescriptorException"/> saying what is wrong and where.</summary>
    public static Descriptor Parse(string text, Network network) =>
        TryParse(text, network, out var descriptor, out var fault) ? descriptor : throw new DescriptorException(fault);

    /// <summary>Reads a descriptor, or says what is wrong and where.</summary>
    public static bool TryParse(string? text, Network network, [NotNullWhen(true)] out Descriptor? descriptor, [NotNullWhen(false)] out DescriptorFault? fault)
    {
        try
        {
            (descriptor, fault) = (new DescriptorReader(text ?? "", network).Read(), null);
            return true;
        }
        catch (DescriptorException exception)
        {
            (descriptor, fault) = (null, exception.Fault);
            return false;
        }
    }

    /// <summary>The script at one place of one branch.</summary>
    public DerivedScript Derive(Branch branch, uint index)
    {
        var keys = Keys.Select(key => key.Derive(branch, index)).ToArray();
        if (Script is TreasuryScript.WitnessKey or TreasuryScript.Taproot)
        {
            var type = Script == TreasuryScript.Taproot ? ScriptPubKeyType.TaprootBIP86 : ScriptPubKeyType.Segwit;
            return new DerivedScript(branch, index, keys[0].PubKey.GetScriptPubKey(type), WitnessScript: null, keys);
        }

        // BIP-67 order for sortedmulti, so that every signer sees the same script whatever order it lists the keys in.
        var witness = PayToMultiSigTemplate.Instance.GenerateScriptPubKey(Threshold, Script == TreasuryScript.SortedMultisig, [.. keys.Select(key => key.PubKey)]);
        return new DerivedScript(branch, index, witness.WitHash.ScriptPubKey, witness, keys);
    }

    /// <summary>
    /// Weight units that spending one coin adds, signatures included: exact but for the length of ECDSA signatures, of which the longest
    /// with low S is counted (72 bytes; half are 71).
    /// </summary>
    public int InputWeight()
    {
        const int outpointSequenceAndEmptyScript = (36 + 4 + 1) * VByteRate.WeightPerVByte;
        const int signature = 1 + 72;
        // Threshold, 34 bytes a key, count and OP_CHECKMULTISIG; before the signatures the empty element that OP_CHECKMULTISIG eats.
        var script = 3 + (34 * Keys.Count);
        return outpointSequenceAndEmptyScript + Script switch
        {
            TreasuryScript.WitnessKey => 1 + signature + 34,
            TreasuryScript.Taproot => 1 + 1 + 64,
            _ => 1 + 1 + (Threshold * signature) + (script < 0xfd ? 1 : 3) + script,
        };
    }

    /// <summary>A run of scripts, derived on all cores.</summary>
    public IReadOnlyList<DerivedScript> DeriveRange(Branch branch, uint first, int count) =>
        [.. Enumerable.Range(0, count).AsParallel().AsOrdered().Select(offset => Derive(branch, first + (uint)offset))];

    /// <summary>The canonical text with checksum.</summary>
    public override string ToString() => Text;
}

/// <summary>The kinds of output that a treasury can have.</summary>
public enum TreasuryScript
{
    /// <summary><c>wpkh</c>: one key.</summary>
    WitnessKey,

    /// <summary><c>wsh(sortedmulti)</c>: k of n keys in BIP-67 order.</summary>
    SortedMultisig,

    /// <summary><c>wsh(multi)</c>: k of n keys in the order written.</summary>
    Multisig,

    /// <summary><c>tr</c>: one key, key path only.</summary>
    Taproot,
}

/// <summary>One script of a treasury with all that a signer needs to recognise it.</summary>
/// <param name="Branch">Receive or change.</param>
/// <param name="Index">Its place on the branch.</param>
/// <param name="ScriptPubKey">What an output pays to.</param>
/// <param name="WitnessScript">The multisig script behind it; null for a single key.</param>
/// <param name="Keys">The keys in the descriptor's order.</param>
public sealed record DerivedScript(Branch Branch, uint Index, Script ScriptPubKey, Script? WitnessScript, IReadOnlyList<DerivedKey> Keys)
{
    /// <summary>Whether it is spent with a taproot key (<see href="https://github.com/bitcoin/bips/blob/master/bip-0341.mediawiki">BIP-341</see>).</summary>
    public bool IsTaproot => ScriptPubKey.IsScriptType(ScriptType.Taproot);
}
