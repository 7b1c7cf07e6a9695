namespace DigitalResistance.Scoring;

/// <summary>What one server earned over a period, all integers.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="OwnerId">Its operator at the end of the period.</param>
/// <param name="AvailabilityPpm">Mean over the windows of the period, 0 to 1,000,000.</param>
/// <param name="ValidSlots">Slots that counted (ok or fail), for the evidence shown to the owner.</param>
/// <param name="Weight">The final integer weight: bucket × quality × tenure, scaled by the machine and network caps.</param>
public sealed record ServerScore(Guid ServerId, Guid OwnerId, int AvailabilityPpm, int ValidSlots, long Weight);

/// <summary>The scores of all servers over a period, as a freeze copies them into the money database.</summary>
public interface IScoreBook
{
    /// <summary>Scores every proven server over [<paramref name="from"/>, <paramref name="to"/>) by <paramref name="policy"/>; servers without any valid window have weight 0.</summary>
    Task<IReadOnlyList<ServerScore>> ScoreAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation);
}
