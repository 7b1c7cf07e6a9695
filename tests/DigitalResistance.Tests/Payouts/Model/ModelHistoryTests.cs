using System.Diagnostics;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Payouts.Model;

/// <summary>Random histories of the engine in memory: sign, lose the database, restore an old backup, rebuild, bump, broadcast any subset in any order, reorganise. Nobody is ever paid twice.</summary>
public sealed class ModelHistoryTests
{
    private const int Steps = 100, MostUntilFound = 20_000;

    private static readonly string[] Wanted = ["built", "downloaded", "replaced", "mined", "reorganised", "moved by hand", "booked", "restored", "imported"];

    [Fact]
    public void No_recipient_ever_has_more_than_one_confirmed_payment()
    {
        var (histories, paid, told, watch) = (Needs.Depth(2_000, 100_000), 0L, new SortedDictionary<string, int>(StringComparer.Ordinal), Stopwatch.StartNew());
        for (var seed = 0; seed < histories; seed++)
        {
            var history = new ModelHistory(seed);
            for (var step = 0; step < Steps; step++) Assert.True(history.Step(), $"History {seed}, step {step}: somebody is paid twice.");
            paid += history.Paid;
            foreach (var (act, times) in history.Told) told[act] = told.GetValueOrDefault(act) + times;
        }

        TestContext.Current.SendDiagnosticMessage($"{histories} histories of {Steps} acts in {watch.Elapsed.TotalSeconds:0} s, {paid} payments confirmed at their ends; {string.Join(", ", told.Select(t => $"{t.Value} × {t.Key}"))}");
        Assert.True(paid > histories / 2, $"{paid} payments");
        Assert.All(Wanted, act => Assert.True(told.GetValueOrDefault(act) > histories / 100, $"{act}: {told.GetValueOrDefault(act)}"));
    }

    /// <summary>The same histories with one rule left out: they see it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Without_one_of_its_rules_somebody_is_paid_twice(int rule)
    {
        var fault = (ModelFault)rule;
        for (var seed = 0; seed < MostUntilFound; seed++)
        {
            var history = new ModelHistory(seed, fault);
            for (var step = 0; step < Steps; step++)
            {
                if (history.Step()) continue;
                TestContext.Current.SendDiagnosticMessage($"{fault}: found in history {seed}, step {step}");
                return;
            }
        }

        Assert.Fail($"{fault} is not missed in {MostUntilFound} histories.");
    }
}
