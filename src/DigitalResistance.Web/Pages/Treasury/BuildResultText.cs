using DigitalResistance.Payouts;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>Why nothing was built, in a sentence.</summary>
internal static class BuildResultText
{
    public static string Say(this IStringLocalizer<TreasuryTexts> texts, BuildResult result) => result switch
    {
        BuildResult.OrderRefused { Fault: var fault } => texts[$"Refused.Order.{fault}"],
        BuildResult.FeeRefused { Problem: var fee } => texts.Say(fee),
        BuildResult.NotEnough missing => texts["Refused.NotEnough", missing.Needed.Value, missing.Available.Value],
        BuildResult.DayLimit day => texts["Refused.DayLimit", day.Sum.Value, day.Limit.Value],
        BuildResult.MonthLimit month => texts["Refused.MonthLimit", month.Sum.Value, month.Limit.Value],
        BuildResult.PlanRefused { Plan: PlanResult.Refused { Payments: [var first, ..] } } => texts[$"Refused.Plan.{first.Problem}", first.Token],
        BuildResult.PlanRefused => texts["Refused.Plan"],
        BuildResult.NoTreasury => texts["Refused.NoTreasury"],
        BuildResult.NotPublishedYet => texts["Refused.NotPublishedYet"],
        BuildResult.Locked => texts["Refused.Locked"],
        BuildResult.SpentElsewhere => texts["Refused.SpentElsewhere"],
        BuildResult.ChainAway => texts["Refused.ChainAway"],
        BuildResult.ChangedMeanwhile => texts["Refused.ChangedMeanwhile"],
        BuildResult.NothingToBuild => texts["Refused.Nothing"],
        _ => "",
    };
}
