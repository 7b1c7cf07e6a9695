using BenchmarkDotNet.Attributes;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Claim = DigitalResistance.Rounds.Claim;

namespace DigitalResistance.Benchmarks.Rounds;

/// <summary>What a round of 100,000 operators costs: the division alone, and with credit, floor and step.</summary>
[MemoryDiagnoser]
public class AllocationBenchmarks
{
    private readonly RoundTerms _terms = new(
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(30), new(5_000_000_000), 10_000, new(20_000), new(1_000), new(1_000_000), 50);

    private Claim[] _claims = [];
    private Claimant[] _claimants = [];

    /// <summary>How the weights lie: many equal ones (as buckets make them, with ties everywhere) or all different.</summary>
    [Params(true, false)]
    public bool EqualWeights { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(7);
        var secret = RoundToken.NewSecret();
        _claimants = [.. Enumerable.Range(0, 100_000).Select(i => new Claimant(
            RoundToken.ForOperator(secret, Guid.NewGuid()), EqualWeights ? 1_000 : random.Next(1, 1_000_000), new Sats(random.Next(50_000)), i % 10 != 0))];
        _claims = Array.ConvertAll(_claimants, c => new Claim(c.Token, c.Weight));
    }

    [Benchmark]
    public Carry Divide() => Allocation.Divide(7, _terms.Budget, _terms.CapPpm, _claims).Carry;

    [Benchmark]
    public Sats Plan() => RoundPlan.Create(7, _terms, _claimants).Paid;
}
