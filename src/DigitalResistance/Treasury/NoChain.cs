using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>The backend of a product that was told of none: it never answers, and says why.</summary>
public sealed class NoChain : IChain
{
    /// <inheritdoc/>
    public Task<ChainTip> GetTipAsync(CancellationToken cancellation) => Task.FromException<ChainTip>(Why());

    /// <inheritdoc/>
    public Task<uint256?> GetBlockHashAsync(int height, CancellationToken cancellation) => Task.FromException<uint256?>(Why());

    /// <inheritdoc/>
    public Task<byte[]?> GetBlockAsync(uint256 hash, CancellationToken cancellation) => Task.FromException<byte[]?>(Why());

    /// <inheritdoc/>
    public Task<VByteRate?> EstimateRateAsync(int blocks, CancellationToken cancellation) => Task.FromException<VByteRate?>(Why());

    /// <inheritdoc/>
    public Task<ChainVerdict> TestAsync(Transaction transaction, CancellationToken cancellation) => Task.FromException<ChainVerdict>(Why());

    /// <inheritdoc/>
    public Task<ChainVerdict> SendAsync(Transaction transaction, CancellationToken cancellation) => Task.FromException<ChainVerdict>(Why());

    /// <inheritdoc/>
    public Task<bool> IsWaitingAsync(uint256 txid, CancellationToken cancellation) => Task.FromException<bool>(Why());

    private static ChainUnavailableException Why() => new("No bitcoin backend is configured: set Bitcoin:Backend.");
}
