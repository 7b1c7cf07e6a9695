using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Html;

/// <summary>
/// <c>&lt;field for="Input.Port" label="…" hint="…" type="number" /&gt;</c>: label, hint, control and mistake, tied together for
/// screen readers. <c>rows</c> makes a text area, <c>items</c> a list to choose from, <c>type="checkbox"</c> a box. Any other attribute
/// (<c>autocomplete</c>, <c>inputmode</c>, <c>maxlength</c>, <c>min</c>, <c>class="short"</c>) goes to the control.
/// A password is never sent back.
/// </summary>
[HtmlTargetElement("field", Attributes = "for", TagStructure = TagStructure.NormalOrSelfClosing)]
public sealed class FieldTagHelper(IHtmlGenerator generator, IStringLocalizer<SharedTexts> texts) : TagHelper
{
    public ModelExpression For { get; set; } = null!;

    public string Label { get; set; } = "";

    public string? Hint { get; set; }

    public string Type { get; set; } = "text";

    public int? Rows { get; set; }

    public IEnumerable<SelectListItem>? Items { get; set; }

    /// <summary>Says so after the label; the rest is required.</summary>
    public bool Optional { get; set; }

    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var id = TagBuilder.CreateSanitizedId(For.Name, "_");
        var mistakes = ViewContext.ModelState.TryGetValue(For.Name, out var entry) ? entry.Errors : null;
        var wrong = mistakes is { Count: > 0 };
        var describedBy = string.Join(' ', new[] { Hint is null ? null : id + "-hint", wrong ? id + "-error" : null }.OfType<string>());

        var attributes = output.Attributes.ToDictionary(a => a.Name, a => (object?)(a.Value is IHtmlContent html ? Rendered(html) : a.Value));
        output.Attributes.Clear();
        if (describedBy.Length > 0) attributes["aria-describedby"] = describedBy;
        if (wrong) attributes["aria-invalid"] = "true";

        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        var checkbox = Type == "checkbox";
        output.Attributes.SetAttribute("class", "field" + (checkbox ? " check" : "") + (wrong ? " wrong" : ""));

        var label = new TagBuilder("label");
        label.Attributes["for"] = id;
        label.InnerHtml.Append(Label);
        if (Optional) label.InnerHtml.Append(" ").AppendHtml(Small(texts["Form.Optional"]));

        if (checkbox) output.Content.AppendHtml(Control(attributes)).AppendHtml(label);
        else output.Content.AppendHtml(label);
        if (Hint is not null) output.Content.AppendHtml(Paragraph("hint", id + "-hint", Hint));
        foreach (var mistake in mistakes ?? Enumerable.Empty<Microsoft.AspNetCore.Mvc.ModelBinding.ModelError>())
            output.Content.AppendHtml(Paragraph("error", id + "-error", mistake.ErrorMessage));
        if (!checkbox) output.Content.AppendHtml(Control(attributes));
    }

    private IHtmlContent Control(Dictionary<string, object?> attributes)
    {
        if (Items is not null) return generator.GenerateSelect(ViewContext, For.ModelExplorer, null, For.Name, Items, allowMultiple: false, attributes);
        if (Rows is { } rows) return generator.GenerateTextArea(ViewContext, For.ModelExplorer, For.Name, rows, 40, attributes);
        switch (Type)
        {
            case "checkbox":
                var box = generator.GenerateCheckBox(ViewContext, For.ModelExplorer, For.Name, (bool?)For.Model, attributes);
                return new HtmlContentBuilder().AppendHtml(box).AppendHtml(generator.GenerateHiddenForCheckbox(ViewContext, For.ModelExplorer, For.Name));
            case "password":
                return generator.GeneratePassword(ViewContext, For.ModelExplorer, For.Name, null, attributes);
            default:
                attributes["type"] = Type;
                return generator.GenerateTextBox(ViewContext, For.ModelExplorer, For.Name, For.Model, null, attributes);
        }
    }

    private static TagBuilder Paragraph(string kind, string id, string text)
    {
        var paragraph = new TagBuilder("p");
        paragraph.AddCssClass(kind);
        paragraph.Attributes["id"] = id;
        paragraph.InnerHtml.Append(text);
        return paragraph;
    }

    private static TagBuilder Small(string text)
    {
        var small = new TagBuilder("span");
        small.AddCssClass("optional");
        small.InnerHtml.Append(text);
        return small;
    }

    private static string Rendered(IHtmlContent content)
    {
        using var writer = new StringWriter();
        content.WriteTo(writer, System.Text.Encodings.Web.HtmlEncoder.Default);
        return System.Net.WebUtility.HtmlDecode(writer.ToString());
    }
}
