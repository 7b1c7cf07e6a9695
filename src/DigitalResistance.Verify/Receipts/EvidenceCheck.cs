using System.Globalization;
using System.Numerics;
using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Receipts;

/// <summary>From the servers' numbers to the weight in the log: the statement is the one that was committed to, and its arithmetic is that of its policy.</summary>
internal static class EvidenceCheck
{
    /// <summary>The servers of the statement; throws <see cref="Books.BookFaultException"/> or <see cref="FormatException"/>.</summary>
    /// <param name="evidence">The statement with its salt.</param>
    /// <param name="weight">The signed entry of the token's weight.</param>
    /// <param name="says">What can be said is added here.</param>
    public static IReadOnlyList<ServerSaid> Read(EvidenceStatement evidence, CanonicalObject weight, List<string> says)
    {
        Need(weight.Has("evidence") && weight.Text("evidence") == $"sha256:{evidence.Commitment}", "its evidence is not what the log committed to");
        var statement = CanonicalObject.Parse(evidence.Statement);
        Need((statement.Integer("v"), statement.Text("type")) == (1, "weight.evidence"), "its evidence is of a kind that this version does not know");
        Need((statement.Text("token"), statement.Integer("round")) == (weight.Text("token"), weight.Integer("round")), "its evidence is of another token or round");
        var servers = statement.Objects("servers").Select(ServerSaid.Read).ToList();
        var (sum, before) = (servers.Aggregate((Int128)0, (all, s) => all + s.Weight), servers.Aggregate((Int128)0, (all, s) => all + s.Full));
        Need(sum == weight.Integer("weight"), "the weights of its servers are not the weight in the log");
        says.Add(string.Create(CultureInfo.InvariantCulture, $"evidence: {servers.Count} servers, whose weights add up to {sum}{(before > sum ? $" ({before} before the caps of shared machines and networks)" : "")}"));
        return servers;
    }

    /// <summary>The policy that the statement names, where the bundle has it.</summary>
    public static FrozenPolicy Policy(EvidenceStatement evidence, byte[] policy) => FrozenPolicy.Read(policy, CanonicalObject.Parse(evidence.Statement).Text("policy"));

    /// <summary>
    /// The caps, as far as they follow from the operator's own servers; returns what of them rests on the servers of others, which only the registry knows.
    /// </summary>
    public static IEnumerable<string> Caps(IReadOnlyList<ServerSaid> servers, FrozenPolicy policy)
    {
        var alone = new Dictionary<string, long>(StringComparer.Ordinal);
        var machines = servers.Where(s => !s.PassesOn).GroupBy(s => (s.Network, s.Machine)).Select(m => (m.Key.Network, Servers: m.ToList(), Cap: Cap(m.Select(s => (BigInteger)s.Full), policy.ServersPerAddress)));
        foreach (var network in machines.GroupBy(m => m.Network))
        {
            var (counted, all) = Cap(network.Select(m => m.Cap.Counted), policy.ServersPerNetwork);
            foreach (var machine in network)
                foreach (var server in machine.Servers) alone[server.Name] = (machine.Cap.All * all).IsZero ? 0 : (long)(server.Full * machine.Cap.Counted * counted / (machine.Cap.All * all));
        }

        foreach (var server in servers.Where(s => s.Weight != alone.GetValueOrDefault(s.Name) || (s.PassesOn && s.Full > 0)))
        {
            Need(!server.PassesOn || server.Weight == 0, $"{server.Name}: only passes traffic on, and weighs something");
            yield return server.PassesOn
                ? $"{server.Name}: that it only passes traffic on to another server is the registry's word"
                : string.Create(CultureInfo.InvariantCulture, $"{server.Name}: why {server.Weight} of its {server.Full} are left: its owner's other servers would leave {alone.GetValueOrDefault(server.Name)}, and who else shares its machine or network is the registry's word");
        }
    }

    // A group counts as its heaviest members.
    private static (BigInteger Counted, BigInteger All) Cap(IEnumerable<BigInteger> weights, long most)
    {
        var descending = weights.OrderDescending().ToList();
        return (descending.Take((int)most).Aggregate(BigInteger.Zero, (sum, w) => sum + w), descending.Aggregate(BigInteger.Zero, (sum, w) => sum + w));
    }
}
