using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// A view of the bitcoin network through one backend. Every answer is about this product's configured network: a backend that finds
/// itself talking to another one throws <see cref="ChainMismatchException"/> from every member. A backend that cannot be reached throws
/// <see cref="ChainUnavailableException"/>, and whatever was asked may or may not have happened.
/// </summary>
public interface IChain
{
    /// <summary>The end of the best chain.</summary>
    Task<ChainTip> GetTipAsync(CancellationToken cancellation);

    /// <summary>The hash of the best chain's block at a height; null above the end.</summary>
    Task<uint256?> GetBlockHashAsync(int height, CancellationToken cancellation);

    /// <summary>A whole block as it goes over the wire; null where the backend has pruned it.</summary>
    Task<byte[]?> GetBlockAsync(uint256 hash, CancellationToken cancellation);

    /// <summary>The rate that should confirm within so many blocks; null where the backend cannot tell.</summary>
    Task<VByteRate?> EstimateRateAsync(int blocks, CancellationToken cancellation);

    /// <summary>Whether the network would take a transaction now. Changes nothing.</summary>
    Task<ChainVerdict> TestAsync(Transaction transaction, CancellationToken cancellation);

    /// <summary>Hands a transaction to the network. Safe to repeat: "already known" is a kind of success.</summary>
    Task<ChainVerdict> SendAsync(Transaction transaction, CancellationToken cancellation);

    /// <summary>How far the backend itself is behind the network; null where it does not tell.</summary>
    Task<ChainProgress?> ProgressAsync(CancellationToken cancellation) => Task.FromResult<ChainProgress?>(null);

    /// <summary>Whether a transaction waits in the backend's memory pool.</summary>
    Task<bool> IsWaitingAsync(uint256 txid, CancellationToken cancellation);
}

/// <summary>The last block of the best chain.</summary>
public sealed record ChainTip(int Height, uint256 Hash);

/// <summary>How far a backend has read the chain that it knows of.</summary>
/// <param name="Blocks">Blocks that it has.</param>
/// <param name="Headers">Blocks that it knows of.</param>
/// <param name="IsBehind">Whether it is still catching up.</param>
/// <param name="NewestAt">When the newest block that it has says it was found; null where it does not tell.</param>
public sealed record ChainProgress(int Blocks, int Headers, bool IsBehind, DateTimeOffset? NewestAt);

/// <summary>What the network says to a transaction.</summary>
public abstract record ChainVerdict
{
    private ChainVerdict()
    {
    }

    /// <summary>It takes it.</summary>
    public sealed record Accepted : ChainVerdict;

    /// <summary>It has it already, waiting or in a block.</summary>
    public sealed record AlreadyKnown : ChainVerdict;

    /// <summary>It refuses it.</summary>
    /// <param name="Reason">The backend's own word, as <c>min relay fee not met</c>; shown to treasurers only.</param>
    public sealed record Refused(string Reason) : ChainVerdict;
}

/// <summary>The backend could not be reached or did not answer in time. Asking again is safe.</summary>
public sealed class ChainUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The backend follows another network than this product: nothing about money may be asked of it.</summary>
public sealed class ChainMismatchException(string message) : Exception(message);
