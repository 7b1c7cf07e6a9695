using DigitalResistance.Ledger;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Review;

/// <summary>A database restored from before reviewers decided: the log still knows, and nobody who is held is paid.</summary>
public sealed class ToldDecisionsTests
{
    [Fact]
    public async Task What_was_decided_holds_again()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (held, excluded, cleared) = (await world.OperatorAsync([1]), await world.OperatorAsync([1]), await world.OperatorAsync([1]));
        await world.FrozenAsync();
        var backup = await TakeAsync(world);
        await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, held, cleared);
        await world.DecideAsync(world.Alice, Eligibility.Excluded, DecisionReason.NotCarryingTraffic, excluded);
        await world.DecideAsync(world.Alice, Eligibility.Eligible, DecisionReason.Explained, cleared);

        await RestoreAsync(world, backup);
        Assert.Equal(RoundState.Frozen, (await world.RoundAsync()).State);
        Assert.Equal((Eligibility.Held, DecisionReason.SameMachine), Standing(await world.GrantAsync(held)));
        Assert.Equal((Eligibility.Excluded, DecisionReason.NotCarryingTraffic), Standing(await world.GrantAsync(excluded)));
        Assert.Equal((Eligibility.Eligible, null), Standing(await world.GrantAsync(cleared)));
        // The log must be told nothing twice, and takes what comes next.
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Boris, Eligibility.Eligible, DecisionReason.Mistake, held));
    }

    [Fact]
    public async Task An_objection_comes_back_without_its_text_and_is_judged()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var held = await world.OperatorAsync([1]);
        await world.FrozenAsync();
        await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, held);
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        var backup = await TakeAsync(world);
        await world.ObjectAsync(held);

        await RestoreAsync(world, backup);
        var objection = Assert.Single(await world.ObjectionsAsync(world.Boris));
        Assert.Equal((null, null, true), (objection.Text, objection.Verdict, objection.MayVote));
        Assert.IsType<ObjectionResult.RaisedBefore>(await world.ObjectAsync(held));
        backup = await TakeAsync(world);
        await world.VoteAsync(world.Boris, held, ObjectionVerdict.Dismissed);
        await RestoreAsync(world, backup);
        Assert.Equal(ObjectionVerdict.Dismissed, Assert.Single(await world.ObjectionsAsync(world.Boris)).Verdict);
    }

    [Fact]
    public async Task Where_the_round_begins_anew_whoever_was_held_waits()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var held = await world.OperatorAsync([1]);
        await world.AllocatedAsync();
        var backup = await TakeAsync(world);
        // This voids the amounts, which the tables still have: the round must be done again.
        await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, held);

        await RestoreAsync(world, backup);
        Assert.Equal(RoundState.Draft, (await world.RoundAsync()).State);
        RoundsWorld.Done(await world.OpenAsync(1, (await world.RoundAsync()).Version));
        RoundsWorld.Done(await world.FreezeAsync(1, (await world.RoundAsync()).Version));
        Assert.Equal(Eligibility.Pending, (await world.GrantAsync(held)).Eligibility);
    }

    private static (Eligibility, DecisionReason?) Standing(Grant grant) => (grant.Eligibility, grant.Reason);

    private static async Task<string> TakeAsync(RoundsWorld world)
    {
        await using var db = world.Open();
        return await DatabaseBackup.TakeAsync(db);
    }

    // As the log's files would bring them back, and as the features hear of them, in their order.
    private static async Task RestoreAsync(RoundsWorld world, string backup)
    {
        var all = await world.On(db => db.Set<LedgerEntry>().AsNoTracking().OrderBy(e => e.Id).ToListAsync());
        await using (var db = world.Open()) await DatabaseBackup.RestoreAsync(db, backup);
        await using var context = world.Open();
        var known = await context.Set<LedgerEntry>().CountAsync();
        foreach (var (entry, index) in (await context.Set<LedgerEntry>().OrderBy(e => e.Id).ToListAsync()).Select((e, i) => (e, i))) entry.Index = index;
        foreach (var (entry, i) in all.Skip(known).Select((e, i) => (e, i))) context.Add(new LedgerEntry { Type = entry.Type, Bytes = entry.Bytes, RoundNumber = entry.RoundNumber, Index = known + i });
        await context.SaveChangesAsync();
        var forgotten = all.Skip(known).Select(e => CanonicalObject.Parse(e.Bytes)).ToList();
        await new ToldDecisions(context, world.Time).HearAsync(forgotten, default);
        await new ToldRounds(context, world.Time).HearAsync(forgotten, default);
    }
}
