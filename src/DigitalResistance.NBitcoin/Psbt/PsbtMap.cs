using NBitcoin.DataEncoders;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>Orders bytes as a dictionary orders words.</summary>
public class BytesComparer : Comparer<byte[]>
{
    private BytesComparer()
    {
    }

    /// <summary>The one there is.</summary>
    public static BytesComparer Instance { get; } = new();

    /// <inheritdoc/>
    public override int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}

/// <summary>
/// One map of a PSBT (https://github.com/bitcoin/bips/blob/master/bip-0174.mediawiki#specification). What is understood is
/// taken out; what is left over is kept as it was and written again.
/// </summary>
internal sealed class PsbtMap(string part, int? index = null) : SortedDictionary<byte[], byte[]>(BytesComparer.Instance)
{
    private string Where => index is null ? part : $"{part} {index}";

    /// <summary>Reads one map; null when it is empty, as that of most outputs is.</summary>
    public static PsbtMap? Read(ref WireReader reader, string part, int? index = null)
    {
        PsbtMap? map = null;
        while (reader.TakeVarBytes() is { IsEmpty: false } key)
        {
            map ??= new PsbtMap(part, index);
            if (!map.TryAdd(key.ToArray(), reader.TakeVarBytes().ToArray()))
                throw new FormatException($"The PSBT has the key {Encoders.Hex.EncodeData(key)} twice in {map.Where}.");
        }

        return map;
    }

    /// <summary>The value under a type that has no key data.</summary>
    public byte[]? Take(byte type)
    {
        foreach (var key in Keys.SkipWhile(k => k[0] < type).TakeWhile(k => k[0] == type))
            if (key.Length != 1) throw Malformed(type, "carries key data and must not");
        byte[] whole = [type];
        if (!TryGetValue(whole, out var value)) return null;
        Remove(whole);
        return value;
    }

    /// <summary>The values under a type, each with its key data of one of these lengths.</summary>
    public IReadOnlyList<(byte[] KeyData, byte[] Value)> TakeAll(byte type, params ReadOnlySpan<int> lengths)
    {
        var found = new List<(byte[] KeyData, byte[] Value)>();
        foreach (var (key, value) in this.SkipWhile(e => e.Key[0] < type).TakeWhile(e => e.Key[0] == type))
        {
            if (!lengths.Contains(key.Length - 1)) throw Malformed(type, $"has key data of {key.Length - 1} bytes");
            found.Add((key[1..], value));
        }

        foreach (var (data, _) in found) Remove([type, .. data]);
        return found;
    }

    /// <summary>Refuses a type that only version 2 of the format has.</summary>
    public void Forbid(params ReadOnlySpan<byte> types)
    {
        foreach (var key in Keys)
            if (key.Length == 1 && types.Contains(key[0])) throw Malformed(key[0], "belongs to version 2 of the format");
    }

    public void Put(byte type, ReadOnlySpan<byte> value) => this[[type]] = value.ToArray();

    public void Put(byte type, ReadOnlySpan<byte> keyData, ReadOnlySpan<byte> value) => this[[type, .. keyData]] = value.ToArray();

    public void PutAll(SortedDictionary<byte[], byte[]> entries)
    {
        foreach (var (key, value) in entries) this[key] = value;
    }

    public void Write(WireWriter writer)
    {
        foreach (var (key, value) in this)
        {
            writer.WriteVarBytes(key);
            writer.WriteVarBytes(value);
        }

        writer.WriteByte(0);
    }

    public FormatException Malformed(byte type, string why) => new($"The PSBT's field of type {type:x2} in {Where} {why}.");
}
