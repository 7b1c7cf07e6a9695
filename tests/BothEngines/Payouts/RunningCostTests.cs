using DigitalResistance.Accounts;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

public sealed class RunningCostTests
{
    private static readonly Bill Hosting = new(CostPurpose.Hosting, new Sats(200_000), PayoutWorld.Address(1));
    private static readonly Bill Audit = new(CostPurpose.Audit, new Sats(300_000), PayoutWorld.Address(2));

    [Fact]
    public async Task Bills_are_paid_in_one_transaction_and_stand_apart_from_what_operators_got()
    {
        await using var world = await MovesWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(await world.PayAsync(Hosting, Audit));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync());
        var batch = (await world.BatchesAsync())[0].Id;
        var view = (await world.World.World.Do((SigningRoom room) => room.FindAsync(batch, default)))!;
        Assert.Equal([("hosting", Hosting.Address), ("audit", Audit.Address)], view.Payments.Select(p => (p.Token, (string?)p.Address)));
        Assert.DoesNotContain(view.Outputs, o => o.Kind == OutputKind.Unknown);
        await world.FinishAsync(1);

        var received = await world.World.ReceivedAsync();
        foreach (var bill in new[] { Hosting, Audit }) Assert.Equal(bill.Amount.Value, received[PayoutWorld.Script(bill.Address!).ToHex()]);
        var head = await world.HeadAsync();
        Assert.Equal((Sats.Zero, new Sats(500_000)), (head.Paid, head.Costs));
        Assert.Equal(head.Received - head.Costs - head.Fees, head.Balance);
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());
    }

    [Fact]
    public async Task Nothing_is_approved_before_everybody_had_time_to_object()
    {
        await using var world = await MovesWorld.FundedAsync(1_000_000);
        await world.PayAsync(Hosting);
        var from = (await world.MoveAsync()).ProposedAt.AddSeconds(DigitalResistance.Scoring.Policy.Standard.ObjectionSeconds);
        Assert.Equal(new ApprovalResult.TooEarly(from), await world.ApproveAsync(world.Alice));
        Assert.Equal(new ApprovalResult.TooEarly(from), await world.ApproveAsync(world.Boris));
        world.World.World.Time.SetUtcNow(from);
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(world.Boris));
        // The policy takes one signed-in approval; the others must be signatures.
        Assert.IsType<ApprovalResult.SignatureNeeded>(await world.ApproveAsync(await world.World.AdminAsync()));
        Assert.Equal(MoveState.Proposed, (await world.MoveAsync()).State);
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(world.Alice));
        Assert.Equal(MoveState.Approved, (await world.MoveAsync()).State);
    }

    [Fact]
    public async Task Whoever_is_paid_as_an_operator_at_a_bills_address_does_not_count()
    {
        await using var world = await MovesWorld.FundedAsync(1_000_000);
        await world.World.World.Read(db =>
        {
            db.Add(new PayoutAddress { AccountId = world.Boris, Address = Hosting.Address!, SetAt = default, ConfirmedAt = default, EffectiveAt = default });
            return db.SaveChangesAsync();
        });
        await world.PayAsync(Hosting);
        world.World.World.Time.Advance(TimeSpan.FromDays(30));
        Assert.IsType<ApprovalResult.Recused>(await world.ApproveAsync(world.Boris));
        Assert.False(Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(world.Alice)).Tally.Suffices);
    }

    [Fact]
    public async Task Bills_that_cannot_be_paid_are_not_even_proposed()
    {
        await using var world = await MovesWorld.FundedAsync(1_000_000);
        async Task RefusedAsync(CostProblem problem, Bill bill) => Assert.Equal(new MoveResult.CostRefused(2, problem), await world.PayAsync(Hosting, bill));
        await RefusedAsync(CostProblem.Address, Audit with { Address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4" });
        await RefusedAsync(CostProblem.Ours, Audit with { Address = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Address(DigitalResistance.Treasury.Branch.Receive, 1) });
        await RefusedAsync(CostProblem.Dust, Audit with { Amount = new Sats(100) });
        await RefusedAsync(CostProblem.TooLarge, Audit with { Amount = new Sats(10_000_001) });
        Assert.IsType<MoveResult.OutsideLimits>(await world.PayAsync());
        Assert.IsType<MoveResult.OutsideLimits>(await world.PayAsync([.. Enumerable.Repeat(Hosting, 21)]));
        Assert.Empty(await world.World.World.Read(db => db.Set<Move>().ToListAsync()));
    }

    [Fact]
    public async Task A_month_has_a_limit_when_it_is_proposed_and_again_when_it_is_built()
    {
        var payouts = await PayoutWorld.CreateAsync(("Moves:MaxMonthSat", "500000"));
        await payouts.World.AdoptAsync();
        await payouts.FundAsync(1_000_000, 1_000_000);
        await using var world = await MovesWorld.OfAsync(payouts);
        Assert.Equal(new MoveResult.MonthLimit(new Sats(600_000), new Sats(500_000)), await world.PayAsync(Audit, Audit));
        await world.ApprovedAsync(await world.PayAsync(Audit));
        await world.ApprovedAsync(await world.PayAsync(Audit));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
        Assert.Equal(new BuildResult.MonthLimit(new Sats(600_000), new Sats(500_000)), await world.BuildAsync(2));
        payouts.World.Time.Advance(TimeSpan.FromDays(31));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(2));
    }

    [Fact]
    public async Task An_address_that_was_changed_in_the_database_is_not_paid()
    {
        await using var world = await MovesWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(await world.PayAsync(Hosting));
        await world.World.World.Read(db => db.Set<MoveCost>().ExecuteUpdateAsync(set => set.SetProperty(c => c.Address, PayoutWorld.Address(9))));
        Assert.Equal(new BuildResult.OrderRefused(OrderFault.NotAsApproved), await world.BuildAsync());
    }

    [Fact]
    public async Task An_approval_of_another_text_or_for_another_purpose_is_worth_nothing()
    {
        await using var world = await MovesWorld.FundedAsync(1_000_000);
        await world.PayAsync(Hosting);
        world.World.World.Time.Advance(TimeSpan.FromDays(30));
        Assert.IsType<ApprovalResult.ManifestChanged>(await world.World.World.Do((MoveApproval act) => act.ApproveSignedInAsync(1, new string('0', 64), world.Boris, default)));
        var manifest = (await world.MoveAsync()).Manifest;
        foreach (var (text, purpose) in new[] { (manifest + "\n", MoveManifest.SignatureNamespace), (manifest, Manifest.SignatureNamespace) })
            Assert.IsType<ApprovalResult.SignatureRefused>(await world.World.World.Do((MoveApproval act) => act.ApproveBySignatureAsync(1, world.Key.Sign(text, purpose), default)));
        Assert.IsType<ApprovalResult.Unreadable>(await world.World.World.Do((MoveApproval act) => act.ApproveBySignatureAsync(1, "nonsense", default)));
        Assert.IsType<ApprovalResult.UnknownKey>(await world.World.World.Do((MoveApproval act) => act.ApproveBySignatureAsync(1, Rounds.TestSshKey.Create("ssh-ed25519").Sign(manifest, MoveManifest.SignatureNamespace), default)));
    }
}
