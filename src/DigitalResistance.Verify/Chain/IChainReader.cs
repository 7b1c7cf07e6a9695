using DigitalResistance.Verify.Bitcoin;

namespace DigitalResistance.Verify.Chain;

/// <summary>Somebody who knows the chain: the reader's own node, or an explorer that need not be believed more than it must.</summary>
internal interface IChainReader : IDisposable
{
    /// <summary>Whom it is asked of, for sentences.</summary>
    string Name { get; }

    /// <summary>Height of the newest block, after the network was found to be that one. Throws <see cref="ChainSilentException"/>.</summary>
    Task<long> OpenAsync(string network, CancellationToken cancellation);

    /// <summary>A transaction of the best chain, whose id was computed from its bytes; null where the chain does not have it there.</summary>
    Task<MinedTransaction?> FindAsync(string txid, long height, CancellationToken cancellation);

    /// <summary>The confirmed coins at these scripts that are not spent; null where it cannot tell.</summary>
    Task<IReadOnlyList<UnspentCoin>?> UnspentAsync(WatchedDescriptor descriptor, IReadOnlyList<byte[]> scripts, CancellationToken cancellation);
}

/// <summary>A transaction and the block it is in.</summary>
internal sealed record MinedTransaction(RawTransaction Transaction, string Block);

/// <summary>A coin of the chain, as it was told.</summary>
internal sealed record UnspentCoin(string Outpoint, long Value, long Height);

/// <summary>The chain could not be asked, or the answer proves nothing.</summary>
internal class ChainSilentException(string message) : Exception(message);

/// <summary>The first blocks of the networks, by which they are told apart.</summary>
internal static class Genesis
{
    public static readonly IReadOnlyDictionary<string, string> Blocks = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bitcoin"] = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
        ["testnet"] = "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
        ["testnet4"] = "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
        ["signet"] = "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
        ["regtest"] = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    };
}
