using System.Security.Cryptography;
using DigitalResistance.Platform;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// A whole bitcoin network inside the process, on regtest: blocks with real bytes, a memory pool that verifies amounts and signatures,
/// mining on demand, reorganisations. For the demo and for tests that need a chain to misbehave. Nothing of worth can be on it.
/// </summary>
public sealed class SandboxChain(TimeProvider time) : IChain
{
    /// <summary>What the sandbox's own money is locked with: anybody may spend it, so that donations need no key.</summary>
    internal static readonly Script AnyoneCanSpend = new([0x51]);

    private static readonly Network Network = Network.RegTest;
    private static readonly Sats Subsidy = new(5_000_000_000);

    private readonly Lock _lock = new();
    private readonly List<SandboxBlock> _blocks = [];
    private SandboxPool _pool = new([]);

    /// <summary>Height of the newest block.</summary>
    public int Height
    {
        get
        {
            lock (_lock) return _blocks.Count;
        }
    }

    /// <inheritdoc/>
    public Task<ChainTip> GetTipAsync(CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult(new ChainTip(_blocks.Count, Tip));
    }

    /// <inheritdoc/>
    public Task<uint256?> GetBlockHashAsync(int height, CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult(height == 0 ? Network.GenesisHash : height <= _blocks.Count ? _blocks[height - 1].Hash : null);
    }

    /// <inheritdoc/>
    public Task<byte[]?> GetBlockAsync(uint256 hash, CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult(_blocks.Find(block => block.Hash == hash)?.Bytes);
    }

    /// <inheritdoc/>
    public Task<VByteRate?> EstimateRateAsync(int blocks, CancellationToken cancellation) => Task.FromResult<VByteRate?>(VByteRate.PerVByte(blocks <= 2 ? 4 : 2));

    /// <inheritdoc/>
    public Task<ChainVerdict> TestAsync(Transaction transaction, CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult(_pool.Judge(transaction));
    }

    /// <inheritdoc/>
    public Task<ChainVerdict> SendAsync(Transaction transaction, CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult(_pool.Add(transaction));
    }

    /// <inheritdoc/>
    public Task<bool> IsWaitingAsync(uint256 txid, CancellationToken cancellation)
    {
        lock (_lock) return Task.FromResult(_pool.Waiting.Any(waiting => waiting.GetHash() == txid));
    }

    /// <summary>Mines blocks that hold everything that waits.</summary>
    public void Mine(int blocks = 1)
    {
        lock (_lock)
        {
            for (var i = 0; i < blocks; i++)
            {
                _blocks.Add(SandboxBlock.Mine(Tip, _blocks.Count + 1, time.GetUtcNow(), Subsidy, _pool.Waiting));
                _pool.Confirm(_blocks[^1]);
            }
        }
    }

    /// <summary>Pays from the sandbox's own money, as a donor would; the payment waits for the next block.</summary>
    public uint256 Pay(Script to, Sats amount)
    {
        lock (_lock)
        {
            if (_blocks.Count == 0) Mine();
            var (outpoint, coin) = _pool.Spendable(AnyoneCanSpend, amount + new Sats(10_000));
            var payment = Transaction.Create(Network);
            payment.Version = 2;
            payment.Inputs.Add(outpoint);
            payment.Outputs.Add(amount.ToMoney(), to);
            payment.Outputs.Add((coin.Value.ToSats() - amount - new Sats(1_000)).ToMoney(), AnyoneCanSpend);
            return _pool.Add(payment) is ChainVerdict.Accepted ? payment.GetHash() : throw new InvalidOperationException("The sandbox refuses its own payment.");
        }
    }

    /// <summary>
    /// Replaces the last blocks by a longer branch. What the old branch confirmed waits again, unless <paramref name="forget"/> names it.
    /// </summary>
    public void Reorganize(int depth, Predicate<Transaction>? forget = null)
    {
        lock (_lock)
        {
            var back = _blocks.TakeLast(depth).SelectMany(block => block.Transactions.Skip(1)).Concat(_pool.Waiting).ToList();
            _blocks.RemoveRange(_blocks.Count - depth, depth);
            _pool = new SandboxPool(_blocks);
            // An empty block first: the new branch must differ from the old one whatever it confirms.
            _blocks.Add(SandboxBlock.Mine(Tip, _blocks.Count + 1, time.GetUtcNow(), Subsidy, []));
            _pool.Confirm(_blocks[^1]);
            foreach (var transaction in back.Where(transaction => forget?.Invoke(transaction) != true)) _pool.Add(transaction);
            for (var i = 0; i < depth; i++)
            {
                _blocks.Add(SandboxBlock.Mine(Tip, _blocks.Count + 1, time.GetUtcNow(), Subsidy, []));
                _pool.Confirm(_blocks[^1]);
            }
        }
    }

    /// <summary>Drops everything that waits, as a node does when its memory is full.</summary>
    public void Evict()
    {
        lock (_lock) _pool = new SandboxPool(_blocks);
    }

    private uint256 Tip => _blocks.Count == 0 ? Network.GenesisHash : _blocks[^1].Hash;
}

/// <summary>A block of the sandbox: real bytes, no proof of work.</summary>
internal sealed record SandboxBlock(uint256 Hash, byte[] Bytes, IReadOnlyList<Transaction> Transactions)
{
    public static SandboxBlock Mine(uint256 previous, int height, DateTimeOffset at, Sats subsidy, IEnumerable<Transaction> transactions)
    {
        // Height and fresh random bytes in the coinbase: two branches never hold the same block.
        var coinbase = Transaction.Create(Network.RegTest);
        var mark = Op.GetPushOp([.. BitConverter.GetBytes(height), .. RandomNumberGenerator.GetBytes(8)]);
        coinbase.Inputs.Add(new TxIn(new OutPoint(uint256.Zero, uint.MaxValue), new Script(mark)));
        coinbase.Outputs.Add(subsidy.ToMoney(), SandboxChain.AnyoneCanSpend);

        IReadOnlyList<Transaction> all = [coinbase, .. transactions];
        var block = Network.RegTest.Consensus.ConsensusFactory.CreateBlock();
        block.Header.HashPrevBlock = previous;
        block.Header.BlockTime = at;
        foreach (var transaction in all) block.AddTransaction(transaction);
        block.UpdateMerkleRoot();
        return new SandboxBlock(block.GetHash(), block.ToBytes(), all);
    }
}
