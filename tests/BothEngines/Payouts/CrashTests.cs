namespace DigitalResistance.Testing.Payouts;

/// <summary>
/// Every call of a treasury's life to its database, its node and its disk goes wrong once, in every way that calls go wrong: the end is always the same. In the short form a few calls, spread
/// over all of them, another kind at each; in the long form many of them; with <c>DR_DEPTH=all</c> every one, half an hour of a free core.
/// </summary>
public sealed class CrashTests
{
    private static readonly Outage[] Kinds = Enum.GetValues<Outage>();

    private static int Stories => Environment.GetEnvironmentVariable("DR_DEPTH") == "all" ? int.MaxValue : Needs.Depth(4, 250);

    [Fact]
    public async Task Whatever_call_goes_wrong_everybody_is_paid_once_and_the_books_equal_the_chain()
    {
        var outages = new Outages();
        await using (var whole = await TreasuryStory.BeginAsync(outages))
        {
            await whole.TellAsync(() => null);
            Assert.Equal(0, whole.Restarts);
            outages.Arm(int.MaxValue, Outage.Refused);
            await whole.CheckAsync();
        }

        var calls = await CountAsync(outages);
        var (cases, restarts, again) = (Math.Min(Stories, calls * Kinds.Length), 0, 0);
        // All of them are told by several processes side by side, each a part of them.
        var (first, after) = Needs.Range("DR_SEEDS") ?? (0, cases);
        for (var run = first; run < Math.Min(after, cases); run++)
        {
            var (random, kind) = (new Random(run), Kinds[run % Kinds.Length]);
            var at = cases == calls * Kinds.Length ? 1 + (run / Kinds.Length) : 1 + (int)((run + random.NextDouble()) * calls / cases);
            await using var story = await TreasuryStory.BeginAsync(outages);
            outages.Arm(at, kind);
            var struck = false;
            try
            {
                // Every second process that is killed is killed again while it recovers.
                await story.TellAsync(() => !struck && random.Next(2) == 0 ? Strike(ref struck, ref again, random) : null);
                Assert.True(story.Restarts > 0 || kind is Outage.Refused or Outage.DoneAndLost, "nothing was killed");
                await story.CheckAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{kind} at call {at} of {calls} (run {run}): {exception.Message}", exception);
            }

            restarts += story.Restarts;
            if (run % 100 == 99) TestContext.Current.SendDiagnosticMessage($"{Engine.Name}: stories {first} to {run} told");
        }

        TestContext.Current.SendDiagnosticMessage($"{Engine.Name}: stories {first} to {Math.Min(after, cases) - 1} of {cases}, {calls} calls in each, {restarts} restarts, {again} processes killed while they recovered");
        Assert.True(restarts >= (Math.Min(after, cases) - first) / 4, $"only {restarts} restarts in {cases} stories");
    }

    private static int? Strike(ref bool struck, ref int again, Random random)
    {
        struck = true;
        again++;
        return random.Next(1, 40);
    }

    private static async Task<int> CountAsync(Outages outages)
    {
        await using var story = await TreasuryStory.BeginAsync(outages);
        outages.Arm(int.MaxValue, Outage.Refused);
        await story.TellAsync(() => null);
        return outages.Calls;
    }
}
