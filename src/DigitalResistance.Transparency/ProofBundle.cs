using System.Globalization;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// Several proofs in one file to keep: a header line, and before each proof a line with its length in bytes; behind them, where there is any, the evidence of the weight. Everything in it is public or
/// follows from what is; that these entries belong together is what its holder knows.
/// </summary>
/// <param name="Proofs">The proofs, each with its entry.</param>
public sealed record ProofBundle(IReadOnlyList<TlogProof> Proofs)
{
    private const string Header = "digital-resistance/proof-bundle/v1\n";
    private const string Proof = "proof", Statement = "evidence";
    private const int MostProofs = 16;

    /// <summary>What the weight among them was made from.</summary>
    public EvidenceStatement? Evidence { get; init; }

    /// <summary>Reads the file; throws <see cref="FormatException"/> that says what is wrong.</summary>
    public static ProofBundle Parse(string text)
    {
        if (!text.StartsWith(Header, StringComparison.Ordinal)) throw new FormatException("A bundle of proofs starts with the line digital-resistance/proof-bundle/v1.");
        var (proofs, evidence) = (new List<TlogProof>(), (EvidenceStatement?)null);
        for (var rest = Encoding.UTF8.GetBytes(text[Header.Length..]).AsMemory(); rest.Length > 0;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? "" : Encoding.UTF8.GetString(rest.Span[..end]);
            // Proofs first; behind the evidence nothing may come.
            if (line.Split(' ') is not [Proof or Statement, var digits] || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length > rest.Length - end - 1 || proofs.Count == MostProofs || evidence is not null) throw new FormatException($"The bundle is cut, or its part number {proofs.Count + 1} is not announced.");
            var part = rest.Span.Slice(end + 1, length);
            if (line.StartsWith(Proof, StringComparison.Ordinal)) proofs.Add(TlogProof.Parse(Encoding.UTF8.GetString(part)));
            else evidence = EvidenceStatement.Parse(part);
            rest = rest[(end + 1 + length)..];
        }

        return new ProofBundle(proofs) { Evidence = evidence };
    }

    /// <summary>The file's text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header);
        foreach (var proof in Proofs.Select(p => p.ToString())) Add(Proof, proof);
        if (Evidence is not null) Add(Statement, Encoding.ASCII.GetString(Evidence.ToFile()));
        return text.ToString();

        void Add(string what, string part) => text.Append(what).Append(' ').Append(Encoding.UTF8.GetByteCount(part).ToString(CultureInfo.InvariantCulture)).Append('\n').Append(part);
    }
}
