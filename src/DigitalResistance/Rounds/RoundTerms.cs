using DigitalResistance.Platform;
using DigitalResistance.Scoring;

namespace DigitalResistance.Rounds;

/// <summary>What admins decide about a round.</summary>
/// <param name="StartsAt">First instant of the scored period, on a slot boundary.</param>
/// <param name="EndsAt">End of the scored period, exclusive, on a slot boundary.</param>
/// <param name="Budget">What is to be given.</param>
/// <param name="CapPpm">Largest part of the budget one operator may get, in ppm.</param>
/// <param name="Floor">Smallest payment, a multiple of the step; what is less becomes credit.</param>
/// <param name="Step">Payments are whole multiples of this, so that several recipients share one amount.</param>
/// <param name="MaxFee">Most that all transactions of the round together may cost in fees.</param>
/// <param name="MaxFeeRate">Highest fee rate of any transaction of the round, in sat/vB.</param>
public sealed record RoundTerms(
    DateTimeOffset StartsAt, DateTimeOffset EndsAt, Sats Budget, int CapPpm, Sats Floor, Sats Step, Sats MaxFee, int MaxFeeRate)
{
    /// <summary>Everything that is wrong with these terms; empty where they can be used.</summary>
    public IReadOnlyList<TermsProblem> Problems(RoundsOptions limits, Policy policy)
    {
        List<TermsProblem> problems = [];
        void Check(bool holds, TermsProblem problem)
        {
            if (!holds) problems.Add(problem);
        }

        Check(StartsAt < EndsAt, TermsProblem.PeriodIsEmpty);
        Check(OnSlot(StartsAt, policy) && OnSlot(EndsAt, policy), TermsProblem.PeriodOffSlot);
        Check(Budget > Sats.Zero, TermsProblem.BudgetNotPositive);
        Check(Budget <= limits.MaxBudget, TermsProblem.BudgetTooLarge);
        Check(CapPpm is > 0 and <= 1_000_000, TermsProblem.CapOutOfRange);
        Check(Step > Sats.Zero, TermsProblem.StepNotPositive);
        Check(Floor >= limits.MinFloor, TermsProblem.FloorBelowDust);
        Check(Step <= Sats.Zero || Floor.Value % Step.Value == 0, TermsProblem.FloorNotMultipleOfStep);
        Check(Floor <= Budget, TermsProblem.FloorAboveBudget);
        Check(MaxFee > Sats.Zero && MaxFee <= Budget, TermsProblem.MaxFeeOutOfRange);
        Check(MaxFeeRate > 0 && MaxFeeRate <= limits.MaxFeeRateSatPerVByte, TermsProblem.MaxFeeRateOutOfRange);
        return problems;
    }

    private static bool OnSlot(DateTimeOffset at, Policy policy) => at.UtcTicks % TimeSpan.FromSeconds(policy.SlotSeconds).Ticks == 0;
}

/// <summary>What can be wrong with the terms of a round.</summary>
public enum TermsProblem
{
    /// <summary>The period ends before it starts.</summary>
    PeriodIsEmpty,

    /// <summary>Start or end is not on a slot boundary of the policy.</summary>
    PeriodOffSlot,

    /// <summary>The budget is zero or less.</summary>
    BudgetNotPositive,

    /// <summary>The budget is above the ceiling that the configuration, not the database, sets.</summary>
    BudgetTooLarge,

    /// <summary>The cap is not within (0, 100%].</summary>
    CapOutOfRange,

    /// <summary>The step is zero or less.</summary>
    StepNotPositive,

    /// <summary>The floor is so low that an output could cost more to spend than it holds.</summary>
    FloorBelowDust,

    /// <summary>The floor is not a multiple of the step, so that rounding down could fall below it.</summary>
    FloorNotMultipleOfStep,

    /// <summary>Nobody could ever be paid.</summary>
    FloorAboveBudget,

    /// <summary>The fee limit is zero, or above the budget.</summary>
    MaxFeeOutOfRange,

    /// <summary>The fee rate limit is zero, or above the configured ceiling.</summary>
    MaxFeeRateOutOfRange,
}
