using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>What a round must know of the treasury that will pay it. Answered by <c>Treasury/</c>.</summary>
public interface ITreasuryFacts
{
    /// <summary>The present facts; null where no treasury is configured yet.</summary>
    Task<TreasuryFacts?> ReadAsync(CancellationToken cancellation);

    /// <summary>About what paying so many recipients this sum would cost in fees today, within <paramref name="maxRate"/> sat/vB; null where no treasury or no chain can be asked.</summary>
    Task<Sats?> EstimateFeeAsync(int recipients, Sats paid, int maxRate, CancellationToken cancellation);
}

/// <summary>A treasury as a round sees it.</summary>
/// <param name="Network"><c>bitcoin</c>, <c>testnet</c>, <c>signet</c> or <c>regtest</c>.</param>
/// <param name="DescriptorSha256">SHA-256 of the descriptor with its checksum, lower-case hex.</param>
/// <param name="Spendable">Confirmed coins less everything that approved rounds still have to pay, their fee limits included.</param>
/// <param name="RecipientsPerBatch">Most payments one transaction holds.</param>
public sealed record TreasuryFacts(string Network, string DescriptorSha256, Sats Spendable, int RecipientsPerBatch);
