using Microsoft.AspNetCore.Razor.TagHelpers;

namespace DigitalResistance.Web.Html;

/// <summary>
/// <c>&lt;notice kind="warning" title="…"&gt;…&lt;/notice&gt;</c>: something the reader should know before going on.
/// Kinds are <c>info</c> (default), <c>ok</c>, <c>warning</c> and <c>danger</c>; each has a sign of its own besides its colour.
/// </summary>
public sealed class NoticeTagHelper : TagHelper
{
    public string Kind { get; set; } = "info";

    public string? Title { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.Attributes.SetAttribute("class", "notice " + Kind);
        // Spoken at once only where it cannot wait; a politely spoken one would be read before the heading of every page.
        if (Kind == "danger") output.Attributes.SetAttribute("role", "alert");
        if (Title is { Length: > 0 }) output.PreContent.AppendHtml("<p class=\"title\">").Append(Title).AppendHtml("</p>");
    }
}
