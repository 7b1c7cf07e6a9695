using Microsoft.AspNetCore.Razor.TagHelpers;

namespace DigitalResistance.Web.Html;

/// <summary>
/// <c>&lt;badge kind="ok"&gt;Proven&lt;/badge&gt;</c>: a state in one word. Kinds are <c>ok</c>, <c>warning</c>, <c>danger</c>, <c>info</c> and
/// <c>muted</c> (default); a sign in front says the same without colour.
/// </summary>
public sealed class BadgeTagHelper : TagHelper
{
    public string Kind { get; set; } = "muted";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "span";
        output.Attributes.SetAttribute("class", "badge " + Kind);
    }
}
