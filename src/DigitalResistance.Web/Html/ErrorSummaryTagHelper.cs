using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Html;

/// <summary>
/// <c>&lt;error-summary /&gt;</c> above a form: every mistake at once, each a link to its field. Nothing where there is none.
/// The framework's own summary would carry an inline style.
/// </summary>
[HtmlTargetElement("error-summary", TagStructure = TagStructure.WithoutEndTag)]
public sealed class ErrorSummaryTagHelper(IStringLocalizer<SharedTexts> texts) : TagHelper
{
    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var mistakes = ViewContext.ModelState.Where(entry => entry.Value is { Errors.Count: > 0 }).ToList();
        if (mistakes.Count == 0)
        {
            output.SuppressOutput();
            return;
        }

        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "notice danger errors");
        output.Attributes.SetAttribute("role", "alert");
        output.Content.AppendHtml("<p class=\"title\">").Append(texts["Form.Mistakes"]).AppendHtml("</p><ul>");
        foreach (var (name, entry) in mistakes)
        {
            foreach (var error in entry!.Errors)
            {
                output.Content.AppendHtml("<li>");
                if (name.Length == 0) output.Content.Append(error.ErrorMessage);
                else output.Content.AppendHtml($"<a href=\"#{TagBuilder.CreateSanitizedId(name, "_")}\">").Append(error.ErrorMessage).AppendHtml("</a>");
                output.Content.AppendHtml("</li>");
            }
        }

        output.Content.AppendHtml("</ul>");
    }
}
