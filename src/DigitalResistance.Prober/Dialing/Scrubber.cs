using System.Net;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// Makes a foreign message fit to be stored and shown: printable ASCII, at most 200 characters, and nothing in it that could be an
/// address, a host or a port. Scrubs too much rather than too little.
/// </summary>
public static class Scrubber
{
    /// <summary>What stands where an address stood.</summary>
    public const string Mark = "[scrubbed]";

    private const int Longest = 200;
    private static readonly char[] Edges = [' ', '(', ')', '[', ']', '<', '>', '{', '}', '"', '\'', ',', ';', '=', '/', '\\', '|'];

    /// <summary>The message without what must not leave.</summary>
    public static string Scrub(string? message)
    {
        if (string.IsNullOrEmpty(message)) return "";
        var printable = new string([.. message.Take(4 * Longest).Select(c => c is >= ' ' and <= '~' ? c : ' ')]);
        var words = printable.Split(Edges, StringSplitOptions.RemoveEmptyEntries).Select(word => GivesAway(word.TrimEnd('.', ':', '!', '?')) ? Mark : word);
        var clean = string.Join(' ', words);
        return clean.Length <= Longest ? clean : clean[..Longest];
    }

    /// <summary>A colon or an inner dot is what addresses, names and ports have and the words of a message do not; a number alone may be a port.</summary>
    private static bool GivesAway(string word) =>
        word.Contains(':') || word.Contains('.') || word.Contains('@') || IPAddress.TryParse(word, out _) || word.Count(char.IsAsciiDigit) >= 4;
}
