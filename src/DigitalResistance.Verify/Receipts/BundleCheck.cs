using System.Globalization;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Verify.Receipts;

/// <summary>
/// An operator's bundle: the proofs of one token's weight and amount in a round, and what the weight was made from. With the log: that both
/// still count there, that the weight follows from the slots of the servers' days, which share it was of all, and how far the round's payments are.
/// </summary>
internal static class BundleCheck
{
    private const int LongestFile = 512 * 1024 * 1024;

    public static async Task<Verdict> RunAsync(byte[] file, IReadOnlyCollection<NoteVerifier> keys, Func<byte[][], Verification>? log, CancellationToken cancellation)
    {
        try
        {
            if (file.Length > LongestFile) throw new FormatException("a bundle is not as long as this file");
            var bundle = ProofBundle.Parse(file);
            var proofs = bundle.Proofs.Select(p => ReceiptCheck.Open(p, keys)).ToList();
            var (weight, grant) = Read([.. proofs.Select(p => p.Entry)]);
            var says = new List<string> { Describe(weight, grant) };
            var (notChecked, measure) = Weigh(bundle, weight, says);
            if (log is null)
            {
                return new Verdict
                {
                    Outcome = Outcome.Partial, Says = says, Origin = proofs[0].Head.Origin, Entries = proofs.Max(p => p.Head.Size),
                    NotChecked = ["whether the log still says so, and what was paid: name the log with --log", .. notChecked],
                };
            }

            var verification = log([.. proofs.Select(p => p.Proof.Checkpoint.ToBytes())]);
            var verdict = await verification.RunAsync(cancellation);
            if (verdict.Outcome == Outcome.Failed) return verdict with { Says = says };
            says.AddRange(Compare(verification.Books!, weight, grant));
            if (measure is not null) notChecked.AddRange(measure(verification.Books!));
            return verdict with { Says = says, NotChecked = [.. verdict.NotChecked, .. notChecked], Outcome = notChecked.Count > 0 ? Outcome.Partial : verdict.Outcome };
        }
        catch (Exception wrong) when (wrong is FormatException or BookFaultException)
        {
            return Verification.Failed($"the bundle: {wrong.Message}");
        }
    }

    private static (CanonicalObject? Weight, CanonicalObject? Grant) Read(IReadOnlyList<CanonicalObject> entries)
    {
        var (weights, grants) = (entries.Where(e => e.Text("type") == "score.frozen").ToList(), entries.Where(e => e.Text("type") == "grant.allocated").ToList());
        var (weight, grant) = (weights.FirstOrDefault(), grants.FirstOrDefault());
        BookFaultException.Need(weights.Count <= 1 && grants.Count <= 1 && entries.Count > 0 && entries.Count == weights.Count + grants.Count, "it holds something else than one weight and one amount");
        if (weight is not null && grant is not null)
            BookFaultException.Need((weight.Text("token"), weight.Integer("round")) == (grant.Text("token"), grant.Integer("round")), "its proofs are of different tokens or rounds");
        return (weight, grant);
    }

    /// <summary>Checks how the weight was made, as far as the file can tell; returns what of it cannot be checked, and what is left to check with the log.</summary>
    private static (List<string> NotChecked, Func<LedgerBooks, IEnumerable<string>>? Measure) Weigh(ProofBundle bundle, CanonicalObject? weight, List<string> says)
    {
        if (bundle.Evidence is not { } evidence)
        {
            BookFaultException.Need(bundle.Policy is null && bundle.Days.Count == 0, "it has days and no evidence that they belong to");
            return (weight?.Has("evidence") == true ? ["how the weight was made: its evidence is not in the bundle"] : [], null);
        }

        var servers = EvidenceCheck.Read(evidence, weight ?? throw new BookFaultException("it has evidence and no weight"), says);
        if (bundle.Policy is null) return (["that its servers' numbers follow from their slots: the policy is not in the bundle"], null);
        var policy = EvidenceCheck.Policy(evidence, bundle.Policy);
        return ([.. EvidenceCheck.Caps(servers, policy)], books => Measure(bundle, servers, policy, weight, books, says));
    }

    /// <summary>Makes the servers' numbers again from their days; returns what could not be.</summary>
    internal static List<string> Measure(ProofBundle bundle, IReadOnlyList<ServerSaid> servers, FrozenPolicy policy, CanonicalObject weight, LedgerBooks books, List<string> says)
    {
        var round = books.Rounds.Find(weight.Integer("round"))!;
        if (round.Scores is null || round.FrozenRevision != weight.Integer("revision")) return ["that its servers' numbers follow from their slots: the round was changed later"];
        BookFaultException.Need(round.Terms.Text("policy") == CanonicalObject.Parse(bundle.Evidence!.Statement).Text("policy"), "its evidence names another policy than its round");
        var measured = new MeasuredCheck(policy, books, round.Terms);
        var missing = measured.Run(servers, bundle.Days);
        says.Add(string.Create(CultureInfo.InvariantCulture, $"measured: {measured.Slots} slots in {bundle.Days.Count} days were opened and counted again"));
        return missing;
    }

    private static string Describe(CanonicalObject? weight, CanonicalObject? grant)
    {
        var any = (weight ?? grant)!;
        return string.Create(CultureInfo.InvariantCulture, $"bundle: round {any.Integer("round")}, token {any.Text("token")}, {(weight is null ? "no weight" : $"weight {weight.Integer("weight")}")}, {(grant is null ? "no amount" : $"{grant.Integer("amount_sat")} sat")}");
    }

    private static IEnumerable<string> Compare(LedgerBooks books, CanonicalObject? weight, CanonicalObject? grant)
    {
        var any = (weight ?? grant)!;
        var (number, token) = (any.Integer("round"), any.Text("token"));
        var round = books.Rounds.Find(number) ?? throw new BookFaultException("the log does not have its round");
        var (now, granted) = (Value(round.Scores, token), Value(round.Grants, token));
        if (weight is not null && now != weight.Integer("weight")) yield return "the round was changed later: this weight no longer counts";
        if (grant is not null && granted != grant.Integer("amount_sat")) yield return "the round was changed later: this amount no longer counts";
        if (now is { } mine && round.Scores is { } scores)
        {
            var counted = scores.Rows.Where(r => !round.Standings.IsExcluded(r.Token)).Aggregate((Int128)0, (sum, row) => sum + row.Value);
            yield return string.Create(CultureInfo.InvariantCulture, $"its weight is {mine} of {counted}; the round's rule makes {round.Shares.GetValueOrDefault(token)} sat of it, computed here");
            if (round.Standings.IsUnpaid(token)) yield return round.Standings.IsExcluded(token) ? "it is excluded: its weight does not count" : "it is held: all of it is credited";
        }

        if (round.Allocated is { } said) yield return string.Create(CultureInfo.InvariantCulture, $"the round is {round.Stage}: {round.Paid} of {said.Integer("paid_sat")} sat are confirmed");
    }

    private static long? Value(HashedRows? rows, string token) => rows?.Rows.Where(r => r.Token == token).Select(r => (long?)r.Value).FirstOrDefault();
}
