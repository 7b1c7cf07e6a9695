using System.Globalization;

namespace DigitalResistance.Transparency;

/// <summary>
/// The head of a log: which log, how many entries, which root (<see href="https://c2sp.org/tlog-checkpoint">C2SP tlog-checkpoint</see>).
/// We write no extension lines and refuse them when reading, since nobody could audit what they say.
/// </summary>
/// <param name="Origin">The log's name: its URL prefix without scheme and trailing slash.</param>
/// <param name="Size">Entries in the tree.</param>
/// <param name="Root">Root hash of the tree.</param>
public sealed record Checkpoint(string Origin, long Size, TreeHash Root)
{
    /// <summary>The three lines that are signed.</summary>
    public string Text => $"{Origin}\n{Size.ToString(CultureInfo.InvariantCulture)}\n{Root.ToBase64()}\n";

    /// <summary>Reads a note's text as a checkpoint. The signatures must have been verified before what it says is believed.</summary>
    public static Checkpoint Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length != 4 || lines[3].Length != 0 || lines[0].Length == 0) throw new FormatException("A checkpoint has exactly three lines: origin, size, root.");
        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size.ToString(CultureInfo.InvariantCulture) != lines[1])
            throw new FormatException($"'{lines[1]}' is not a tree size.");
        return new Checkpoint(lines[0], size, TreeHash.FromBase64(lines[2]));
    }

    /// <summary>Reads a published checkpoint and believes it only when one of the keys signed it and it names their log.</summary>
    public static Checkpoint Open(ReadOnlySpan<byte> note, params IReadOnlyCollection<NoteVerifier> keys)
    {
        var signed = SignedNote.Parse(note);
        var signer = signed.VerifiedBy(keys)[0];
        var checkpoint = Parse(signed.Text);
        if (checkpoint.Origin != signer.Name) throw new FormatException($"The checkpoint is of the log '{checkpoint.Origin}', the key of '{signer.Name}'.");
        return checkpoint;
    }

    /// <summary>Signs it with every key given: two of them while one is being replaced.</summary>
    public SignedNote Sign(params IReadOnlyList<NoteSigner> signers) => SignedNote.Sign(Text, signers);
}
