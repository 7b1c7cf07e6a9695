using System.Globalization;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Verify.Receipts;

/// <summary>From the servers' numbers to the weight in the log: the statement is the one that was committed to, and its arithmetic holds.</summary>
internal static class EvidenceCheck
{
    private const long Million = 1_000_000;

    /// <summary>What can be said; throws <see cref="BookFaultException"/> or <see cref="FormatException"/>.</summary>
    /// <param name="evidence">The statement with its salt.</param>
    /// <param name="weight">The signed entry of the token's weight.</param>
    public static string Run(EvidenceStatement evidence, CanonicalObject weight)
    {
        BookFaultException.Need(weight.Has("evidence") && weight.Text("evidence") == $"sha256:{evidence.Commitment}", "its evidence is not what the log committed to");
        var statement = CanonicalObject.Parse(evidence.Statement);
        BookFaultException.Need((statement.Integer("v"), statement.Text("type")) == (1, "weight.evidence"), "its evidence is of a kind that this version does not know");
        BookFaultException.Need((statement.Text("token"), statement.Integer("round")) == (weight.Text("token"), weight.Integer("round")), "its evidence is of another token or round");
        var (sum, before, servers) = (0L, 0L, statement.Objects("servers"));
        foreach (var server in servers)
        {
            var full = Full(server);
            BookFaultException.Need(server.Integer("weight") is >= 0 and var own && own <= full, "a server weighs more than its bucket, tenure and presence make");
            (sum, before) = (checked(sum + server.Integer("weight")), checked(before + full));
        }

        BookFaultException.Need(sum == weight.Integer("weight"), "the weights of its servers are not the weight in the log");
        return string.Create(CultureInfo.InvariantCulture, $"evidence: {servers.Count} servers, whose weights add up to {sum}{(before > sum ? $" ({before} before the caps of shared machines and networks)" : "")}");
    }

    private static long Full(CanonicalObject server)
    {
        var (bucket, tenure, presence) = (server.Integer("bucket"), server.Integer("tenure_ppm"), server.Integer("presence_ppm"));
        BookFaultException.Need(bucket is >= 0 and <= int.MaxValue && tenure is >= 0 and <= Million && presence is >= 0 and <= Million && server.Integer("availability_ppm") is >= 0 and <= Million, "a number of its evidence cannot be");
        return bucket * tenure / Million * presence / Million;
    }
}
