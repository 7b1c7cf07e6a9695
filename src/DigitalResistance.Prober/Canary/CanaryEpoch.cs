namespace DigitalResistance.Prober.Canary;

/// <summary>Days since 1970-01-01 in UTC: how long one key of the canary lives.</summary>
public static class CanaryEpoch
{
    /// <summary>How far the clocks of a vantage and the canary may be apart at a day's end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private const long SecondsPerDay = 86_400;

    /// <summary>The epoch of an instant.</summary>
    public static long At(DateTimeOffset instant) => Math.DivRem(instant.ToUnixTimeSeconds(), SecondsPerDay) is var (days, rest) && rest < 0 ? days - 1 : days;
}
