namespace DigitalResistance.Platform;

/// <summary>
/// A finite unit of background work: claim, do, record, return. It holds no loop and does not sleep, so that a test calls it
/// directly with a clock of its own. Two copies running at once must waste work and break nothing: every pass ends in a guarded write.
/// </summary>
public interface IPass
{
    /// <summary>Does what is due now.</summary>
    /// <returns>How many items were done; zero means that there was nothing to do.</returns>
    Task<int> RunAsync(CancellationToken cancellation);
}
