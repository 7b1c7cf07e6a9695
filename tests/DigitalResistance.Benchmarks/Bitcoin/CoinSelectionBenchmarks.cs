using BenchmarkDotNet.Attributes;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Benchmarks.Bitcoin;

/// <summary>Choosing coins for one transaction out of ten thousand, as a treasury of many small donations has them.</summary>
public class CoinSelectionBenchmarks
{
    // A 2-of-3 P2WSH treasury: 418 weight units an input, 43 bytes an output, 330 satoshi of dust.
    private const int InputWeight = 418;

    private SelectableCoin[] _coins = [];

    /// <summary>Satoshi per vbyte: an ordinary day (10), and a dear one, on which few coins should be spent.</summary>
    [Params(12, 100)]
    public int Rate { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(3);
        _coins = [.. Enumerable.Range(1, 10_000).Select(i => new SelectableCoin(i, new Sats(random.Next(10_000, 10_000_000)), InputWeight))];
    }

    /// <summary>Every strategy is tried, branch and bound to the end of its steps.</summary>
    [Benchmark]
    public SelectionResult SelectAmongTenThousand() => CoinSelection.Select(_coins, new SelectionRequest(
        new Sats(700_000_000), 13_000, VByteRate.PerVByte(Rate), MaxRate: VByteRate.PerVByte(500), LongTermRate: VByteRate.PerVByte(10),
        new ChangeShape(172, InputWeight, new Sats(330)), MaxInputs: 400, MaxWeight: 400_000));
}
