using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;

namespace DigitalResistance.Testing.Rounds.Walks;

/// <summary>Random walks of a round through everything that can be done to it: nothing leaves to be signed that too few approved, and no edge is taken that there is not.</summary>
public sealed class RoundWalkTests
{
    private const int Steps = 60, WalksOfAWorld = 25, MostUntilMissed = 20_000;

    [Fact]
    public async Task No_walk_leads_out_of_the_server_past_the_approvals()
    {
        var (walks, left, approved) = (Needs.Depth(4_000, 100_000), 0, 0);
        for (var seed = 0; seed < walks; seed++)
        {
            var random = new Random(seed);
            var rules = WalkRules.Random(random);
            var (round, witness) = (new ModelRound(rules), new WalkWitness(rules));
            var wasApproved = false;
            for (var i = 0; i < Steps; i++)
            {
                await StepAsync(round, witness, Walked.Random(random, round.State), $"Walk {seed}, step {i}");
                wasApproved |= round.State >= RoundState.Approved && round.State != RoundState.Cancelled;
            }

            if (wasApproved) approved++;
            if (round.Left is not null) left++;
        }

        TestContext.Current.SendDiagnosticMessage($"{walks} walks of {Steps} steps: {approved} rounds were approved, of {left} something left the server");
        // Walks that never get there would show nothing.
        Assert.True(left > walks / 50 && approved > left, $"{approved} approved, {left} left");
    }

    /// <summary>The same walks where the rules are not told something: they see it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task What_the_rules_are_not_told_is_missed(int fault)
    {
        for (var seed = 0; seed < MostUntilMissed; seed++)
        {
            var random = new Random(seed);
            var rules = WalkRules.Random(random);
            var (round, witness) = (new ModelRound(rules, (WalkFault)fault), new WalkWitness(rules));
            try
            {
                for (var i = 0; i < Steps; i++) await StepAsync(round, witness, Walked.Random(random, round.State), $"Walk {seed}, step {i}");
            }
            catch (InvalidOperationException seen)
            {
                TestContext.Current.SendDiagnosticMessage($"{(WalkFault)fault}: {seen.Message}");
                return;
            }
        }

        Assert.Fail($"{(WalkFault)fault}: nothing is missed in {MostUntilMissed} walks.");
    }

    [Fact]
    public async Task The_acts_on_a_database_end_as_the_model_does()
    {
        var (walks, left) = (Needs.Depth(Engine.Name == "sqlite" ? 25 : 10, 500), 0);
        for (var first = 0; first < walks; first += WalksOfAWorld)
        {
            // Its treasury takes it away with itself.
            var database = await MoneyDatabase.CreateAsync();
            await using var payouts = new PayoutWorld(TreasuryWorld.On(database, ("Payouts:MaxDaySat", "100000000000")));
            payouts.World.Time.SetUtcNow(RoundsWorld.Start);
            await payouts.World.AdoptAsync();
            await payouts.FundAsync([.. Enumerable.Repeat(1_000_000L, WalksOfAWorld + 2)]);
            var rounds = await RoundsWorld.OnAsync(database);
            rounds.Treasury = (await payouts.World.Do((ITreasuryFacts facts) => facts.ReadAsync(default)))! with { Spendable = new(1_000_000_000) };
            for (var walk = first; walk < Math.Min(walks, first + WalksOfAWorld); walk++) left += await WalkBothAsync(rounds, payouts, walk);
        }

        TestContext.Current.SendDiagnosticMessage($"{Engine.Name}: {walks} walks of {Steps} steps on a database, of {left} something left the server");
        Assert.True(left > 0);
    }

    private static async Task<int> WalkBothAsync(RoundsWorld rounds, PayoutWorld payouts, int walk)
    {
        var random = new Random(walk);
        var rules = WalkRules.Random(random);
        var (model, real) = (new ModelRound(rules), await RealRound.BeginAsync(rounds, payouts, rules, walk));
        var (ofModel, ofReal) = (new WalkWitness(rules), new WalkWitness(rules));
        for (var i = 0; i < Steps; i++)
        {
            var (step, name) = (Walked.Random(random, model.State), $"Walk {walk}, step {i}");
            var (said, done) = (await StepAsync(model, ofModel, step, name), await StepAsync(real, ofReal, step, name));
            Assert.True((said, model.State) == (done, real.State), $"{name}, {step}: the model says {said} and is {model.State}, the acts say {done} and are {real.State}.");
        }

        await real.EndAsync();
        return real.Left is null ? 0 : 1;
    }

    private static async Task<string> StepAsync(IWalkedRound round, WalkWitness witness, Walked step, string name)
    {
        var from = round.State;
        var ending = await round.TakeAsync(step);
        try
        {
            witness.See(step, ending, from, round);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException($"{name}, {step}, ended as {ending}: {exception.Message}", exception);
        }

        return ending;
    }
}
