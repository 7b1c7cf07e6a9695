using System.Globalization;
using System.Text;
using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>
/// What admins approve: one short text that names everything that decides who is paid how much, and how much it may cost
/// (<c>docs/specs/manifest.md</c>). It names no transaction: approvals come before any transaction is built.
/// </summary>
public static class Manifest
{
    /// <summary>First line, and so the version of the format.</summary>
    public const string Header = "digital-resistance/round-manifest/v1";

    /// <summary>The SSHSIG namespace of approvals: a signature made for anything else is worth nothing here.</summary>
    public const string SignatureNamespace = "digital-resistance-round";

    /// <summary>Writes the manifest of an allocated round.</summary>
    public static string Write(Round round, RoundPlan plan, IReadOnlyCollection<Grant> grants, TreasuryFacts treasury, DisplayRate? rate = null)
    {
        var text = new StringBuilder(Header).Append('\n');
        void Line(string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
        void Sum(string name, Sats amount) => Line(name, amount.Value);
        void Hash(string name, string sha256) => Line(name, "sha256:" + sha256);

        Line("round", round.Number);
        Line("revision", round.Revision);
        Line("network", treasury.Network);
        Line("starts", Instant(round.StartsAt));
        Line("ends", Instant(round.EndsAt));
        Sum("budget_sat", round.Budget);
        Line("cap_ppm", round.CapPpm);
        if (round.Policy.CapFairShares > 0) Line("cap_fair_shares", round.Policy.CapFairShares);
        Sum("floor_sat", round.Floor);
        Sum("step_sat", round.Step);
        Sum("shares_sat", plan.Shares);
        Sum("carry_sat", plan.Carry.Total);
        Sum("credits_used_sat", plan.CreditUsed);
        Sum("credited_sat", plan.Credited);
        Sum("paid_sat", plan.Paid);
        Line("recipients", plan.Recipients);
        Hash("policy", round.Policy.Sha256);
        Hash("scores", round.ScoresSha256!);
        Hash("allocation", RoundFiles.Sha256(RoundFiles.Allocation(grants)));
        Hash("payouts", RoundFiles.Sha256(RoundFiles.Payouts(grants)));
        Hash("treasury", treasury.DescriptorSha256);
        Line("batches", (plan.Recipients + treasury.RecipientsPerBatch - 1) / treasury.RecipientsPerBatch);
        Sum("max_fee_sat", round.MaxFee);
        Line("max_feerate_sat_vb", round.MaxFeeRate);
        rate?.Write(text);
        return text.ToString();
    }

    /// <summary>
    /// Whether what lies in the database is still what the manifest says. Whoever acts on an approved round asks this first: a row that
    /// was changed behind the program's back must not be paid.
    /// </summary>
    public static bool Matches(Round round, IReadOnlyCollection<Grant> grants)
    {
        if (round.Manifest is not { } manifest || RoundFiles.Sha256(Encoding.ASCII.GetBytes(manifest)) != round.ManifestSha256) return false;
        bool Says(string name, object value) => manifest.Contains(string.Create(CultureInfo.InvariantCulture, $"\n{name} {value}\n"), StringComparison.Ordinal);
        bool Hashes(string name, byte[] file) => Says(name, "sha256:" + RoundFiles.Sha256(file));

        return Says("round", round.Number)
            && Says("revision", round.Revision)
            && Says("starts", Instant(round.StartsAt))
            && Says("ends", Instant(round.EndsAt))
            && Says("budget_sat", round.Budget.Value)
            && Says("cap_ppm", round.CapPpm)
            && Says("floor_sat", round.Floor.Value)
            && Says("step_sat", round.Step.Value)
            && Says("max_fee_sat", round.MaxFee.Value)
            && Says("max_feerate_sat_vb", round.MaxFeeRate)
            && Hashes("policy", round.PolicyJson)
            && Hashes("scores", RoundFiles.Scores(grants))
            && Hashes("allocation", RoundFiles.Allocation(grants))
            && Hashes("payouts", RoundFiles.Payouts(grants));
    }

    /// <summary>The number on one of a manifest's lines, as <c>paid_sat</c>.</summary>
    public static long Number(string manifest, string name)
    {
        var line = manifest.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>An instant in UTC, whole seconds.</summary>
    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
