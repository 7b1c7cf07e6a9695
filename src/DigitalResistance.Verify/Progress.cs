using DigitalResistance.Transparency;

namespace DigitalResistance.Verify;

/// <summary>How far a long check is, on one line of a terminal.</summary>
internal static class Progress
{
    private const long Step = 100_000;
    private static bool _shown;

    public static void Show(long read, long all)
    {
        if (all < Step || read / Step == (read - TilePath.Width) / Step) return;
        Console.Error.Write($"\r{read:N0} of {all:N0} entries ");
        _shown = true;
    }

    public static void Clear()
    {
        if (_shown) Console.Error.Write("\r\e[K");
    }
}
