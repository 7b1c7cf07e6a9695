using System.Text;

namespace DigitalResistance.Ledger;

/// <summary>How members of our vocabularies are spelled in public: <c>EntriesReadmitted</c> is <c>entries_readmitted</c>.</summary>
public static class Words
{
    /// <summary>The snake_case name of an enumeration's member.</summary>
    public static string Snake<T>(T value) where T : struct, Enum
    {
        var name = new StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0) name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
