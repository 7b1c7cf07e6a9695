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
            .Add("servers", servers.Select(Of)).ToBytes());

    private static CanonicalObject Of(ServerScore score)
    {
        var server = new CanonicalObject().Add("availability_ppm", score.AvailabilityPpm).Add("valid_slots", score.ValidSlots)
            .Add("bucket", score.Parts.Bucket).Add("tenure_ppm", score.Parts.TenurePpm).Add("presence_ppm", score.Parts.PresencePpm).Add("weight", score.Weight);
        // The key of a server that was retired meanwhile is gone, and with it what could open its days.
        return score.DaysSha256 is { } days ? server.Add("days", $"sha256:{days}") : server;
    }
}
