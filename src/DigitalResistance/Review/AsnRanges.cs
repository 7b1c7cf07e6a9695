using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Review;

/// <summary>
/// Which autonomous system an address belongs to, by a local file of ranges: lines of <c>first address, last address, number</c> with tabs between
/// them, further columns ignored, as iptoasn.com publishes them. Nobody is asked. Without a file nothing is known.
/// </summary>
public sealed class AsnRanges
{
    private const int MostMistakes = 10;
    private readonly (UInt128 First, UInt128 Last, int Asn)[] _ranges;

    private AsnRanges(IEnumerable<(UInt128, UInt128, int)> ranges) => _ranges = [.. ranges.Order()];

    /// <summary>Knows no address.</summary>
    public static AsnRanges None { get; } = new([]);

    /// <summary>Whether there is a file.</summary>
    public bool IsKnown => _ranges.Length > 0;

    /// <summary>Reads the lines of a file; throws <see cref="FormatException"/> that names the wrong ones.</summary>
    public static AsnRanges Read(IEnumerable<string> lines)
    {
        List<(UInt128, UInt128, int)> ranges = [];
        List<string> mistakes = [];
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (line.Length == 0) continue;
            if (Range(line) is not { } range) mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"line {number}"));
            // Number 0 stands for addresses that nobody announces.
            else if (range.Asn > 0) ranges.Add(range);
            if (mistakes.Count == MostMistakes) break;
        }

        if (mistakes.Count > 0) throw new FormatException($"first address, last address and number are expected, with tabs between them: {string.Join(", ", mistakes)}");
        return ranges.Count > 0 ? new(ranges) : throw new FormatException("it has no range");
    }

    /// <summary>The system of an address; null where none is known.</summary>
    public int? Find(IPAddress address)
    {
        var number = Number(address);
        var place = Array.BinarySearch(_ranges, (number, UInt128.MaxValue, int.MaxValue));
        place = place >= 0 ? place : ~place - 1;
        return place >= 0 && number <= _ranges[place].Last ? _ranges[place].Asn : null;
    }

    private static (UInt128 First, UInt128 Last, int Asn)? Range(string line)
    {
        var columns = line.Split('\t');
        if (columns.Length < 3 || !IPAddress.TryParse(columns[0], out var first) || !IPAddress.TryParse(columns[1], out var last)) return null;
        if (!int.TryParse(columns[2], NumberStyles.None, CultureInfo.InvariantCulture, out var asn) || first.AddressFamily != last.AddressFamily) return null;
        return Number(first) <= Number(last) ? (Number(first), Number(last), asn) : null;
    }

    // IPv4 as its mapped address: one order for both.
    private static UInt128 Number(IPAddress address) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian((address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address).GetAddressBytes());
}
