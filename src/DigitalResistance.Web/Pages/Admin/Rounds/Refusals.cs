using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>Says in the reader's language why a step was not done, with the status a program would expect.</summary>
internal static class Refusals
{
    public static IActionResult Refuse(this PageModel page, RoundResult result, IStringLocalizer<RoundStepsTexts> texts)
    {
        if (result is RoundResult.NotFound) return page.NotFound();
        if (result is RoundResult.RateRefused rate) RateForm.Refuse(page.ModelState, texts, rate.Problems);
        else page.ModelState.AddModelError("", texts[$"Refused.{result.GetType().Name}", Facts(result)]);
        return page.Again(result is RoundResult.ChangedMeanwhile or RoundResult.WrongState or RoundResult.StillPending or RoundResult.SiteClosed or RoundResult.LogIsAhead or RoundResult.AnotherIsAllocated or RoundResult.LaterRoundCountsOnIt
            ? StatusCodes.Status409Conflict
            : StatusCodes.Status422UnprocessableEntity);
    }

    public static IActionResult Refuse(this PageModel page, ApprovalResult result, string field, IStringLocalizer<RoundStepsTexts> texts)
    {
        if (result is ApprovalResult.NotFound) return page.NotFound();
        page.ModelState.AddModelError(field, result is ApprovalResult.SignatureRefused refused
            ? texts[$"Signature.{refused.Verdict}"]
            : texts[$"Approval.{result.GetType().Name}", Facts(result)]);
        return page.Again(result switch
        {
            ApprovalResult.NotAnAdmin or ApprovalResult.Recused => StatusCodes.Status403Forbidden,
            ApprovalResult.WrongState or ApprovalResult.ManifestChanged or ApprovalResult.TooEarly or ApprovalResult.ObjectionsOpen or ApprovalResult.Tampered => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status422UnprocessableEntity,
        });
    }

    private static PageResult Again(this PageModel page, int status)
    {
        var again = page.Page();
        again.StatusCode = status;
        return again;
    }

    private static object[] Facts(RoundResult result) => result switch
    {
        RoundResult.PeriodOverlaps(var other) => [other],
        RoundResult.StillPending(var operators) => [operators],
        RoundResult.AnotherIsAllocated(var other) => [other],
        RoundResult.LaterRoundCountsOnIt(var other) => [other],
        RoundResult.PeriodNotOver(var until) => [Moment(until)],
        RoundResult.TreasuryTooSmall(var needed, var spendable) => [Amount(needed), Amount(spendable)],
        RoundResult.BudgetAboveTreasury(var needed, var free) => [Amount(needed), Amount(free)],
        RoundResult.RulesNotOffered(var name) => [name],
        _ => [],
    };

    private static object[] Facts(ApprovalResult result) => result switch
    {
        ApprovalResult.TooEarly(var until) => [Moment(until)],
        ApprovalResult.ObjectionsOpen(var open) => [open],
        ApprovalResult.UnknownKey(var fingerprint) => [fingerprint],
        _ => [],
    };

    private static string Amount(Sats sats) => AmountTagHelper.Text(sats) + "\u202Fsat";

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
