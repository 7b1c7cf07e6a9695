using System.Globalization;

namespace DigitalResistance.Transparency;

/// <summary>
/// Names of the files of a log below its prefix, as <see href="https://c2sp.org/tlog-tiles">C2SP tlog-tiles</see> spells them:
/// <c>tile/0/x001/234</c> is a full tile of 256 hashes, <c>tile/entries/000.p/17</c> a partial bundle of 17 entries.
/// </summary>
public static class TilePath
{
    /// <summary>Hashes in a full tile, entries in a full bundle.</summary>
    public const int Width = 256;

    /// <summary>Tree levels that one tile level spans.</summary>
    public const int Height = 8;

    /// <summary>Where the signed head stands.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Path of a tile of hashes.</summary>
    public static string Hashes(int level, long number, int width = Width) =>
        $"tile/{level.ToString(CultureInfo.InvariantCulture)}/{Number(number)}{Suffix(width)}";

    /// <summary>Path of a bundle of entries.</summary>
    public static string Entries(long number, int width = Width) => $"tile/entries/{Number(number)}{Suffix(width)}";

    /// <summary>How many hashes tile <paramref name="number"/> of <paramref name="level"/> holds in a tree of that size; 0 when it does not exist.</summary>
    public static int WidthAt(int level, long number, long size) =>
        (int)Math.Clamp((size >> Math.Min(63, level * Height)) - number * Width, 0, Width);

    /// <summary>Every tile and bundle that a tree of that size consists of, entries first, then the levels upwards.</summary>
    public static IEnumerable<string> All(long size)
    {
        for (long number = 0; WidthAt(0, number, size) is > 0 and var width; number++) yield return Entries(number, width);
        for (var level = 0; size >> (level * Height) > 0; level++)
            for (long number = 0; WidthAt(level, number, size) is > 0 and var width; number++)
                yield return Hashes(level, number, width);
    }

    /// <summary>Whether a path below the prefix is spelled as a file of a log can be: everything else must not be served.</summary>
    public static bool IsWellFormed(string path)
    {
        if (path == Checkpoint) return true;
        var parts = path.Split('/');
        if (parts.Length < 3 || parts[0] != "tile") return false;
        if (parts[1] != "entries" && !(Decimal(parts[1], 0, 63) is not null)) return false;

        var end = parts.Length;
        if (parts[end - 2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (parts.Length < 4 || Decimal(parts[end - 1], 1, Width - 1) is null) return false;
            end--;
            parts[end - 1] = parts[end - 1][..^2];
        }

        for (var i = 2; i < end; i++)
        {
            var group = i < end - 1 ? (parts[i].StartsWith('x') ? parts[i][1..] : "") : parts[i];
            if (group.Length != 3 || !group.All(char.IsAsciiDigit) || (i == 2 && i < end - 1 && group == "000")) return false;
        }

        return end - 2 <= 6;
    }

    private static string Number(long number)
    {
        var path = (number % 1000).ToString("000", CultureInfo.InvariantCulture);
        while ((number /= 1000) > 0) path = $"x{(number % 1000).ToString("000", CultureInfo.InvariantCulture)}/{path}";
        return path;
    }

    private static string Suffix(int width) => width switch
    {
        Width => "",
        > 0 and < Width => $".p/{width.ToString(CultureInfo.InvariantCulture)}",
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "A tile holds 1 to 256 hashes."),
    };

    private static int? Decimal(string text, int from, int to) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
        && value.ToString(CultureInfo.InvariantCulture) == text ? value : null;
}
