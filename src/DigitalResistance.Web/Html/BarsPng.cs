using System.Buffers.Binary;
using System.IO.Compression;

namespace DigitalResistance.Web.Html;

/// <summary>
/// Bars with their numbers above them, and what they stand for below, as PNG (<see href="https://www.w3.org/TR/png-3/">PNG, third edition</see>): SVG is off in Tor Browser's
/// safest mode, and a plotting library would be the largest thing of the whole program for one picture. The table beside it says all of it.
/// </summary>
internal static class BarsPng
{
    private const int Width = 640;
    private const int Height = 240;
    private const int Top = 24;
    private const int Dot = 2;
    private const int Names = 20;
    private const byte Ink = 1;
    private const byte Bar = 2;

    // White, near-black, and a blue that stands out 4.5 : 1 against white, in light and dark pages alike.
    private static readonly byte[] Palette = [0xff, 0xff, 0xff, 0x1c, 0x1c, 0x1c, 0x1f, 0x5f, 0xa8];

    // Three by five dots a digit, a row for each number, the left dot highest.
    private static readonly byte[][] Digits =
    [
        [7, 5, 5, 5, 7], [2, 6, 2, 2, 7], [7, 1, 7, 4, 7], [7, 1, 3, 1, 7], [5, 5, 7, 1, 1], [7, 4, 7, 1, 7], [7, 4, 7, 5, 7], [7, 1, 1, 1, 1], [7, 5, 7, 5, 7], [7, 5, 7, 1, 7],
    ];

    private static readonly System.Globalization.NumberFormatInfo Spaced = new() { NumberGroupSeparator = " ", NumberGroupSizes = [3] };

    /// <summary>Draws.</summary>
    /// <param name="values">How tall the bars are.</param>
    /// <param name="names">Numbers below the bars; left out where one of them has no room.</param>
    public static byte[] Make(IReadOnlyList<long> values, IReadOnlyList<long>? names = null)
    {
        var dots = new byte[Height, Width];
        var most = values.DefaultIfEmpty(0).Max();
        var slot = Width / Math.Max(1, values.Count);
        string[] below = [.. (names ?? []).Select(Grouped)];
        var ground = Height - 2 - (below.Length == values.Count && below.All(name => Wide(name, Dot) <= slot - 4) ? Names : 0);
        Fill(dots, 0, ground, Width, 2, Ink);
        for (var i = 0; i < values.Count; i++)
        {
            // A bar of one dot still shows that there is somebody.
            var tall = values[i] == 0 ? 0 : Math.Max(1, (int)((Int128)values[i] * (ground - Top) / most));
            var (number, middle) = (Grouped(values[i]), (i * slot) + (slot / 2));
            Fill(dots, (i * slot) + (slot / 8), ground - tall, slot - (slot / 4), tall, Bar);
            var dot = Wide(number, Dot + 1) <= slot - 4 ? Dot + 1 : Dot;
            Write(dots, number, middle, ground - tall - 4 - (5 * dot), dot);
            if (ground < Height - 2) Write(dots, below[i], middle, ground + 7, Dot);
        }

        return Encode(dots);
    }

    private static string Grouped(long number) => number.ToString("N0", Spaced);

    private static int Wide(string text, int dot) => text.Length * 4 * dot;

    private static void Write(byte[,] dots, string digits, int middle, int top, int dot)
    {
        var left = middle - (Wide(digits, dot) / 2);
        for (var d = 0; d < digits.Length; d++)
            for (var row = 0; row < 5 && char.IsAsciiDigit(digits[d]); row++)
                for (var column = 0; column < 3; column++)
                    if ((Digits[digits[d] - '0'][row] >> (2 - column) & 1) == 1) Fill(dots, left + (((d * 4) + column) * dot), top + (row * dot), dot, dot, Ink);
    }

    private static void Fill(byte[,] dots, int left, int top, int width, int height, byte colour)
    {
        for (var y = Math.Max(0, top); y < Math.Min(Height, top + height); y++)
            for (var x = Math.Max(0, left); x < Math.Min(Width, left + width); x++)
                dots[y, x] = colour;
    }

    private static byte[] Encode(byte[,] dots)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = new byte[1 + (Width / 4)];
            for (var y = 0; y < Height; y++)
            {
                Array.Clear(row);
                // Four dots a byte, the first highest; no filter.
                for (var x = 0; x < Width; x++) row[1 + (x / 4)] |= (byte)(dots[y, x] << (6 - (x % 4 * 2)));
                zlib.Write(row);
            }
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (2, 3);
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("PLTE"u8, Palette), .. Chunk("IDAT"u8, pixels.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        var check = new byte[4];
        byte[] body = [.. type, .. data];
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc32(body));
        return [.. length, .. body, .. check];
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = 0xffffffffu;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
        }

        return ~crc;
    }
}
