using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace DigitalResistance.Verify.Bitcoin;

/// <summary>
/// A transaction as the chain has it. Its id is computed from its bytes, so whoever handed them over can have changed nothing but the
/// signatures.
/// </summary>
internal sealed record RawTransaction(string Txid, IReadOnlyList<string> Inputs, IReadOnlyList<RawOutput> Outputs)
{
    /// <summary>Bytes without signatures. A transaction of 64 could pass for a node of a block's Merkle tree.</summary>
    public int StrippedLength { get; private init; }

    /// <summary>Reads exactly one; throws <see cref="FormatException"/>.</summary>
    public static RawTransaction Parse(ReadOnlySpan<byte> bytes)
    {
        var transaction = Read(bytes, out var length);
        return length == bytes.Length ? transaction : throw new FormatException("There are bytes behind the transaction.");
    }

    /// <summary>Reads one at the beginning of more.</summary>
    public static RawTransaction Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new Reader(bytes);
        reader.Take(4);
        // BIP-144: a count of zero inputs and a one mean that signatures stand apart.
        var hasWitness = bytes.Length > 6 && bytes[4] == 0 && bytes[5] == 1;
        if (hasWitness) reader.Take(2);
        var from = reader.At;
        var inputs = new string[reader.Count(least: 41)];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = string.Create(CultureInfo.InvariantCulture, $"{Printed(reader.Take(32))}:{BinaryPrimitives.ReadUInt32LittleEndian(reader.Take(4))}");
            reader.Take(reader.Count(least: 1));
            reader.Take(4);
        }

        var outputs = new RawOutput[reader.Count(least: 9)];
        for (var i = 0; i < outputs.Length; i++)
        {
            var value = BinaryPrimitives.ReadInt64LittleEndian(reader.Take(8));
            outputs[i] = new RawOutput(value, reader.Take(reader.Count(least: 1)).ToArray());
            if (value is < 0 or > 2_100_000_000_000_000) throw new FormatException("An output is more than there is.");
        }

        var middle = bytes[from..reader.At];
        if (hasWitness)
            for (var i = 0; i < inputs.Length; i++)
                for (var items = reader.Count(least: 1); items > 0; items--)
                    reader.Take(reader.Count(least: 1));
        var end = reader.Take(4);
        length = reader.At;
        byte[] stripped = [.. bytes[..4], .. middle, .. end];
        return new RawTransaction(Hash(stripped), inputs, outputs) { StrippedLength = stripped.Length };
    }

    /// <summary>SHA-256 twice, as explorers print it.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => Printed(SHA256.HashData(SHA256.HashData(bytes)));

    /// <summary>The hash's bytes, last first.</summary>
    public static string Printed(ReadOnlySpan<byte> hash)
    {
        var turned = hash.ToArray();
        Array.Reverse(turned);
        return Convert.ToHexStringLower(turned);
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int At { get; private set; }

        public ReadOnlySpan<byte> Take(int count)
        {
            if (count > _bytes.Length - At) throw new FormatException("The transaction is cut.");
            At += count;
            return _bytes.Slice(At - count, count);
        }

        /// <summary>A compact size; never more than what is left can hold, so that nothing is allocated for a lie.</summary>
        public int Count(int least)
        {
            var first = Take(1)[0];
            var count = first switch
            {
                0xfd => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
                0xfe => BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
                0xff => BinaryPrimitives.ReadUInt64LittleEndian(Take(8)),
                _ => (ulong)first,
            };
            return count <= (ulong)((_bytes.Length - At) / least) ? (int)count : throw new FormatException("The transaction is cut.");
        }
    }
}

/// <summary>An output: satoshi, and what it pays to.</summary>
internal sealed record RawOutput(long Value, byte[] Script);
