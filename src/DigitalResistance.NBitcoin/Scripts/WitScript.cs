using System.Diagnostics.CodeAnalysis;
using NBitcoin.DataEncoders;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>A witness: the data that satisfies a witness program (https://github.com/bitcoin/bips/blob/master/bip-0144.mediawiki).</summary>
public class WitScript : IEquatable<WitScript>
{
    private readonly byte[][] _pushes;

    /// <summary>These items, copied unless told otherwise.</summary>
    public WitScript(byte[][] script, bool @unsafe = false)
    {
        ArgumentNullException.ThrowIfNull(script);
        _pushes = @unsafe ? script : Array.ConvertAll(script, s => s.ToArray());
    }

    /// <summary>These items, copied unless told otherwise.</summary>
    public WitScript(IEnumerable<byte[]> script, bool @unsafe = false)
        : this(script.ToArray(), @unsafe)
    {
    }

    /// <summary>What these steps push.</summary>
    public WitScript(params Op[] ops)
        : this(Pushed(ops), @unsafe: true)
    {
    }

    /// <summary>What this script pushes.</summary>
    public WitScript(Script scriptSig)
        : this(Pushed(scriptSig.ToOps()), @unsafe: true)
    {
    }

    /// <summary>From its wire encoding.</summary>
    public WitScript(byte[] script)
    {
        ArgumentNullException.ThrowIfNull(script);
        var reader = new WireReader(script, "witness");
        _pushes = Read(ref reader)._pushes;
        reader.ExpectEnd();
    }

    /// <summary>No items.</summary>
    public static WitScript Empty { get; } = new(Array.Empty<byte[]>(), @unsafe: true);

    /// <summary>The items.</summary>
    public IEnumerable<byte[]> Pushes => _pushes;

    /// <summary>How many items.</summary>
    public int PushCount => _pushes.Length;

    /// <summary>One item.</summary>
    public byte[] this[int index] => _pushes[index];

    /// <summary>True for null and for no items.</summary>
    public static bool IsNullOrEmpty([NotNullWhen(false)] WitScript? witScript) => witScript is null || witScript._pushes.Length == 0;

    /// <summary>Its wire encoding.</summary>
    public byte[] ToBytes()
    {
        var writer = new WireWriter();
        Write(writer);
        return writer.ToArray();
    }

    internal static WitScript Read(ref WireReader reader)
    {
        var count = reader.ReadCount(smallest: 1);
        if (count == 0) return Empty;
        var pushes = new byte[count][];
        for (var i = 0; i < count; i++) pushes[i] = reader.TakeVarBytes().ToArray();
        return new WitScript(pushes, @unsafe: true);
    }

    internal void Write(WireWriter writer)
    {
        writer.WriteCompactSize((ulong)_pushes.Length);
        foreach (var push in _pushes) writer.WriteVarBytes(push);
    }

    /// <summary>Its items in hexadecimal digits.</summary>
    public override string ToString() => string.Join(' ', _pushes.Select(p => p.Length == 0 ? "0" : Encoders.Hex.EncodeData(p)));

    /// <inheritdoc/>
    public bool Equals(WitScript? item) => item is not null && _pushes.Length == item._pushes.Length
        && _pushes.Zip(item._pushes).All(p => p.First.AsSpan().SequenceEqual(p.Second));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as WitScript);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var push in _pushes) hash.AddBytes(push);
        return hash.ToHashCode();
    }

    /// <summary>Same items.</summary>
    public static bool operator ==(WitScript? a, WitScript? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other items.</summary>
    public static bool operator !=(WitScript? a, WitScript? b) => !(a == b);

    private static byte[][] Pushed(IEnumerable<Op> ops) =>
        ops.Select(o => o.PushData ?? throw new ArgumentException("A WitScript can only contain push operations", nameof(ops))).ToArray();
}
