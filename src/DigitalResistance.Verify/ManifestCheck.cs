using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Verify;

/// <summary>
/// The text that admins approved: it must have the hash that the log names, say the same sums as the log, and carry every SSH signature
/// that the log counts, each by the key that was enrolled (<c>docs/specs/manifest.md</c>).
/// </summary>
internal static class ManifestCheck
{
    private const string SignatureNamespace = "digital-resistance-round";
    private const string MoveNamespace = "digital-resistance-move";
    private static readonly string[] FromProposal = ["move", "kind", "policy", "treasury", "target", "paid_sat", "batches", "max_fee_sat", "max_feerate_sat_vb"];
    private static readonly string[] FromTerms = ["policy", "starts", "ends", "budget_sat", "max_fee_sat", "max_feerate_sat_vb", "round", "revision"];
    private static readonly string[] FromAllocation = ["allocation", "recipients", "shares_sat", "credits_used_sat", "credited_sat", "paid_sat", "carry_sat"];

    private static readonly string[] Names =
    [
        "digital-resistance/round-manifest/v1", "round", "revision", "network", "starts", "ends", "budget_sat", "cap_ppm", "floor_sat", "step_sat", "shares_sat", "carry_sat",
        "credits_used_sat", "credited_sat", "paid_sat", "recipients", "policy", "scores", "allocation", "payouts", "treasury", "batches", "max_fee_sat", "max_feerate_sat_vb",
    ];

    // For readers only, all four or none.
    private static readonly string[] RateNames = ["rate_currency", "rate_minor_per_btc", "rate_source", "rate_time"];

    /// <summary>What does not fit; null when everything does.</summary>
    public static string? Fault(Round round, LedgerBooks books, byte[] manifest)
    {
        var said = round.Allocated!;
        if ($"sha256:{Convert.ToHexStringLower(SHA256.HashData(manifest))}" != said.Text("manifest")) return "the manifest is not the one that the log names";
        var spelled = Encoding.ASCII.GetString(manifest).Split('\n').Select(l => l.Split(' ')[0]).ToArray();
        string[] names = round.Terms.Has("cap_fair_shares") ? [.. Names.TakeWhile(n => n != "floor_sat"), "cap_fair_shares", .. Names.SkipWhile(n => n != "floor_sat")] : Names;
        if (!spelled.SequenceEqual([.. names, ""]) && !spelled.SequenceEqual([.. names, .. RateNames, ""])) return "the manifest's lines are not those of its version";
        var lines = Encoding.ASCII.GetString(manifest).Split('\n').Select(l => l.Split(' ', 2)).Where(l => l.Length == 2).ToLookup(l => l[0], l => l[1], StringComparer.Ordinal);
        string[] fromTerms = [.. FromTerms, .. names.Where(n => n == "cap_fair_shares")];
        foreach (var (members, entry) in new[] { (fromTerms, round.Terms), (FromAllocation, said) })
            foreach (var name in members)
                if (Only(lines[name]) != Spelled(entry, name)) return $"the manifest says something else than the log about {name}";
        if (Only(lines["scores"]) != round.ScoresHash) return "the manifest names other scores than the log";
        if (!books.Descriptors.Exists(d => d.Hash == Only(lines["treasury"]))) return "the manifest names a treasury that the log does not know";

        return NetworkFault(lines, books) ?? SignatureFault(round.Approvals, books, manifest, SignatureNamespace);
    }

    /// <summary>The same of a move; its manifest names the addresses too, which the log does not.</summary>
    public static string? Fault(Move move, LedgerBooks books, byte[] manifest)
    {
        var said = move.Said;
        if ($"sha256:{Convert.ToHexStringLower(SHA256.HashData(manifest))}" != said.Text("manifest")) return "the manifest is not the one that the log names";
        var lines = Encoding.ASCII.GetString(manifest).Split('\n').Select(l => l.Split(' ', 2)).Where(l => l.Length == 2).ToLookup(l => l[0], l => l[1], StringComparer.Ordinal);
        foreach (var name in FromProposal)
            if (Only(lines[name]) != Spelled(said, name)) return $"the manifest says something else than the log about {name}";
        var costs = lines["cost"].Select(c => c.Split(' ')).ToList();
        if (!costs.TrueForAll(c => c.Length == 3) || !costs.Select(c => $"{c[0]}={c[1]}").SequenceEqual(said.Texts("costs"), StringComparer.Ordinal)) return "the manifest says something else than the log about costs";
        if (costs.Count > 0) move.Bills = [.. costs.Zip(move.Costs, (cost, amount) => (cost[2], amount))];
        return NetworkFault(lines, books) ?? SignatureFault(move.Approvals, books, manifest, MoveNamespace);
    }

    private static string? NetworkFault(ILookup<string, string> lines, LedgerBooks books) =>
        Only(lines["network"]) is var network && !books.Descriptors.Exists(d => d.Network == network) ? "the manifest names another network than the log" : null;

    private static string? SignatureFault(IEnumerable<ApprovalSaid> approvals, LedgerBooks books, byte[] manifest, string purpose)
    {
        foreach (var approval in approvals.Where(a => a.Signature is not null))
        {
            try
            {
                var signature = SshSignature.FromBlob(Convert.FromBase64String(approval.Signature!));
                if (signature.Key.Fingerprint != approval.Signer || books.Rounds.PublicKey(approval.Signer) != signature.Key.ToString()) return $"entry {approval.Index}: the signature is by another key than the one enrolled";
                if (signature.Verify(manifest, purpose) != SshVerdict.Valid) return $"entry {approval.Index}: the signature does not fit the manifest";
            }
            catch (FormatException malformed)
            {
                return $"entry {approval.Index}: {malformed.Message}";
            }
        }

        return null;
    }

    /// <summary>A line that stands there twice says nothing.</summary>
    private static string? Only(IEnumerable<string> values) => values.Take(2).ToArray() is [var one] ? one : null;

    private static string Spelled(CanonicalObject entry, string name) =>
        entry.Members.First(m => m.Key == name).Value switch { long number => number.ToString(CultureInfo.InvariantCulture), var text => (string)text };
}
