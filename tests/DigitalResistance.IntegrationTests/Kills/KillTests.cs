using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Kills;

/// <summary>
/// Kill -9 of the real process, and of its database, at random moments of whole rounds: probes of real proxies, freeze, approvals, a real node, real signatures. After every round
/// everybody has exactly what they were granted and the books equal the chain. Seven kills in CI; 300 of the process and 50 of PostgreSQL in the long form.
/// </summary>
public sealed class KillTests
{
    // A world is built anew after so many kills, so that each round begins with few before it and a failure is short to read.
    private const int KillsPerWorld = 25;

    [Theory]
    [InlineData("postgres", "web")]
    [InlineData("sqlite", "web")]
    [InlineData("postgres", "database")]
    public async Task Whatever_is_killed_whenever_everybody_is_paid_once_and_the_books_equal_the_chain(string engine, string victim)
    {
        var kills = (engine, victim) switch
        {
            ("postgres", "web") => Needs.Depth(5, 250),
            ("sqlite", "web") => Needs.Depth(3, 50),
            _ => Needs.Depth(3, 50),
        };
        var tally = new KillTally();
        for (var seed = 1; tally.Kills < kills; seed++)
        {
            await using var world = await KillWorld.StartAsync(engine, ownCluster: victim == "database");
            var story = new KilledStory(world, victim == "database", new Random(seed), tally);
            try
            {
                await story.TellAsync(Math.Min(tally.Kills + KillsPerWorld, kills));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new InvalidOperationException($"{engine}, {victim}, seed {seed}, after {tally}: {exception.Message}\n{world.Web.LastFault}", exception);
            }

            TestContext.Current.SendDiagnosticMessage($"{engine}, {victim}, worlds 1 to {seed}: {tally}");
        }

        Assert.True(tally.Rounds > 0, $"No round was judged: {tally}");
        // Of a handful of kills several may come too late by chance; of many, most may not.
        Assert.True(tally.Idle * (kills < 20 ? 1 : 2) < tally.Kills, $"Most kills hit nothing: {tally}");
        if (victim == "web") Assert.True(tally.InRecovery * 10 >= kills, $"Too few kills hit a process that was starting again: {tally}");
    }
}
