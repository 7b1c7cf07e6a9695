namespace DigitalResistance.Testing.Payouts;

/// <summary>Random histories on a real database: no recipient ever has more than one confirmed payment.</summary>
public sealed class RandomHistoryTests
{
    private const int Acts = 100;
    private const int MostOfAShortRun = 8;
    private static readonly string[] Wanted = ["build", "download", "upload", "reorganisation", "restore", "outage", "move approved", "move built"];

    [Fact]
    public async Task Whatever_everybody_does_in_whatever_order_nobody_is_paid_twice()
    {
        var told = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (first, after) = Needs.Range("DR_SEEDS") ?? (0, Needs.Depth(2, 500));
        // A few more where nobody happened to do what the test is about.
        for (var seed = first; seed < after || (seed < MostOfAShortRun && !Wanted.All(told.ContainsKey)); seed++)
        {
            await using var history = await RandomHistory.BeginAsync(seed);
            var step = 0;
            try
            {
                for (; step < Acts; step++) await history.StepAsync();
                await history.EndAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"History {seed}, step {step}: {exception.Message}", exception);
            }

            foreach (var (act, times) in history.Told) told[act] = told.GetValueOrDefault(act) + times;
        }

        TestContext.Current.SendDiagnosticMessage($"{Engine.Name}: histories {first} to {after - 1} of {Acts} acts; {string.Join(", ", told.Select(t => $"{t.Value} × {t.Key}"))}");
        Assert.All(Wanted, act => Assert.True(told.ContainsKey(act), $"nobody did: {act}"));
    }
}
