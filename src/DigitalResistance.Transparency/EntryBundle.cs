using System.Buffers.Binary;

namespace DigitalResistance.Transparency;

/// <summary>Up to 256 consecutive entries in one file, each behind its length as a big-endian uint16 (C2SP tlog-tiles, "Log entries").</summary>
public static class EntryBundle
{
    /// <summary>Bytes an entry may have at most.</summary>
    public const int MaximumEntryLength = ushort.MaxValue;

    /// <summary>Writes entries one after another.</summary>
    public static byte[] Write(IReadOnlyCollection<byte[]> entries)
    {
        var bundle = new byte[entries.Sum(e => e.Length + 2)];
        var rest = bundle.AsSpan();
        foreach (var entry in entries)
        {
            if (entry.Length > MaximumEntryLength) throw new FormatException($"An entry has at most {MaximumEntryLength} bytes, not {entry.Length}.");
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)entry.Length);
            entry.CopyTo(rest[2..]);
            rest = rest[(2 + entry.Length)..];
        }

        return bundle;
    }

    /// <summary>Reads every entry; a length that points behind the end is an error, never a short entry.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> bundle)
    {
        var entries = new List<ReadOnlyMemory<byte>>(TilePath.Width);
        for (var rest = bundle; rest.Length > 0;)
        {
            var length = rest.Length < 2 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
            if (length > rest.Length - 2) throw new FormatException($"The bundle ends inside its entry number {entries.Count}.");
            entries.Add(rest.Slice(2, length));
            rest = rest[(2 + length)..];
        }

        return entries;
    }
}
