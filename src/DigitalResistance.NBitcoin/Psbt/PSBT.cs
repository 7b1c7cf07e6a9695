using System.Diagnostics.CodeAnalysis;
using NBitcoin.DataEncoders;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>
/// A transaction on its way to being signed (https://github.com/bitcoin/bips/blob/master/bip-0174.mediawiki). Fields are
/// written in the order of their keys; what is not understood is kept byte by byte.
/// </summary>
public partial class PSBT : IEquatable<PSBT>
{
    private const int LargestSize = 4 * 1024 * 1024;
    private static readonly byte[] Magic = [.. "psbt"u8, 0xff];
    private const byte UnsignedTxType = 0x00;
    private const byte XPubType = 0x01;
    private const byte VersionType = 0xfb;

    private PSBT(Network network, PsbtMap global)
    {
        Network = network;
        global.Forbid(0x02, 0x03, 0x04, 0x05, 0x06);
        var bytes = global.Take(UnsignedTxType) ?? throw new FormatException("The PSBT does not contain the transaction to be signed.");
        var reader = new WireReader(bytes, "PSBT's transaction");
        Unsigned = Transaction.Read(ref reader, mayHaveWitness: false);
        reader.ExpectEnd();
        if (Unsigned.Inputs.Any(i => i.ScriptSig.Length > 0)) throw new FormatException("The PSBT's transaction must not carry signatures itself.");
        UnsignedHash = Unsigned.GetHash();
        foreach (var (data, value) in global.TakeAll(XPubType, 4 + ExtPubKey.Length))
        {
            if (!data.AsSpan().StartsWith(network.Prefixes.ExtPubKey)) throw new FormatException($"The PSBT names an extended key that is not of {network.Name}.");
            GlobalXPubs.Add(new ExtPubKey(data.AsSpan(4)).GetWif(network), RootedKeyPath.FromBytes(value));
        }

        Unknown = global;
    }

    internal Transaction Unsigned { get; }

    internal uint256 UnsignedHash { get; }

    /// <summary>The version of the format.</summary>
    public PSBTVersion Version => PSBTVersion.PSBTv0;

    /// <summary>The network it was read for; the format itself does not say.</summary>
    public Network Network { get; }

    /// <summary>Its inputs.</summary>
    public PSBTInputList Inputs { get; } = new();

    /// <summary>Its outputs.</summary>
    public PSBTOutputList Outputs { get; } = new();

    /// <summary>Extended keys that take part.</summary>
    public SortedDictionary<BitcoinExtPubKey, RootedKeyPath> GlobalXPubs { get; } =
        new(Comparer<BitcoinExtPubKey>.Create((x, y) => BytesComparer.Instance.Compare(x.ExtPubKey.ToBytes(), y.ExtPubKey.ToBytes())));

    /// <summary>Fields that are not understood here, kept as they are.</summary>
    public SortedDictionary<byte[], byte[]> Unknown { get; }

    /// <summary>How it behaves.</summary>
    public PSBTSettings Settings { get; set; } = new();

    /// <summary>Of a transaction without signatures.</summary>
    public static PSBT FromTransaction(Transaction transaction, Network network)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(network);
        if (transaction.HasWitness || transaction.Inputs.Any(i => i.ScriptSig.Length > 0))
            throw new ArgumentException("The transaction should not have any signature. You can use Transaction.RemoveSignatures() to remove them.", nameof(transaction));
        var global = new PsbtMap("the global map");
        global.Put(UnsignedTxType, transaction.ToBytes());
        var psbt = new PSBT(network, global);
        for (var i = 0; i < psbt.Unsigned.Inputs.Count; i++) psbt.AddInput(i, null);
        for (var i = 0; i < psbt.Unsigned.Outputs.Count; i++) psbt.AddOutput(i, null);
        return psbt;
    }

    /// <summary>Reads hexadecimal digits or base64.</summary>
    public static PSBT Parse(string hexOrBase64, Network network)
    {
        ArgumentNullException.ThrowIfNull(hexOrBase64);
        if (hexOrBase64.Length > 2 * LargestSize) throw TooLarge();
        return Load((HexEncoder.IsWellFormed(hexOrBase64) ? Encoders.Hex : Encoders.Base64).DecodeData(hexOrBase64), network);
    }

    /// <summary>Reads hexadecimal digits or base64, or says that it cannot.</summary>
    public static bool TryParse(string hexOrBase64, Network network, [MaybeNullWhen(false)] out PSBT psbt)
    {
        ArgumentNullException.ThrowIfNull(hexOrBase64);
        ArgumentNullException.ThrowIfNull(network);
        try
        {
            psbt = Parse(hexOrBase64, network);
            return true;
        }
        catch (FormatException)
        {
            psbt = null;
            return false;
        }
    }

    /// <summary>Reads its bytes; <see cref="FormatException"/> says what is wrong with them.</summary>
    public static PSBT Load(byte[] rawBytes, Network network)
    {
        ArgumentNullException.ThrowIfNull(rawBytes);
        ArgumentNullException.ThrowIfNull(network);
        if (rawBytes.Length > LargestSize) throw TooLarge();
        if (!rawBytes.AsSpan().StartsWith(Magic))
            throw new FormatException("This is not a PSBT: it does not begin with the five bytes of one.");
        var reader = new WireReader(rawBytes, "PSBT");
        reader.Take(Magic.Length);
        var global = PsbtMap.Read(ref reader, "the global map") ?? new PsbtMap("the global map");
        RefuseOtherVersions(global);
        var psbt = new PSBT(network, global);
        for (var i = 0; i < psbt.Unsigned.Inputs.Count; i++) psbt.AddInput(i, PsbtMap.Read(ref reader, "input", i));
        for (var i = 0; i < psbt.Unsigned.Outputs.Count; i++) psbt.AddOutput(i, PsbtMap.Read(ref reader, "output", i));
        reader.ExpectEnd();
        return psbt;
    }

    /// <summary>A copy of the transaction to be signed.</summary>
    public Transaction GetGlobalTransaction() => Unsigned.Clone();

    /// <summary>A copy that shares nothing that can change.</summary>
    public PSBT Clone()
    {
        var clone = Load(ToBytes(), Network);
        clone.Settings = Settings.Clone();
        return clone;
    }

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes()
    {
        var writer = new WireWriter(1024 + 40 * Outputs.Count);
        writer.Write(Magic);
        var global = new PsbtMap("the global map");
        global.PutAll(Unknown);
        global.Put(UnsignedTxType, Unsigned.ToBytes());
        foreach (var (key, origin) in GlobalXPubs) global.Put(XPubType, [.. Network.Prefixes.ExtPubKey, .. key.ExtPubKey.ToBytes()], origin.ToBytes());
        global.Write(writer);
        foreach (var input in Inputs) input.Write(writer);
        foreach (var output in Outputs) output.Write(writer);
        return writer.ToArray();
    }

    /// <summary>Its bytes in base64.</summary>
    public string ToBase64() => Encoders.Base64.EncodeData(ToBytes());

    /// <summary>Its bytes in hexadecimal digits.</summary>
    public string ToHex() => Encoders.Hex.EncodeData(ToBytes());

    /// <inheritdoc/>
    public bool Equals(PSBT? b) => b is not null && ToBytes().AsSpan().SequenceEqual(b.ToBytes());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PSBT);

    /// <inheritdoc/>
    public override int GetHashCode() => UnsignedHash.GetHashCode();

    private void AddInput(int index, PsbtMap? map) => Inputs.Add(new PSBTInput(this, (uint)index, Unsigned.Inputs[index], map));

    private void AddOutput(int index, PsbtMap? map) => Outputs.Add(new PSBTOutput(this, (uint)index, Unsigned.Outputs[index], map));

    private static void RefuseOtherVersions(PsbtMap global)
    {
        if (global.Take(VersionType) is not { } version) return;
        throw new FormatException(version switch
        {
            [0, 0, 0, 0] => "The PSBT says that it is version 0; PSBTv0 should not include PSBT_GLOBAL_VERSION.",
            [2, 0, 0, 0] => "This PSBT is version 2 (BIP-370); only version 0 (BIP-174) is read here. Sign the file that was downloaded here without converting it, "
                + "or choose 'PSBT version 0' or 'BIP-174' where the wallet exports the signed transaction.",
            _ => "This PSBT is of a version that does not exist; only version 0 (BIP-174) is read here.",
        });
    }

    private static FormatException TooLarge() => new($"The PSBT is larger than {LargestSize / (1024 * 1024)} MiB.");
}
