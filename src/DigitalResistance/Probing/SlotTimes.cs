namespace DigitalResistance.Probing;

/// <summary>
/// The times that follow from the length of a slot, so that a demo with slots of a second keeps the proportions of the standard ten minutes
/// (values for 600 s in brackets).
/// </summary>
/// <param name="SlotSeconds">Length of a slot.</param>
public readonly record struct SlotTimes(int SlotSeconds)
{
    /// <summary>Length of a beat, the part of a slot that is claimed at once (60 s).</summary>
    public int BeatSeconds => Math.Min(60, SlotSeconds);

    /// <summary>How far ahead beats are claimed: as long as the database may be away without a probe being missed (120 s).</summary>
    public TimeSpan ClaimAhead => TimeSpan.FromSeconds(2 * BeatSeconds);

    /// <summary>The longest pause before a retry (60 s).</summary>
    public TimeSpan LongestRetry => TimeSpan.FromSeconds(SlotSeconds) / 10;

    /// <summary>A probe that starts later than this after its moment says nothing about the server (30 s).</summary>
    public TimeSpan LateAfter => Clamp(TimeSpan.FromSeconds(SlotSeconds) / 2, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));

    /// <summary>Least time between two checks of the vantage itself (30 s).</summary>
    public TimeSpan CheckEvery => Clamp(TimeSpan.FromSeconds(SlotSeconds) / 20, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(30));

    private static TimeSpan Clamp(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}
