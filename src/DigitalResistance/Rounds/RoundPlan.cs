using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>
/// What a round would pay, credit and carry: the division of the budget, and then for each operator share plus credit. Pure; the
/// dry run, the act and the tests all call this. Budget = paid from shares + credited + carry, always.
/// </summary>
/// <param name="Lines">One per claimant, by token.</param>
/// <param name="Carry">What nobody got.</param>
public sealed record RoundPlan(IReadOnlyList<PlanLine> Lines, Carry Carry)
{
    /// <summary>Sum of the shares of this round.</summary>
    public Sats Shares { get; } = Sats.Sum(Lines.Select(l => l.Share));

    /// <summary>Credit of earlier rounds that this round pays.</summary>
    public Sats CreditUsed { get; } = Sats.Sum(Lines.Select(l => l.CreditUsed));

    /// <summary>What goes on chain.</summary>
    public Sats Paid { get; } = Sats.Sum(Lines.Select(l => l.Paid));

    /// <summary>What becomes new credit.</summary>
    public Sats Credited { get; } = Sats.Sum(Lines.Select(l => l.Credited));

    /// <summary>How many operators are paid on chain.</summary>
    public int Recipients { get; } = Lines.Count(l => l.Paid > Sats.Zero);

    /// <summary>Plans a round under its terms; <paramref name="capFairShares"/> is <see cref="Scoring.Policy.CapFairShares"/>.</summary>
    public static RoundPlan Create(int round, RoundTerms terms, IReadOnlyCollection<Claimant> claimants, int capFairShares = 0)
    {
        Claimant[] sorted = [.. claimants];
        Array.Sort(Array.ConvertAll(sorted, c => c.Token), sorted, StringComparer.Ordinal);
        var allocation = Allocation.Divide(round, terms.Budget, CapPpm(terms.CapPpm, capFairShares, sorted.Count(c => c.Weight > 0)), sorted.Select(c => new Claim(c.Token, c.Weight)));

        // Both are in the order of their tokens; whoever has no weight has no share.
        var next = 0;
        var lines = Array.ConvertAll(sorted, c => Line(c, c.Weight == 0 ? Sats.Zero : allocation.Shares[next++].Amount, terms));
        return new(lines, allocation.Carry);
    }

    /// <summary>The cap that holds among so many operators with a weight, in ppm: the round's own, or the fair shares of the policy where they are more.</summary>
    public static int CapPpm(int own, int fairShares, int operators) => operators == 0 ? own : Math.Max(own, (int)Math.Min(1_000_000, fairShares * 1_000_000L / operators));

    /// <summary>The oldest money is paid first: credit, then the share; so no credit expires while newer money is paid.</summary>
    private static PlanLine Line(Claimant claimant, Sats share, RoundTerms terms)
    {
        var available = share + claimant.Credit;
        var rounded = new Sats(available.Value / terms.Step.Value * terms.Step.Value);
        var paid = claimant.HasAddress && rounded >= terms.Floor ? rounded : Sats.Zero;
        var creditUsed = paid < claimant.Credit ? paid : claimant.Credit;
        return new(claimant.Token, claimant.Weight, share, creditUsed, paid, share + creditUsed - paid);
    }
}

/// <summary>One operator before the division.</summary>
/// <param name="Token">Public name in this round.</param>
/// <param name="Weight">Final integer weight; zero for somebody who only has credit.</param>
/// <param name="Credit">Unexpired credit of earlier rounds.</param>
/// <param name="HasAddress">Whether an address was frozen for this round.</param>
public readonly record struct Claimant(string Token, long Weight, Sats Credit, bool HasAddress);

/// <summary>One operator after the division: share + credit used = paid + credited.</summary>
/// <param name="Token">Public name in this round.</param>
/// <param name="Weight">Final integer weight.</param>
/// <param name="Share">What the division gave.</param>
/// <param name="CreditUsed">Credit of earlier rounds that is paid now.</param>
/// <param name="Paid">What goes on chain: a multiple of the step, at least the floor, or zero.</param>
/// <param name="Credited">What becomes new credit.</param>
public readonly record struct PlanLine(string Token, long Weight, Sats Share, Sats CreditUsed, Sats Paid, Sats Credited);
