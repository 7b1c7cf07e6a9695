namespace DigitalResistance.Prober.Canary;

/// <summary>What a vantage needs to ask the canary for a day.</summary>
/// <param name="Vantage">The vantage's name; it is bound into every answer and never sent.</param>
/// <param name="Epoch">The day, see <see cref="CanaryEpoch"/>.</param>
/// <param name="Key">The key for both.</param>
public sealed record CanaryTicket(string Vantage, long Epoch, CanaryKey Key);
