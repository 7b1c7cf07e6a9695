using System.Globalization;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace DigitalResistance.Web.Html;

/// <summary><c>&lt;utc at="@row.At" /&gt;</c>: an instant in UTC to the minute, or with <c>date-only="true"</c> the day; machines read it to the second.</summary>
[HtmlTargetElement("utc", TagStructure = TagStructure.WithoutEndTag)]
public sealed class UtcTagHelper : TagHelper
{
    public DateTimeOffset? At { get; set; }

    public bool DateOnly { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (At is not { } at)
        {
            output.TagName = null;
            output.Content.SetContent("–");
            return;
        }

        var utc = at.UtcDateTime;
        output.TagName = "time";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("datetime", utc.ToString(DateOnly ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        output.Content.SetContent(utc.ToString(DateOnly ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + (DateOnly ? "" : "\u00A0UTC"));
    }
}
