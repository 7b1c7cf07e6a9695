using System.Globalization;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// An operator's proofs in one file to keep: a header line, and before each part a line with its kind and its length in bytes. First the
/// proofs of weight and amount; behind them, where there is any, the evidence of the weight: its statement, the policy that it was made by,
/// and the days of the servers. Whoever is given it learns that these entries belong together, and how the servers were measured.
/// </summary>
/// <param name="Proofs">The proofs, each with its entry.</param>
public sealed record ProofBundle(IReadOnlyList<TlogProof> Proofs)
{
    private static readonly byte[] Header = "digital-resistance/proof-bundle/v1\n"u8.ToArray();
    private static readonly string[] Kinds = ["proof", "evidence", "policy", "day"];
    private const int MostProofs = 16, LongestAnnouncement = 32;

    /// <summary>What the weight among them was made from.</summary>
    public EvidenceStatement? Evidence { get; init; }

    /// <summary>The policy's bytes.</summary>
    public byte[]? Policy { get; init; }

    /// <summary>The days of the servers, by server, day and vantage.</summary>
    public IReadOnlyList<EvidenceDay> Days { get; init; } = [];

    /// <summary>Reads the file; throws <see cref="FormatException"/> that says what is wrong.</summary>
    public static ProofBundle Parse(ReadOnlyMemory<byte> file)
    {
        if (!file.Span.StartsWith(Header)) throw new FormatException("A bundle of proofs starts with the line digital-resistance/proof-bundle/v1.");
        var (proofs, days, evidence, policy) = (new List<TlogProof>(), new List<EvidenceDay>(), (EvidenceStatement?)null, (byte[]?)null);
        var (last, part) = (0, 0);
        for (var rest = file[Header.Length..]; rest.Length > 0; part++)
        {
            var (kind, body) = Next(ref rest, part);
            // In this order; statement and policy once.
            if (kind < last || (kind == last && kind is 1 or 2) || proofs.Count > MostProofs) throw new FormatException($"The part number {part + 1} of the bundle is out of its place.");
            switch (last = kind)
            {
                case 0: proofs.Add(TlogProof.Parse(Encoding.UTF8.GetString(body.Span))); break;
                case 1: evidence = EvidenceStatement.Parse(body.Span); break;
                case 2: policy = body.ToArray(); break;
                default: days.Add(EvidenceDay.Parse(body.Span)); break;
            }
        }

        return new ProofBundle(proofs) { Evidence = evidence, Policy = policy, Days = days };
    }

    /// <summary>Writes the file part by part: a bundle of many servers is never in memory as a whole.</summary>
    public static async Task WriteAsync(Stream to, IReadOnlyList<TlogProof> proofs, EvidenceStatement? evidence, byte[]? policy, IAsyncEnumerable<EvidenceDay> days, CancellationToken cancellation = default)
    {
        await to.WriteAsync(Header, cancellation);
        foreach (var proof in proofs) await AddAsync(0, Encoding.UTF8.GetBytes(proof.ToString()));
        if (evidence is not null) await AddAsync(1, evidence.ToFile());
        if (policy is not null) await AddAsync(2, policy);
        await foreach (var day in days.WithCancellation(cancellation)) await AddAsync(3, day.ToFile());

        async Task AddAsync(int kind, byte[] body)
        {
            await to.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Kinds[kind]} {body.Length}\n")), cancellation);
            await to.WriteAsync(body, cancellation);
        }
    }

    private static (int Kind, ReadOnlyMemory<byte> Body) Next(ref ReadOnlyMemory<byte> rest, int part)
    {
        var end = rest.Span[..Math.Min(rest.Length, LongestAnnouncement)].IndexOf((byte)'\n');
        if (end < 0 || Encoding.UTF8.GetString(rest.Span[..end]).Split(' ') is not [var name, var digits] || Array.IndexOf(Kinds, name) is not (>= 0 and var kind)
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > rest.Length - end - 1)
            throw new FormatException($"The bundle is cut, or its part number {part + 1} is not announced.");
        var body = rest.Slice(end + 1, length);
        rest = rest[(end + 1 + length)..];
        return (kind, body);
    }
}
