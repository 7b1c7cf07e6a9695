using System.Security.Cryptography;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace DigitalResistance.Web.Forms;

/// <summary>Gives every <c>&lt;form method="post"&gt;</c> a key of its own, by which <see cref="OnceFilter"/> knows its copies.</summary>
[HtmlTargetElement("form", Attributes = "[method=post]")]
public sealed class FormKeyTagHelper : TagHelper
{
    internal const string Name = "_key";

    public override void Process(TagHelperContext context, TagHelperOutput output) =>
        output.PostContent.AppendHtml($"<input type=\"hidden\" name=\"{Name}\" value=\"{NewKey()}\">");

    internal static string NewKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Also accepts what a program makes up itself, as a UUID.</summary>
    internal static bool IsKey(string? text) => text is { Length: >= 32 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
