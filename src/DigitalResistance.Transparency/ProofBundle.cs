using System.Globalization;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// Several proofs in one file to keep: a header line, and before each proof a line with its length in bytes. Everything in it is public or
/// follows from what is; that these entries belong together is what its holder knows.
/// </summary>
/// <param name="Proofs">The proofs, each with its entry.</param>
public sealed record ProofBundle(IReadOnlyList<TlogProof> Proofs)
{
    private const string Header = "digital-resistance/proof-bundle/v1\n";
    private const string Before = "proof ";
    private const int MostProofs = 16;

    /// <summary>Reads the file; throws <see cref="FormatException"/> that says what is wrong.</summary>
    public static ProofBundle Parse(string text)
    {
        if (!text.StartsWith(Header, StringComparison.Ordinal)) throw new FormatException("A bundle of proofs starts with the line digital-resistance/proof-bundle/v1.");
        var proofs = new List<TlogProof>();
        for (var rest = Encoding.UTF8.GetBytes(text[Header.Length..]).AsMemory(); rest.Length > 0;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? "" : Encoding.UTF8.GetString(rest.Span[..end]);
            if (!line.StartsWith(Before, StringComparison.Ordinal) || !int.TryParse(line[Before.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length > rest.Length - end - 1 || proofs.Count == MostProofs) throw new FormatException($"The bundle is cut, or its proof number {proofs.Count + 1} is not announced.");
            proofs.Add(TlogProof.Parse(Encoding.UTF8.GetString(rest.Span.Slice(end + 1, length))));
            rest = rest[(end + 1 + length)..];
        }

        return new ProofBundle(proofs);
    }

    /// <summary>The file's text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header);
        foreach (var proof in Proofs.Select(p => p.ToString())) text.Append(Before).Append(Encoding.UTF8.GetByteCount(proof).ToString(CultureInfo.InvariantCulture)).Append('\n').Append(proof);
        return text.ToString();
    }
}
