using System.Globalization;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>The rate for readers as an admin types it, or nothing: then the manifest has none.</summary>
public sealed class RateForm
{
    private static readonly string[] Moments = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm"];

    public string? Currency { get; set; }

    /// <summary>What one bitcoin costs; may be grouped with spaces and have a comma.</summary>
    public string? Price { get; set; }

    public string? Source { get; set; }

    public string? At { get; set; }

    public static IEnumerable<SelectListItem> Currencies(string none) => [new(none, ""), .. DisplayRate.Currencies.Select(c => new SelectListItem(c, c))];

    /// <summary>Whether it can be used; what is wrong stands beside its field.</summary>
    internal bool TryRead(ModelStateDictionary state, IStringLocalizer<RoundStepsTexts> texts, DateTimeOffset now, out DisplayRate? rate)
    {
        rate = null;
        if (string.IsNullOrWhiteSpace($"{Currency}{Price}{Source}{At}")) return true;
        var read = new DisplayRate(Currency ?? "", ReadPrice() ?? 0, (Source ?? "").Trim(), ReadMoment() ?? DateTimeOffset.MinValue);
        Refuse(state, texts, read.Problems(now));
        if (state.IsValid) rate = read;
        return state.IsValid;
    }

    internal static void Refuse(ModelStateDictionary state, IStringLocalizer<RoundStepsTexts> texts, IReadOnlyList<RateProblem> problems)
    {
        foreach (var problem in problems) state.AddModelError("Rate." + FieldOf(problem), texts[$"Rate.Wrong.{problem}"]);
    }

    private static string FieldOf(RateProblem problem) => problem switch
    {
        RateProblem.Currency => nameof(Currency),
        RateProblem.Amount => nameof(Price),
        RateProblem.Source => nameof(Source),
        _ => nameof(At),
    };

    private long? ReadPrice()
    {
        var bare = string.Concat((Price ?? "").Where(c => !char.IsWhiteSpace(c))).Replace(',', '.');
        return decimal.TryParse(bare, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) && price <= DisplayRate.Most / 100
            && price * 100 == decimal.Truncate(price * 100) ? (long)(price * 100) : null;
    }

    private DateTimeOffset? ReadMoment() =>
        DateTimeOffset.TryParseExact(At?.Trim(), Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
