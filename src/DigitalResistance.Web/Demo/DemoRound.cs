using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Probing;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Demo;

/// <summary>The admins' part of a round, each step the act behind the button they would press.</summary>
internal sealed class DemoRound(
    MoneyDb db, DemoWorld world, Policy policy, RoundDrafting drafting, RoundOpening opening, RoundFreezing freezing, RoundAllocating allocating,
    RoundApproval approval, SlotHistory history, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <summary>Drafts and announces a round over the next thirty seconds.</summary>
    public async Task<Round> OpenAsync(CancellationToken cancellation)
    {
        var window = TimeSpan.FromSeconds(policy.WindowSeconds).Ticks;
        var start = new DateTimeOffset((time.GetUtcNow().UtcTicks / window + 1) * window, TimeSpan.Zero);
        var terms = new RoundTerms(start, start + Period, Budget: new(2_000_000), CapPpm: 500_000, Floor: new(10_000), Step: new(1_000), MaxFee: new(50_000), MaxFeeRate: 20);
        var drafted = Expect.That<RoundResult.Done>(await drafting.CreateAsync(terms, Admin(1).Id, cancellation: cancellation));
        Expect.That<RoundResult.Done>(await opening.OpenAsync(drafted.Number, await VersionAsync(drafted.Number, cancellation), cancellation));
        return await FindAsync(drafted.Number, cancellation);
    }

    /// <summary>Waits until nothing can be added to the period, and freezes its scores.</summary>
    public async Task FreezeAsync(int number, CancellationToken cancellation)
    {
        RoundResult result;
        while ((result = await freezing.FreezeAsync(number, await VersionAsync(number, cancellation), evenForNobody: true, cancellation)) is RoundResult.PeriodNotOver wait)
        {
            await Task.Delay(wait.Until - time.GetUtcNow() + TimeSpan.FromMilliseconds(50), time, cancellation);
        }

        Expect.That<RoundResult.Done>(result);
    }

    /// <summary>Allocates, with an invented rate, so that pages show what they would show.</summary>
    public async Task AllocateAsync(int number, CancellationToken cancellation)
    {
        var rate = new DisplayRate("USD", 10_000_000, "demo", time.GetUtcNow());
        Expect.That<RoundResult.Done>(await allocating.AllocateAsync(number, await VersionAsync(number, cancellation), rate, cancellation));
    }

    /// <summary>Both admins approve the manifest as it is, or do so in the browser.</summary>
    public async Task ApproveAsync(int number, CancellationToken cancellation)
    {
        if (!await world.IsLeftToDemoAsync(DemoStep.Approve, async () => (await FindAsync(number, cancellation)).State != RoundState.Allocated, cancellation)) return;
        for (var admin = 1; admin <= 2; admin++)
        {
            var round = await FindAsync(number, cancellation);
            if (round.State != RoundState.Allocated) return;
            var result = await approval.ApproveSignedInAsync(number, round.ManifestSha256!, Admin(admin).Id, cancellation);
            if (result is not ApprovalResult.AlreadyCounted) Expect.That<ApprovalResult.Counted>(result);
        }
    }

    /// <summary>How many of each operator's probes came through, as <c>1: 10/10 · 2: 7/10</c>.</summary>
    public async Task<string> CarriedAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var slots = await history.ReadAsync([.. world.Servers.Select(s => s.Id)], from, to, cancellation);
        return string.Join(" · ", world.Servers.OrderBy(s => s.Owner.Number)
            .Select(s => $"{s.Owner.Number}:\u00A0{slots[s.Id].Count(p => p.Record.State == SlotState.Ok)}/{slots[s.Id].Count()}"));
    }

    public async Task<Round> FindAsync(int number, CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        return await db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == number, cancellation);
    }

    /// <summary>What each operator's server was worth, for the story.</summary>
    public async Task<IReadOnlyList<DemoOutcome>> OutcomesAsync(int number, CancellationToken cancellation)
    {
        var grants = await db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == number).ToDictionaryAsync(g => g.AccountId, cancellation);
        var frozen = await db.Set<FrozenScore>().AsNoTracking().Where(s => s.RoundNumber == number).ToDictionaryAsync(s => s.ServerId, cancellation);
        return [.. world.Servers.OrderBy(s => s.Owner.Number).Select(s => new DemoOutcome(s,
            frozen.TryGetValue(s.Id, out var score) ? score.AvailabilityPpm : 0, frozen.TryGetValue(s.Id, out score) ? score.Weight : 0,
            grants.TryGetValue(s.Owner.Id, out var grant) ? grant.Paid : Sats.Zero))];
    }

    private DemoPerson Admin(int number) => world.People.Single(p => p.Role == DemoRole.Admin && p.Number == number);

    private async Task<long> VersionAsync(int number, CancellationToken cancellation) => (await FindAsync(number, cancellation)).Version;
}

/// <summary>What a round found and gave.</summary>
internal sealed record DemoOutcome(DemoServer Server, int AvailabilityPpm, long Weight, Sats Paid);
