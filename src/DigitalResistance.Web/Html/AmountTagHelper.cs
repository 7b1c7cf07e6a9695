using System.Globalization;
using DigitalResistance.Platform;
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

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "data";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("value", Sats.Value.ToString(CultureInfo.InvariantCulture));
        output.Attributes.SetAttribute("class", "amount");
        output.Content.SetContent(Text(Sats) + NarrowSpace + "sat");
        if (!Btc) return;
        output.PostElement.AppendHtml(" <span class=\"btc\">").Append(Sats.ToBtc().Replace('-', '\u2212') + NarrowSpace + "BTC").AppendHtml("</span>");
    }

    internal static string Text(Sats sats) => sats.Value.ToString("N0", Grouped);
}
