using DigitalResistance.Transparency;

namespace DigitalResistance.Verify;

/// <summary>How far a long check is, on one line of a terminal; nothing where no terminal is.</summary>
internal static class Progress
{
    private const long Step = 100_000;
    private static bool _shown;

    /// <summary>Entries of the log, told every hundred thousand.</summary>
    public static void Entries(long read, long all)
    {
        if (all >= Step && read / Step != (read - TilePath.Width) / Step) Show("entries", read, all);
    }

    /// <summary>Anything that takes a question to somebody else.</summary>
    public static void Show(string what, long done, long all)
    {
        if (Console.IsErrorRedirected) return;
        Console.Error.Write($"\r{done:N0} of {all:N0} {what} \e[K");
        _shown = true;
    }

    public static void Clear()
    {
        if (_shown) Console.Error.Write("\r\e[K");
    }
}
