using System.Globalization;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace DigitalResistance.Web.Html;

/// <summary>
/// <c>&lt;amount sats="@row.Amount" /&gt;</c>: satoshi in groups of three with bitcoin beside; machines read the exact number.
/// With <c>btc="false"</c> only satoshi, for narrow columns.
/// </summary>
[HtmlTargetElement("amount", TagStructure = TagStructure.WithoutEndTag)]
public sealed class AmountTagHelper : TagHelper
{
    /// <summary>U+202F: groups digits without letting the number break at the end of a line.</summary>
    private const string NarrowSpace = "\u202F";

    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = NarrowSpace, NumberGroupSizes = [3], NegativeSign = "\u2212" };

    public Sats Sats { get; set; }

    public bool Btc { get; set; } = true;

    /// <summary>What a bitcoin was worth to readers, where somebody said so: then the amount stands in that money too, behind "≈".</summary>
    public DisplayRate? Rate { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "data";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("value", Sats.Value.ToString(CultureInfo.InvariantCulture));
        output.Attributes.SetAttribute("class", "amount");
        output.Content.SetContent(Text(Sats) + NarrowSpace + "sat");
        if (Btc) output.PostElement.AppendHtml(" <span class=\"btc\">").Append(Sats.ToBtc().Replace('-', '\u2212') + NarrowSpace + "BTC").AppendHtml("</span>");
        if (Rate is not null && Sats != Sats.Zero) output.PostElement.AppendHtml(" <span class=\"btc\">").Append(About(Sats, Rate)).AppendHtml("</span>");
    }

    /// <summary>As <c>≈ 1 234 USD</c>: hundredths only where they are most of it.</summary>
    internal static string About(Sats sats, DisplayRate rate)
    {
        var hundredths = rate.Hundredths(sats);
        return $"≈{NarrowSpace}{(Math.Abs(hundredths) < 10_000 ? Hundredths(hundredths) : ((hundredths + 50 * Math.Sign(hundredths)) / 100).ToString("N0", Grouped))}{NarrowSpace}{rate.Currency}";
    }

    /// <summary>A price with its hundredths, as <c>104 321.55</c>.</summary>
    internal static string Hundredths(long amount) =>
        $"{(amount < 0 ? Grouped.NegativeSign : "")}{Math.Abs(amount / 100).ToString("N0", Grouped)}.{Math.Abs(amount % 100).ToString("00", CultureInfo.InvariantCulture)}";

    internal static string Text(Sats sats) => sats.Value.ToString("N0", Grouped);
}
