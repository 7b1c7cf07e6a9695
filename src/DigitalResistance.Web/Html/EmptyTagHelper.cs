using Microsoft.AspNetCore.Razor.TagHelpers;

namespace DigitalResistance.Web.Html;

/// <summary><c>&lt;empty title="No rounds yet"&gt;what happens next, and a link&lt;/empty&gt;</c>: what stands where a list would.</summary>
public sealed class EmptyTagHelper : TagHelper
{
    public string Title { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.Attributes.SetAttribute("class", "empty");
        output.PreContent.AppendHtml("<p class=\"title\">").Append(Title).AppendHtml("</p>");
    }
}
