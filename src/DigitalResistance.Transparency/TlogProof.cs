using System.Globalization;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// A self-contained proof that an entry is in a log, to keep as a file (<see href="https://c2sp.org/tlog-proof">C2SP tlog-proof</see>):
/// index, inclusion proof and the signed checkpoint it leads to.
/// </summary>
/// <param name="Index">The entry's index.</param>
/// <param name="Hashes">The inclusion proof, the leaf's sibling first.</param>
/// <param name="Checkpoint">The published note, verbatim.</param>
/// <param name="Extra">Application data, not authenticated by anything; here usually the entry itself, so that the file needs no company.</param>
public sealed record TlogProof(long Index, IReadOnlyList<TreeHash> Hashes, SignedNote Checkpoint, byte[]? Extra = null)
{
    private const string Header = "c2sp.org/tlog-proof@v1";

    /// <summary>Reads the file; throws <see cref="FormatException"/> that says what is wrong.</summary>
    public static TlogProof Parse(string text)
    {
        var blank = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0) throw new FormatException("The proof has no checkpoint after a blank line.");
        var lines = new Queue<string>(text[..blank].Split('\n'));
        if (lines.Dequeue() != Header) throw new FormatException($"A proof starts with the line {Header}.");
        byte[]? extra = null;
        if (lines.TryPeek(out var second) && second.StartsWith("extra ", StringComparison.Ordinal)) extra = StrictBase64.Decode(lines.Dequeue()["extra ".Length..]);
        if (!lines.TryDequeue(out var third) || !third.StartsWith("index ", StringComparison.Ordinal)) throw new FormatException("The proof does not say its index.");
        var digits = third["index ".Length..];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index.ToString(CultureInfo.InvariantCulture) != digits)
            throw new FormatException($"'{digits}' is not an index.");
        var checkpoint = SignedNote.Parse(Encoding.UTF8.GetBytes(text[(blank + 2)..]));
        return new TlogProof(index, [.. lines.Select(TreeHash.FromBase64)], checkpoint, extra);
    }

    /// <summary>The checkpoint that the proof leads the entry to; throws <see cref="FormatException"/> when it does not, or when no known key signed it.</summary>
    public Checkpoint Verify(ReadOnlySpan<byte> entry, params IReadOnlyCollection<NoteVerifier> keys)
    {
        var head = Transparency.Checkpoint.Open(Checkpoint.ToBytes(), keys);
        if (!InclusionProof.Verify(Index, head.Size, MerkleTree.Leaf(entry), Hashes, head.Root))
            throw new FormatException($"The proof does not lead from this entry at index {Index} to the root of size {head.Size}.");
        return head;
    }

    /// <summary>The file's text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (Extra is not null) text.Append("extra ").Append(Convert.ToBase64String(Extra)).Append('\n');
        text.Append("index ").Append(Index.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var hash in Hashes) text.Append(hash.ToBase64()).Append('\n');
        return text.Append('\n').Append(Checkpoint).ToString();
    }
}
