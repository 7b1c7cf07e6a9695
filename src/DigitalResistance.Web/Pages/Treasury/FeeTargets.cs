using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>Within how many blocks a transaction may be asked to confirm: twenty minutes, an hour, four hours, a day.</summary>
internal static class FeeTargets
{
    private static readonly int[] Blocks = [2, 6, 24, 144];

    public static bool Has(int target) => Blocks.Contains(target);

    public static IEnumerable<SelectListItem> Items(IStringLocalizer<TreasuryTexts> texts, int chosen) =>
        Blocks.Select(blocks => new SelectListItem(texts[$"Target.{blocks}"], $"{blocks}", blocks == chosen));
}
