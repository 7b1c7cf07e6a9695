using System.Globalization;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>
/// The terms of a round as an admin types them: texts, so that what was typed comes back beside its mistake. Amounts may be grouped with
/// spaces, a percentage may have a comma.
/// </summary>
public sealed class RoundForm
{
    private static readonly string[] Moments = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd"];

    public string? Starts { get; set; }

    public string? Ends { get; set; }

    public string? Budget { get; set; }

    public string? CapPercent { get; set; }

    public string? Floor { get; set; }

    public string? Step { get; set; }

    public string? MaxFee { get; set; }

    public string? MaxFeeRate { get; set; }

    /// <summary>Name of the policy.</summary>
    public string? Rules { get; set; }

    public NextRound Next { get; set; }

    public static RoundForm Of(RoundTerms terms, string rules, NextRound next) => new()
    {
        Rules = rules,
        Next = next,
        Starts = Moment(terms.StartsAt),
        Ends = Moment(terms.EndsAt),
        Budget = Number(terms.Budget.Value),
        CapPercent = (terms.CapPpm / 10_000m).ToString("0.####", CultureInfo.InvariantCulture),
        Floor = Number(terms.Floor.Value),
        Step = Number(terms.Step.Value),
        MaxFee = Number(terms.MaxFee.Value),
        MaxFeeRate = Number(terms.MaxFeeRate),
    };

    /// <summary>The terms, or null with every mistake beside its field.</summary>
    internal RoundTerms? Read(ModelStateDictionary state, IStringLocalizer<RoundStepsTexts> texts)
    {
        T Take<T>(string field, T? value, string mistake) where T : struct
        {
            if (value is null) state.AddModelError($"Input.{field}", mistake);
            return value.GetValueOrDefault();
        }

        var (moment, sats) = (texts["Form.Moment.Wrong"], texts["Form.Sat.Wrong"]);
        var terms = new RoundTerms(
            Take(nameof(Starts), ReadMoment(Starts), moment), Take(nameof(Ends), ReadMoment(Ends), moment),
            Take(nameof(Budget), ReadSats(Budget), sats), Take(nameof(CapPercent), ReadPercent(CapPercent), texts["Form.Percent.Wrong"]),
            Take(nameof(Floor), ReadSats(Floor), sats), Take(nameof(Step), ReadSats(Step), sats),
            Take(nameof(MaxFee), ReadSats(MaxFee), sats), Take(nameof(MaxFeeRate), (int?)Whole(MaxFeeRate, int.MaxValue), texts["Form.Whole.Wrong"]));
        return state.IsValid ? terms : null;
    }

    /// <summary>The field that a mistake in the terms stands beside.</summary>
    internal static string FieldOf(TermsProblem problem) => "Input." + problem switch
    {
        TermsProblem.PeriodIsEmpty => nameof(Ends),
        TermsProblem.PeriodOffSlot => nameof(Starts),
        TermsProblem.BudgetNotPositive or TermsProblem.BudgetTooLarge => nameof(Budget),
        TermsProblem.CapOutOfRange => nameof(CapPercent),
        TermsProblem.StepNotPositive => nameof(Step),
        TermsProblem.MaxFeeOutOfRange => nameof(MaxFee),
        TermsProblem.MaxFeeRateOutOfRange => nameof(MaxFeeRate),
        _ => nameof(Floor),
    };

    private static DateTimeOffset? ReadMoment(string? text) =>
        DateTimeOffset.TryParseExact(text?.Trim(), Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private static Sats? ReadSats(string? text) => Whole(text, Sats.Supply.Value) is { } value ? new Sats(value) : null;

    private static long? Whole(string? text, long most) =>
        long.TryParse(Bare(text), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= most ? value : null;

    private static int? ReadPercent(string? text) =>
        decimal.TryParse(Bare(text).Replace(',', '.').TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
        && percent <= 100 && percent * 10_000 == decimal.Truncate(percent * 10_000) ? (int)(percent * 10_000) : null;

    private static string Bare(string? text) => string.Concat((text ?? "").Where(c => !char.IsWhiteSpace(c)));

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString(at.Second == 0 ? Moments[0] : Moments[1], CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
