using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Rounds;

/// <summary>
/// The files of a round whose hashes stand in its manifest (<c>docs/specs/rounds.md</c>): ASCII, one header line, one row per line, rows
/// by token, every line ended by a line feed. Equal rows give equal bytes.
/// </summary>
public static class RoundFiles
{
    /// <summary>Public: (token, weight) of every operator with a weight.</summary>
    public static byte[] Scores(IEnumerable<Grant> grants) =>
        Lines("token,weight", grants.Where(g => g.Weight > 0).OrderBy(g => g.Token, StringComparer.Ordinal).Select(g => $"{g.Token},{g.Weight}"));

    /// <summary>Public: (token, amount) of every operator that is paid.</summary>
    public static byte[] Allocation(IEnumerable<Grant> grants) =>
        Lines("token,amount_sat", Recipients(grants).Select(g => $"{g.Token},{g.Paid.Value}"));

    /// <summary>Private, for admins and treasurers: (token, amount, address). What batches are built from must hash to what was approved.</summary>
    public static byte[] Payouts(IEnumerable<Grant> grants) =>
        Lines("token,amount_sat,address", Recipients(grants).Select(g => $"{g.Token},{g.Paid.Value},{g.Address}"));

    /// <summary>SHA-256, lower-case hex.</summary>
    public static string Sha256(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    private static IEnumerable<Grant> Recipients(IEnumerable<Grant> grants) =>
        grants.Where(g => g.Paid.Value > 0).OrderBy(g => g.Token, StringComparer.Ordinal);

    private static byte[] Lines(string header, IEnumerable<string> rows)
    {
        var text = new StringBuilder(header).Append('\n');
        foreach (var row in rows) text.Append(row).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
