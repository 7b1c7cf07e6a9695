using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Site;

/// <summary>Everything of a sandbox chain by id, as an explorer keeps it.</summary>
internal sealed class SandboxIndex
{
    public List<(Block Block, int Height)> Blocks { get; } = [];

    public Dictionary<uint256, (Transaction Transaction, Block Block, int Height)> Transactions { get; } = [];

    public List<(OutPoint Outpoint, TxOut Output, int Height)> Unspent { get; } = [];

    public static async Task<SandboxIndex> ReadAsync(SandboxChain chain)
    {
        var index = new SandboxIndex();
        for (var height = 1; await chain.GetBlockHashAsync(height, default) is { } hash; height++)
        {
            var block = Block.Load((await chain.GetBlockAsync(hash, default))!, Network.RegTest);
            index.Blocks.Add((block, height));
            foreach (var transaction in block.Transactions)
            {
                index.Transactions[transaction.GetHash()] = (transaction, block, height);
                index.Unspent.RemoveAll(c => transaction.Inputs.Any(i => i.PrevOut == c.Outpoint));
                index.Unspent.AddRange(transaction.Outputs.Select((o, n) => (new OutPoint(transaction.GetHash(), n), o, height)));
            }
        }

        return index;
    }
}
