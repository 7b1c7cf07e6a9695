using System.Security.Cryptography;
using DigitalResistance.Scoring;
using DigitalResistance.Transparency;

namespace DigitalResistance.Rounds;

/// <summary>
/// What a freeze lays down for one operator: each server's measured and computed numbers, and the hash over its days. The log gets the
/// commitment, the operator the statement; neither says which server it is or where.
/// </summary>
internal static class WeightStatement
{
    public static EvidenceStatement Of(int round, string policySha256, string token, IEnumerable<ServerScore> servers) => new(
        RandomNumberGenerator.GetBytes(EvidenceStatement.SaltLength),
        new CanonicalObject().Add("v", 1).Add("type", "weight.evidence").Add("round", round).Add("token", token).Add("policy", $"sha256:{policySha256}")
            .Add("servers", servers.OrderBy(s => s.ServerId).Select(Of)).ToBytes());

    private static CanonicalObject Of(ServerScore score)
    {
        var (parts, basis) = (score.Parts, score.Basis);
        var server = new CanonicalObject().Add("availability_ppm", score.AvailabilityPpm).Add("valid_slots", score.ValidSlots).Add("weight", score.Weight)
            .Add("bucket", parts.Bucket).Add("tenure_ppm", parts.TenurePpm).Add("presence_ppm", parts.PresencePpm)
            .Add("proven", basis.ProvenAt).Add("listed", basis.Listed).Add("passes_on", basis.PassesOn ? 1 : 0).Add("machine", basis.Machine).Add("network", basis.Network);
        if (basis.Moved.Length > 0) server.Add("moved", basis.Moved);
        // The key of a server that was retired meanwhile is gone, and with it what could open its days.
        return score.DaysSha256 is { } days ? server.Add("days", $"sha256:{days}") : server;
    }
}
