using CsCheck;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;

namespace DigitalResistance.Tests.Rounds;

public sealed class RoundPlanTests
{
    private static readonly Gen<(RoundTerms Terms, Claimant[] Claimants)> Cases =
        from step in Gen.OneOf(Gen.Const(1L), Gen.Const(1_000L), Gen.Long[1, 5_000])
        from steps in Gen.Long[1, 50]
        from budget in Gen.Long[1, 50_000_000]
        from cap in Gen.Int[1, 1_000_000]
        from claimants in Gen.Select(Gen.Long[0, 200], Gen.Long[0, 100_000], Gen.Bool).Array[0, 15]
        select (Terms(budget, cap, step * steps, step), claimants.Select((c, i) => new Claimant($"t{i:D2}", c.Item1, new(c.Item2), c.Item3)).ToArray());

    private static RoundTerms Terms(long budget, int capPpm, long floor, long step) =>
        new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(30), new(budget), capPpm, new(floor), new(step), new(1_000), 10);

    [Fact]
    public void Budget_is_what_is_paid_from_shares_plus_what_is_credited_plus_carry() =>
        Cases.Sample(c =>
        {
            var plan = RoundPlan.Create(1, c.Terms, c.Claimants);
            Assert.Equal(c.Terms.Budget, plan.Shares + plan.Carry.Total);
            Assert.Equal(c.Terms.Budget, plan.Paid - plan.CreditUsed + plan.Credited + plan.Carry.Total);
        }, iter: 10_000);

    [Fact]
    public void Every_operators_account_closes_and_every_payment_obeys_the_terms() =>
        Cases.Sample(c =>
        {
            var plan = RoundPlan.Create(1, c.Terms, c.Claimants);
            Assert.Equal(c.Claimants.Length, plan.Lines.Count);
            foreach (var line in plan.Lines)
            {
                var claimant = c.Claimants.Single(x => x.Token == line.Token);
                Assert.Equal(line.Share + line.CreditUsed, line.Paid + line.Credited);
                Assert.True(line.CreditUsed >= Sats.Zero && line.CreditUsed <= claimant.Credit);
                Assert.True(line.Credited >= Sats.Zero && line.Credited <= line.Share);
                if (line.Paid == Sats.Zero) continue;
                Assert.True(claimant.HasAddress && line.Paid >= c.Terms.Floor && line.Paid.Value % c.Terms.Step.Value == 0);
            }
        }, iter: 10_000);

    [Fact]
    public void Whoever_can_be_paid_is_left_with_less_than_one_step() =>
        Cases.Sample(c =>
        {
            foreach (var line in RoundPlan.Create(1, c.Terms, c.Claimants).Lines)
            {
                var claimant = c.Claimants.Single(x => x.Token == line.Token);
                var available = line.Share + claimant.Credit;
                var left = available - line.Paid;
                Assert.True(left < c.Terms.Step || !claimant.HasAddress || available < c.Terms.Floor);
            }
        }, iter: 10_000);

    [Theory]
    // share 600 of 1,000; floor 500, step 100
    [InlineData(0, true, 600, 0, 0)]
    [InlineData(0, false, 0, 0, 600)]
    [InlineData(250, true, 800, 250, 50)]
    [InlineData(99, true, 600, 99, 99)]
    public void A_share_meets_credit_floor_step_and_address(long credit, bool hasAddress, long paid, long creditUsed, long credited)
    {
        var plan = RoundPlan.Create(1, Terms(1_000, 1_000_000, 500, 100), [new("a", 6, new(credit), hasAddress), new("b", 4, Sats.Zero, true)]);
        var line = plan.Lines[0];
        Assert.Equal((paid, creditUsed, credited), (line.Paid.Value, line.CreditUsed.Value, line.Credited.Value));
        Assert.Equal((0, 400), (plan.Lines[1].Paid.Value, plan.Lines[1].Credited.Value));
    }

    [Fact]
    public void Credit_of_somebody_without_any_weight_is_paid_once_an_address_is_there()
    {
        var plan = RoundPlan.Create(1, Terms(1_000, 1_000_000, 500, 100), [new("a", 0, new(730), true), new("b", 1, Sats.Zero, true)]);
        Assert.Equal(new PlanLine("a", 0, Sats.Zero, new(700), new(700), Sats.Zero), plan.Lines[0]);
    }

    [Fact]
    public void Credit_that_is_not_paid_stays_where_it_is()
    {
        var plan = RoundPlan.Create(1, Terms(1_000, 1_000_000, 5_000_000, 100), [new("a", 1, new(730), true)]);
        Assert.Equal(new PlanLine("a", 1, new(1_000), Sats.Zero, Sats.Zero, new(1_000)), plan.Lines[0]);
    }
}
