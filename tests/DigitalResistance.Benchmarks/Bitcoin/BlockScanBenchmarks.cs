using BenchmarkDotNet.Attributes;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Benchmarks.Bitcoin;

/// <summary>Reading a full block for fifty thousand watched scripts; nothing in it is ours, as in nearly every block.</summary>
public class BlockScanBenchmarks
{
    private const int Scripts = 50_000, Coins = 10_000, BlockSize = 2_000_000;

    private readonly WatchSet _watch = new();
    private byte[] _block = [];

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(7);
        for (var i = 0; i < Scripts; i++) _watch.AddScript(i, [0, 32, .. Bytes(random, 32)]);
        for (var i = 0; i < Coins; i++) _watch.AddCoin(new OutPoint(new uint256(Bytes(random, 32)), 0));

        var (transactions, size) = (new List<byte[]>(), 0);
        while (size < BlockSize)
        {
            transactions.Add(Ordinary(random).ToBytes());
            size += transactions[^1].Length;
        }

        _block = [.. new byte[80], 0xfd, (byte)transactions.Count, (byte)(transactions.Count >> 8), .. transactions.SelectMany(t => t)];
    }

    [Benchmark]
    public int ScanTwoMegabytes() => BlockScan.Find(_block, _watch, Network.RegTest).Count;

    /// <summary>Two inputs of P2WPKH and two outputs: what most transactions of the network look like.</summary>
    private static Transaction Ordinary(Random random)
    {
        var transaction = Transaction.Create(Network.RegTest);
        for (var i = 0; i < 2; i++)
        {
            transaction.Inputs.Add(new OutPoint(new uint256(Bytes(random, 32)), (uint)i));
            transaction.Inputs[i].WitScript = new WitScript([Bytes(random, 71), Bytes(random, 33)]);
            transaction.Outputs.Add(Money.Satoshis(10_000), new Script([0, 20, .. Bytes(random, 20)]));
        }

        return transaction;
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
