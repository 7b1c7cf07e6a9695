using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing;
using Claim = DigitalResistance.Rounds.Claim;

namespace DigitalResistance.Tests.Rounds;

public sealed class AllocationTests
{
    private static readonly Gen<Case> Cases =
        from operators in Gen.Int[0, 12]
        from weights in Gen.OneOf(Gen.Long[0, 10_000], Gen.Long[0, 3], Gen.Long[0, (1L << 53) - 1]).Array[operators]
        from budget in Gen.OneOf(Gen.Long[0, 50], Gen.Long[0, 10_000_000], Gen.Long[0, 2_100_000_000_000_000])
        from capBasisPoints in Gen.OneOf(Gen.Const(10_000), Gen.Int[1, 10_000])
        from round in Gen.Int[1, 1_000]
        select new Case(round, budget, capBasisPoints, weights);

    private sealed record Case(int Round, long Budget, int CapBasisPoints, long[] Weights)
    {
        public IEnumerable<Claim> Claims => Weights.Select((weight, i) => new Claim($"r{i}", weight));

        public Allocation Divide() => Allocation.Divide(Round, new(Budget), CapBasisPoints * 100, Claims);
    }

    [Fact]
    public void The_reference_in_Python_agrees_on_twenty_thousand_random_cases()
    {
        var reference = Needs.Beside("shared/prototype/alloc.py");
        var python = Needs.Program("python3");
        var seed = RandomNumberGenerator.GetHexString(16);
        var cases = Sample(Needs.Depth(20_000, 200_000), seed);

        var lines = RunPython(python, Path.GetDirectoryName(reference)!, cases);

        Assert.Equal(cases.Count, lines.Count);
        for (var i = 0; i < cases.Count; i++)
        {
            var ours = cases[i].Divide();
            var said = string.Join(' ', ours.Shares.Where(s => s.Amount > Sats.Zero).Select(s => $"{s.Token}={s.Amount.Value}"))
                + $" | {ours.Carry.Cap.Value} {ours.Carry.Rounding.Value} {ours.Carry.Empty.Value}";
            Assert.True(said == lines[i], $"{JsonSerializer.Serialize(cases[i])}: reference '{lines[i]}', ours '{said}'");
        }
    }

    [Theory]
    [InlineData(100, 10_000, "a=1 b=1 c=1", "a=33 b=34 c=33", 0)]
    [InlineData(1_000_000, 10_000, "a=9990 b=5000 c=10", "a=666000 b=333333 c=667", 0)]
    [InlineData(1_000_000, 5_000, "a=9990 b=5000 c=10", "a=500000 b=333333 c=667", 166_000)]
    [InlineData(1_000, 2_500, "a=1", "a=250", 750)]
    [InlineData(1_000, 10_000, "", "", 1_000)]
    [InlineData(1_000, 10_000, "a=0", "", 1_000)]
    public void Published_vectors_hold(long budget, int capBasisPoints, string weights, string amounts, long carry)
    {
        var claims = weights.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Split('='))
            .Select(w => new Claim(w[0], long.Parse(w[1], CultureInfo.InvariantCulture)));
        var allocation = Allocation.Divide(1, new(budget), capBasisPoints * 100, claims);
        Assert.Equal(amounts, string.Join(' ', allocation.Shares.Select(s => $"{s.Token}={s.Amount.Value}")));
        Assert.Equal(carry, allocation.Carry.Total.Value);
    }

    [Fact]
    public void The_order_of_the_claims_changes_nothing() =>
        Cases.Select(c => (c, Gen.Shuffle(c.Claims.ToArray()).Single())).Sample((c, shuffled) =>
        {
            var there = Allocation.Divide(c.Round, new(c.Budget), c.CapBasisPoints * 100, shuffled);
            var here = c.Divide();
            Assert.Equal(here.Shares, there.Shares);
            Assert.Equal(here.Carry, there.Carry);
        }, iter: 2_000);

    [Fact]
    public void Nobody_is_above_the_cap_and_nobody_with_more_weight_gets_less() =>
        Cases.Sample(c =>
        {
            var cap = (long)((Int128)c.Budget * c.CapBasisPoints / 10_000);
            var byWeight = c.Divide().Shares.OrderBy(s => s.Weight).ThenBy(s => s.Amount).ToList();
            Assert.All(byWeight, s => Assert.InRange(s.Amount.Value, 0, cap));
            Assert.All(byWeight.Zip(byWeight.Skip(1)), p => Assert.True(p.First.Weight == p.Second.Weight || p.First.Amount.Value <= p.Second.Amount.Value + 1));
        }, iter: 5_000);

    [Fact]
    public void A_share_differs_from_the_exact_one_by_less_than_a_satoshi() =>
        Cases.Where(c => c.CapBasisPoints == 10_000).Sample(c =>
        {
            Int128 total = 0;
            foreach (var weight in c.Weights) total += weight;
            foreach (var share in c.Divide().Shares)
            {
                var difference = ((Int128)share.Amount.Value * total) - ((Int128)share.Weight * c.Budget);
                Assert.True(Int128.Abs(difference) < total);
            }
        }, iter: 5_000);

    [Fact]
    public void Largest_weights_and_budget_do_not_overflow()
    {
        var claims = Enumerable.Range(0, 1_000).Select(i => new Claim($"t{i:D4}", (1L << 53) - 1 - i));
        var allocation = Allocation.Divide(1, Sats.Supply, 1_000_000, claims);
        Assert.Equal(Sats.Supply, Sats.Sum(allocation.Shares.Select(s => s.Amount)) + allocation.Carry.Total);
    }

    [Fact]
    public void A_token_cannot_claim_twice_and_a_weight_cannot_be_negative()
    {
        Assert.Throws<ArgumentException>(() => Allocation.Divide(1, new(10), 1_000_000, [new("a", 1), new("a", 2)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Allocation.Divide(1, new(10), 1_000_000, [new("a", -1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Allocation.Divide(1, new(10), 1_000_000, [new("a", 1L << 53)]));
    }

    private static List<Case> Sample(int count, string seed)
    {
        List<Case> cases = [];
        // One thread, so that the order of the cases is the order of the answers.
        Cases.Sample(cases.Add, iter: count, threads: 1, writeLine: _ => { });
        Assert.True(cases.Count >= count, seed);
        return cases;
    }

    private static List<string> RunPython(string python, string folder, List<Case> cases)
    {
        const string Driver = """
            import sys, json
            from alloc import allocate
            for line in sys.stdin:
                c = json.loads(line)
                paid, carry = allocate(str(c['Round']), c['Budget'], [('r%d' % i, w) for i, w in enumerate(c['Weights'])], cap_bp=c['CapBasisPoints'])
                assert sum(paid.values()) + carry['total'] == c['Budget']
                print(' '.join('%s=%d' % (k, paid[k]) for k in sorted(paid)), '|', carry['cap'], carry['floor'] + carry['rounding'], carry['empty'])
            """;
        var start = new ProcessStartInfo(python, ["-c", Driver]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["PYTHONPATH"] = folder;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var writing = Task.Run(() =>
        {
            foreach (var one in cases) process.StandardInput.WriteLine(JsonSerializer.Serialize(one));
            process.StandardInput.Close();
        });
        List<string> lines = [];
        while (process.StandardOutput.ReadLine() is { } line) lines.Add(line);
        writing.Wait();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return lines;
    }
}
