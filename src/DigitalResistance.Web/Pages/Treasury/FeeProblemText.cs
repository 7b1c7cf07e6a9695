using DigitalResistance.Payouts;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>A broken fee rule in a sentence, each figure in the unit that treasurers think in.</summary>
internal static class FeeProblemText
{
    public static string Say(this IStringLocalizer<TreasuryTexts> texts, FeeProblem problem) => texts[$"Fee.{problem.Rule}", Figure(problem, problem.Found), Figure(problem, problem.Limit)];

    private static object Figure(FeeProblem problem, long value) => problem.Rule is FeeRule.RateTooLow or FeeRule.RateTooHigh ? new VByteRate(value) : value;
}
