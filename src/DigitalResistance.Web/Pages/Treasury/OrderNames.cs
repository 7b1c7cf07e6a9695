using DigitalResistance.Ledger;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>What a transaction pays, as a link says it, and where that link leads.</summary>
internal static class OrderNames
{
    public static string Say(this IStringLocalizer<TreasuryTexts> texts, PaymentOrder order) => order.MoveNumber is { } move ? texts["Moves.Move", move] : texts["Rounds.Round", order.Number];

    public static string Path(this PaymentOrder order) => $"~/treasury/{order.Member}s/{order.Number}";
}
