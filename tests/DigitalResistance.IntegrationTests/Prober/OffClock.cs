namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>A clock that is off by so much, and runs as fast as any other.</summary>
internal sealed class OffClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
}
