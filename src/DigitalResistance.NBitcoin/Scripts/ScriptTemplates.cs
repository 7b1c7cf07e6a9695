namespace NBitcoin;

/// <summary>A shape of script that wallets know.</summary>
public abstract class ScriptTemplate
{
    private protected ScriptTemplate()
    {
    }

    /// <summary>True for an output script of this shape.</summary>
    public abstract bool CheckScriptPubKey(Script scriptPubKey);
}

/// <summary>Pays to a key (P2PK).</summary>
public class PayToPubkeyTemplate : ScriptTemplate
{
    private PayToPubkeyTemplate()
    {
    }

    /// <summary>The one there is.</summary>
    public static PayToPubkeyTemplate Instance { get; } = new();

    /// <inheritdoc/>
    public override bool CheckScriptPubKey(Script scriptPubKey) =>
        scriptPubKey.Bytes is [33 or 65, .., (byte)OpcodeType.OP_CHECKSIG] bytes && bytes.Length == bytes[0] + 2;

    /// <summary>The script that pays to a key.</summary>
    public Script GenerateScriptPubKey(PubKey pubkey)
    {
        ArgumentNullException.ThrowIfNull(pubkey);
        return new Script(Op.GetPushOp(pubkey.ToBytes()), OpcodeType.OP_CHECKSIG);
    }

    /// <summary>The key; null for another shape.</summary>
    public PubKey? ExtractScriptPubKeyParameters(Script scriptPubKey) =>
        CheckScriptPubKey(scriptPubKey) && PubKey.TryCreatePubKey(scriptPubKey.Bytes[1..^1], out var key) ? key : null;
}

/// <summary>Carries data and pays to nobody (OP_RETURN).</summary>
public class TxNullDataTemplate : ScriptTemplate
{
    /// <summary>Bytes of script that nodes relayed for many years.</summary>
    public const int MAX_OP_RETURN_RELAY = 83;

    /// <summary>With a limit of its own.</summary>
    public TxNullDataTemplate(int maxScriptSize) => MaxScriptSizeLimit = maxScriptSize;

    /// <summary>With the usual limit.</summary>
    public static TxNullDataTemplate Instance { get; } = new(MAX_OP_RETURN_RELAY);

    /// <summary>Bytes of script at most.</summary>
    public int MaxScriptSizeLimit { get; }

    /// <inheritdoc/>
    public override bool CheckScriptPubKey(Script scriptPubKey) =>
        scriptPubKey.IsUnspendable && scriptPubKey.Length <= MaxScriptSizeLimit && scriptPubKey.ToOps().Skip(1).All(o => o.PushData is not null && !o.IsInvalid);

    /// <summary>The script that carries these data.</summary>
    public Script GenerateScriptPubKey(params byte[][] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var script = new Script([OpcodeType.OP_RETURN, .. data.Select(Op.GetPushOp)]);
        return script.Length <= MaxScriptSizeLimit
            ? script
            : throw new ArgumentOutOfRangeException(nameof(data), $"Data in OP_RETURN should have a maximum size of {MaxScriptSizeLimit} bytes");
    }

    /// <summary>The data; null for another shape.</summary>
    public byte[][]? ExtractScriptPubKeyParameters(Script scriptPubKey) =>
        CheckScriptPubKey(scriptPubKey) ? scriptPubKey.ToOps().Skip(1).Select(o => o.PushData!).ToArray() : null;
}

/// <summary>What a multisig script asks for.</summary>
public class PayToMultiSigTemplateParameters
{
    internal PayToMultiSigTemplateParameters(int signatureCount, PubKey[] pubKeys, byte[][] invalidPubKeys)
    {
        SignatureCount = signatureCount;
        PubKeys = pubKeys;
        InvalidPubKeys = invalidPubKeys;
    }

    /// <summary>How many signatures.</summary>
    public int SignatureCount { get; }

    /// <summary>Of which keys, in their order.</summary>
    public PubKey[] PubKeys { get; }

    /// <summary>What stands in a key's place and is none.</summary>
    public byte[][] InvalidPubKeys { get; }
}

/// <summary>Pays to some of several keys.</summary>
public class PayToMultiSigTemplate : ScriptTemplate
{
    private const int MostKeys = 20;

    private PayToMultiSigTemplate()
    {
    }

    /// <summary>The one there is.</summary>
    public static PayToMultiSigTemplate Instance { get; } = new();

    /// <summary>The script that asks for so many signatures of these keys, in this order.</summary>
    public Script GenerateScriptPubKey(int sigCount, params PubKey[] keys) => GenerateScriptPubKey(sigCount, false, keys);

    /// <summary>The script that asks for so many signatures of these keys, sorted by BIP-67 or in this order.</summary>
    public Script GenerateScriptPubKey(int sigCount, bool sort, params PubKey[] keys) => GenerateScriptPubKey(sigCount, sort, true, keys);

    /// <summary>The same; up to 16 keys, or, inside P2WSH, up to 20.</summary>
    public Script GenerateScriptPubKey(int sigCount, bool sort, bool forceSmallSigCount, params PubKey[] keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (forceSmallSigCount) ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Max(sigCount, keys.Length), 16, nameof(keys));
        var ordered = sort ? keys.Order(PubKeyComparer.Instance) : keys.AsEnumerable();
        return new Script([Op.GetPushOp(sigCount), .. ordered.Select(k => Op.GetPushOp(k.ToBytes())), Op.GetPushOp(keys.Length), OpcodeType.OP_CHECKMULTISIG]);
    }

    /// <inheritdoc/>
    public override bool CheckScriptPubKey(Script scriptPubKey) => TryRead(scriptPubKey, out _, out _);

    /// <summary>What it asks for; null for another shape.</summary>
    public PayToMultiSigTemplateParameters? ExtractScriptPubKeyParameters(Script scriptPubKey)
    {
        if (!TryRead(scriptPubKey, out var count, out var keys)) return null;
        var valid = keys.Select(k => PubKey.TryCreatePubKey(k, out var key) ? key : null).ToArray();
        return new PayToMultiSigTemplateParameters(count, valid.OfType<PubKey>().ToArray(), keys.Where((_, i) => valid[i] is null).ToArray());
    }

    internal static bool TryRead(Script script, out int signatures, out byte[][] keys)
    {
        (signatures, keys) = (0, []);
        if (script.Bytes is not [.., (byte)OpcodeType.OP_CHECKMULTISIG]) return false;
        var ops = script.ToOps().ToArray();
        if (ops.Length < 3 || ops[0].GetInt() is not { } m || ops[^2].GetInt() is not { } n) return false;
        if (n is < 0 or > MostKeys || m < 0 || m > n || ops.Length != n + 3 || ops[^1].Code != OpcodeType.OP_CHECKMULTISIG) return false;
        if (ops[1..^2].Any(o => o.PushData is null || o.IsInvalid)) return false;
        (signatures, keys) = (m, ops[1..^2].Select(o => o.PushData!).ToArray());
        return true;
    }
}

/// <summary>Pays to a witness program of any version.</summary>
public class PayToWitTemplate : ScriptTemplate
{
    private PayToWitTemplate()
    {
    }

    /// <summary>The one there is.</summary>
    public static PayToWitTemplate Instance { get; } = new();

    /// <inheritdoc/>
    public override bool CheckScriptPubKey(Script scriptPubKey) => scriptPubKey.IsScriptType(ScriptType.Witness);

    /// <summary>The script that pays to a witness program.</summary>
    public Script GenerateScriptPubKey(OpcodeType segWitVersion, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (segWitVersion is not (OpcodeType.OP_0 or >= OpcodeType.OP_1 and <= OpcodeType.OP_16))
            throw new ArgumentException("Segwit version must be from 0 to 16", nameof(segWitVersion));
        return Script.FromBytesUnsafe([(byte)segWitVersion, (byte)data.Length, .. data]);
    }
}
