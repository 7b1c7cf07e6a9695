namespace DigitalResistance.Scoring;

/// <summary>What one server earned over a period, all integers.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="OwnerId">Its operator at the end of the period.</param>
/// <param name="AvailabilityPpm">Mean over the windows of the period, 0 to 1,000,000.</param>
/// <param name="ValidSlots">Slots that counted (ok or fail), for the evidence shown to the owner.</param>
/// <param name="Weight">The final integer weight: bucket × tenure × presence, scaled by the machine and network caps.</param>
public sealed record ServerScore(Guid ServerId, Guid OwnerId, int AvailabilityPpm, int ValidSlots, long Weight)
{
    /// <summary>How the weight came about before the caps, for the owner's page.</summary>
    public WeightParts Parts { get; init; } = new(0, 0, 0);

    /// <summary>Hash over the leaves of its days (docs/specs/evidence.md), in hexadecimal digits; null where its key is gone.</summary>
    public string? DaysSha256 { get; init; }

    /// <summary>What else the weight came from, for the statement that its operator can check.</summary>
    public ScoreBasis Basis { get; init; } = new(0, "", 0, 0, false);
}

/// <summary>What tenure, presence and caps were computed from, as far as it is the operator's own.</summary>
/// <param name="ProvenAt">When control was first proven, in Unix seconds, rounded up.</param>
/// <param name="Listed">When in the period the server was listed: <c>from-until</c> in Unix seconds, rounded up, in order, with a space between two.</param>
/// <param name="Machine">Number of its machine among the owner's: servers with the same number share an address.</param>
/// <param name="Network">Number of its network among the owner's: machines with the same number share a /24 or /48.</param>
/// <param name="PassesOn">It is left by another server's entrance, and weighs nothing.</param>
public sealed record ScoreBasis(long ProvenAt, string Listed, int Machine, int Network, bool PassesOn)
{
    /// <summary>The times before its moves that count neither way, as <see cref="Listed"/> is written; mostly empty.</summary>
    public string Moved { get; init; } = "";
}

/// <summary>The factors of a weight before the caps.</summary>
/// <param name="Bucket">Weight of the availability bucket; 0 below the first.</param>
/// <param name="TenurePpm">Factor of the tenure step; 0 below the first.</param>
/// <param name="PresencePpm">Factor of the presence step; 0 below the first.</param>
public sealed record WeightParts(int Bucket, int TenurePpm, int PresencePpm)
{
    /// <summary>Bucket × tenure × presence, floored at each step.</summary>
    public long Weight => Bucket * (long)TenurePpm / 1_000_000 * PresencePpm / 1_000_000;
}

/// <summary>The scores of all servers over a period, as a freeze copies them into the money database.</summary>
public interface IScoreBook
{
    /// <summary>
    /// The first moment at which nothing can be added any more to a period that ends at <paramref name="to"/>: the last probe, its retry
    /// and the control check after it are over, and a queue that waited for the database has been emptied. Freeze from then on.
    /// </summary>
    DateTimeOffset SettledAt(DateTimeOffset to, Policy policy);

    /// <summary>Makes what slots before <paramref name="to"/> hold final, for ever: a result that comes later is dropped. Only after <see cref="SettledAt"/>.</summary>
    Task SettleAsync(DateTimeOffset to, CancellationToken cancellation);

    /// <summary>
    /// Scores every server that was listed (proven and not retired) at some time in [<paramref name="from"/>, <paramref name="to"/>) by
    /// <paramref name="policy"/>, ordered by server; servers without any valid window have weight 0.
    /// </summary>
    Task<IReadOnlyList<ServerScore>> ScoreAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation);

    /// <summary>
    /// What that would most likely be for a period that is not over at <paramref name="now"/>: everybody goes on as they did in the part that is over, or, before
    /// its beginning, in the last days up to its length; they only grow older.
    /// </summary>
    Task<IReadOnlyList<ServerScore>> ForecastAsync(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, Policy policy, CancellationToken cancellation);
}
