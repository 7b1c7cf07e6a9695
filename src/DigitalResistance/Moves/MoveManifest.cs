using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Ledger;

namespace DigitalResistance.Moves;

/// <summary>
/// What admins approve of a move: one short text that names everything that decides where the money goes and what that may cost
/// (<c>docs/specs/manifest.md</c>). It names no transaction: approvals come before any transaction is built.
/// </summary>
public static class MoveManifest
{
    /// <summary>First line, and so the version of the format.</summary>
    public const string Header = "digital-resistance/move-manifest/v1";

    /// <summary>The SSHSIG namespace of approvals: a signature made for a round, or anything else, is worth nothing here.</summary>
    public const string SignatureNamespace = "digital-resistance-move";

    /// <summary>Writes the manifest of a move and its costs on a network.</summary>
    public static string Write(int number, MoveKind kind, string network, MoveTerms terms)
    {
        var text = new StringBuilder(Header).Append('\n');
        void Line(string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");

        Line("move", number);
        Line("kind", Words.Snake(kind));
        Line("network", network);
        Line("policy", "sha256:" + terms.PolicySha256);
        Line("treasury", "sha256:" + terms.TreasurySha256);
        Line("target", "sha256:" + terms.TargetSha256);
        foreach (var cost in terms.Costs.OrderBy(c => c.Line)) Line("cost", string.Create(CultureInfo.InvariantCulture, $"{Words.Snake(cost.Purpose)} {cost.Amount.Value} {cost.Address}"));
        Line("paid_sat", terms.Costs.Sum(c => c.Amount.Value));
        Line("batches", terms.Batches);
        Line("max_fee_sat", terms.Fees.MaxFee.Value);
        Line("max_feerate_sat_vb", terms.Fees.MaxFeeRate);
        return text.ToString();
    }

    /// <summary>SHA-256, lower-case hex.</summary>
    public static string Hash(string manifest) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(manifest)));

    /// <summary>
    /// Whether what lies in the database is still what the manifest says. Whoever acts on an approved move asks this first: a row that was
    /// changed behind the program's back must not be paid.
    /// </summary>
    public static bool Matches(Move move, IReadOnlyCollection<MoveCost> costs, string network) =>
        Hash(move.Manifest) == move.ManifestSha256
        && move.Paid.Value == costs.Sum(c => c.Amount.Value)
        && move.Manifest == Write(move.Number, move.Kind, network, new MoveTerms(move.TreasurySha256, move.TargetSha256, move.PolicySha256, [.. costs], move.Batches, new MoveFees(move.MaxFee, move.MaxFeeRate)));
}
