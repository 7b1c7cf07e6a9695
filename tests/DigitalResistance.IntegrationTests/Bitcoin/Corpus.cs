using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Bitcoin;

/// <summary>
/// What the mutator starts from besides good inputs: for each answer that a parser has given, one input that got it, in hexadecimal digits,
/// one file a parser in <c>Bitcoin/corpus</c>. With <c>DR_CORPUS=keep</c> a run adds the answers that are not there yet.
/// </summary>
internal static partial class Corpus
{
    private static readonly bool Keep = Environment.GetEnvironmentVariable("DR_CORPUS") == "keep";

    public static IEnumerable<string> Kept(string what) => File.Exists(Name(what)) ? File.ReadLines(Name(what)) : [];

    private static string Name(string what) => Path.Combine(Needs.Beside("tests/DigitalResistance.IntegrationTests/Bitcoin/corpus"), what + ".txt");

    /// <summary>Answers told apart by their words: positions, counts, hexadecimal digits and quotations in them do not make another one.</summary>
    public sealed partial class Answers(string what)
    {
        private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
        private readonly Lock _file = new();

        public int Count => _known.Count;

        /// <summary>Counts an answer; <paramref name="input"/> is null where the input is kept already.</summary>
        public void Note(string message, Func<string>? input)
        {
            if (_known.Count > 500 || !_known.TryAdd(Figures().Replace(message, "0"), true) || !Keep || input is null) return;
            lock (_file) File.AppendAllLines(Name(what), [input()]);
        }

        [GeneratedRegex(@"\b[0-9a-f]+\b|[0-9]+|'[^']*'")]
        private static partial Regex Figures();
    }
}
