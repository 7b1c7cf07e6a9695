using System.Diagnostics.CodeAnalysis;
using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>Kinds of output script.</summary>
public enum ScriptType
{
    /// <summary>Any witness program.</summary>
    Witness,

    /// <summary>Pays to the hash of a key.</summary>
    P2PKH,

    /// <summary>Pays to the hash of a script.</summary>
    P2SH,

    /// <summary>Pays to a key.</summary>
    P2PK,

    /// <summary>Pays to the hash of a key, signed in the witness.</summary>
    P2WPKH,

    /// <summary>Pays to the hash of a script, satisfied in the witness.</summary>
    P2WSH,

    /// <summary>Pays to some of several keys.</summary>
    MultiSig,

    /// <summary>Pays to a taproot key.</summary>
    Taproot,
}

/// <summary>A script: bytes that say under which conditions a coin may be spent.</summary>
public class Script : IEquatable<Script>
{
    private readonly byte[] _bytes;

    /// <summary>Empty.</summary>
    public Script()
        : this([], owned: true)
    {
    }

    /// <summary>These steps.</summary>
    public Script(params Op[] ops)
        : this((IEnumerable<Op>)ops)
    {
    }

    /// <summary>These steps.</summary>
    public Script(IEnumerable<Op> ops)
        : this(ops.SelectMany(o => o.ToBytes()).ToArray(), owned: true)
    {
    }

    /// <summary>From words and hexadecimal data, as <see cref="ToString"/> writes them.</summary>
    public Script(string script)
        : this(script.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Op.FromWord))
    {
    }

    /// <summary>From a copy of these bytes.</summary>
    public Script(byte[] data)
        : this([.. data], owned: true)
    {
    }

    private Script(byte[] bytes, bool owned) => _bytes = owned ? bytes : [.. bytes];

    /// <summary>No steps.</summary>
    public static Script Empty { get; } = new();

    /// <summary>How many bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Its hash as P2SH uses it.</summary>
    public ScriptId Hash => field ??= new ScriptId(this);

    /// <summary>Its hash as P2WSH uses it.</summary>
    public WitScriptId WitHash => field ??= new WitScriptId(this);

    /// <summary>The P2SH script that pays to this one.</summary>
    public Script PaymentScript => Hash.ScriptPubKey;

    /// <summary>True when nothing can ever satisfy it.</summary>
    public bool IsUnspendable => _bytes.Length > 0 && _bytes[0] == (byte)OpcodeType.OP_RETURN;

    /// <summary>True when it does nothing but push data.</summary>
    public bool IsPushOnly => ToOps().All(o => o.PushData is not null);

    /// <summary>True when no step is cut off.</summary>
    public bool IsValid => ToOps().All(o => !o.IsInvalid);

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>From hexadecimal digits.</summary>
    public static Script FromHex(string hex) => new(Encoders.Hex.DecodeData(hex), owned: true);

    /// <summary>From these very bytes, which must not change afterwards.</summary>
    public static Script FromBytesUnsafe(byte[] data) => new(data, owned: true);

    /// <summary>True for null and for no steps.</summary>
    public static bool IsNullOrEmpty([NotNullWhen(false)] Script? script) => script is null || script._bytes.Length == 0;

    /// <summary>True for a script of that kind.</summary>
    public bool IsScriptType(ScriptType type) => type switch
    {
        ScriptType.Witness => WitnessProgram.TryRead(_bytes, out _, out _),
        ScriptType.P2PKH => _bytes.Length == 25 && _bytes is [(byte)OpcodeType.OP_DUP, (byte)OpcodeType.OP_HASH160, 20, .., (byte)OpcodeType.OP_EQUALVERIFY, (byte)OpcodeType.OP_CHECKSIG],
        ScriptType.P2SH => _bytes.Length == 23 && _bytes is [(byte)OpcodeType.OP_HASH160, 20, .., (byte)OpcodeType.OP_EQUAL],
        ScriptType.P2PK => PayToPubkeyTemplate.Instance.CheckScriptPubKey(this),
        ScriptType.P2WPKH => _bytes.Length == 22 && _bytes is [0, 20, ..],
        ScriptType.P2WSH => _bytes.Length == 34 && _bytes is [0, 32, ..],
        ScriptType.MultiSig => PayToMultiSigTemplate.Instance.CheckScriptPubKey(this),
        ScriptType.Taproot => _bytes.Length == 34 && _bytes is [(byte)OpcodeType.OP_1, 32, ..],
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "The value is not a valid script type"),
    };

    /// <summary>The address it pays to, when there is one.</summary>
    public BitcoinAddress? GetDestinationAddress(Network network) => GetDestination()?.GetAddress(network);

    /// <summary>What it pays to, when that can be written as an address.</summary>
    public IAddressableDestination? GetDestination()
    {
        if (IsScriptType(ScriptType.P2PKH)) return new KeyId(_bytes[3..23]);
        if (IsScriptType(ScriptType.P2SH)) return new ScriptId(_bytes[2..22]);
        if (IsScriptType(ScriptType.P2WPKH)) return new WitKeyId(_bytes[2..]);
        if (IsScriptType(ScriptType.P2WSH)) return new WitScriptId(_bytes[2..]);
        return IsScriptType(ScriptType.Taproot) && TaprootPubKey.TryCreate(_bytes[2..], out var key) ? key : null;
    }

    /// <summary>The keys it pays to, when it names them.</summary>
    public PubKey[] GetDestinationPublicKeys() =>
        PayToPubkeyTemplate.Instance.ExtractScriptPubKeyParameters(this) is { } single
            ? [single]
            : PayToMultiSigTemplate.Instance.ExtractScriptPubKeyParameters(this)?.PubKeys ?? [];

    /// <summary>Every key that it pushes.</summary>
    public PubKey[] GetAllPubKeys() =>
        ToOps().Where(o => o.PushData is not null).Select(o => PubKey.TryCreatePubKey(o.PushData!, out var key) ? key : null).OfType<PubKey>().ToArray();

    /// <summary>Its steps.</summary>
    public IEnumerable<Op> ToOps()
    {
        for (var at = 0; at < _bytes.Length;)
        {
            yield return Op.Read(_bytes.AsSpan(at), out var length);
            at += length;
        }
    }

    /// <summary>The pushed data as a witness.</summary>
    public WitScript ToWitScript() => new(this);

    /// <summary>A copy of its bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <summary>Its bytes, copied or not.</summary>
    public byte[] ToBytes(bool @unsafe) => @unsafe ? _bytes : ToBytes();

    /// <summary>Its bytes in hexadecimal digits.</summary>
    public string ToHex() => Encoders.Hex.EncodeData(_bytes);

    /// <summary>Its words and data.</summary>
    public override string ToString() => string.Join(' ', ToOps());

    /// <inheritdoc/>
    public bool Equals(Script? item) => item is not null && _bytes.AsSpan().SequenceEqual(item._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Script);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>Same bytes.</summary>
    public static bool operator ==(Script? a, Script? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(Script? a, Script? b) => !(a == b);
}
