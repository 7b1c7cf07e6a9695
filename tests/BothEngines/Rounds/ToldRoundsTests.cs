using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Rounds;

/// <summary>A database restored from before a round went on: the log knows more of it than the tables.</summary>
public sealed class ToldRoundsTests
{
    [Fact]
    public async Task A_round_that_was_allocated_as_it_was_approved_is_approved()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([4]);
        var allocated = await world.AllocatedAsync();
        var backup = await TakeAsync(world);
        await world.ApproveAsync(1, allocated.ManifestSha256!, world.Alice);
        await world.ApproveAsync(1, allocated.ManifestSha256!, world.Boris);
        var approved = await world.RoundAsync();
        Assert.Equal(RoundState.Approved, approved.State);

        Assert.Empty(await RestoreAsync(world, backup));
        var round = await world.RoundAsync();
        Assert.Equal((RoundState.Approved, approved.ApprovedAt, approved.CreditsExpireAt), (round.State, round.ApprovedAt, round.CreditsExpireAt));
    }

    [Fact]
    public async Task Approvals_that_the_log_knows_count_and_are_not_asked_for_again()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([4]);
        var allocated = await world.AllocatedAsync();
        var backup = await TakeAsync(world);
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, allocated.ManifestSha256!, world.Alice));

        Assert.Empty(await RestoreAsync(world, backup));
        Assert.IsType<ApprovalResult.AlreadyCounted>(await world.ApproveAsync(1, allocated.ManifestSha256!, world.Alice));
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, allocated.ManifestSha256!, world.Boris));
        Assert.Equal(RoundState.Approved, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task A_round_of_which_the_tables_have_nothing_is_cancelled_in_the_log()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([4]);
        var draft = await TakeAsync(world);
        await world.ApprovedAsync();
        Assert.Equal(["round.cancelled"], await RestoreAsync(world, draft));
        Assert.Equal(0, await CountAsync(world));
    }

    [Fact]
    public async Task A_round_that_is_behind_is_withdrawn_with_a_newer_revision()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([4]);
        var allocated = await world.AllocatedAsync();
        var backup = await TakeAsync(world);
        RoundsWorld.Done(await world.ReviseAsync(1, allocated.Version, world.Terms with { MaxFee = new(30_000) }));
        var revised = await world.RoundAsync();

        Assert.Equal(["round.withdrawn"], await RestoreAsync(world, backup));
        var round = await world.RoundAsync();
        Assert.Equal((RoundState.Draft, revised.Revision + 1, (string?)null), (round.State, round.Revision, round.Manifest));
        Assert.Empty(await world.GrantsAsync());
    }

    private static async Task<string> TakeAsync(RoundsWorld world)
    {
        await using var db = world.Open();
        return await DatabaseBackup.TakeAsync(db);
    }

    // As the log's files would bring them back; gives the types that the log is told besides.
    private static async Task<string[]> RestoreAsync(RoundsWorld world, string backup)
    {
        var all = await EntriesAsync(world);
        await using (var db = world.Open()) await DatabaseBackup.RestoreAsync(db, backup);
        var known = (await EntriesAsync(world)).Count;
        await using var context = world.Open();
        foreach (var (entry, index) in (await context.Set<LedgerEntry>().OrderBy(e => e.Id).ToListAsync()).Select((e, i) => (e, i))) entry.Index = index;
        foreach (var (entry, i) in all.Skip(known).Select((e, i) => (e, i))) context.Add(new LedgerEntry { Type = entry.Type, Bytes = entry.Bytes, RoundNumber = entry.RoundNumber, Index = known + i });
        await context.SaveChangesAsync();
        await new ToldRounds(context, world.Time).HearAsync([.. all.Skip(known).Select(e => CanonicalObject.Parse(e.Bytes))], default);
        return [.. (await EntriesAsync(world)).Skip(all.Count).Select(e => e.Type)];
    }

    private static async Task<List<LedgerEntry>> EntriesAsync(RoundsWorld world)
    {
        await using var db = world.Open();
        return await db.Set<LedgerEntry>().AsNoTracking().OrderBy(e => e.Id).ToListAsync();
    }

    private static async Task<int> CountAsync(RoundsWorld world)
    {
        await using var db = world.Open();
        return await db.Set<Round>().CountAsync();
    }
}
