using System.Text.RegularExpressions;
using System.Xml.Linq;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.House;

/// <summary>Whoever has nothing but the guide looks for its words on the pages.</summary>
public sealed partial class GuideTests
{
    [Theory, InlineData("docs/first-round.md", ""), InlineData("docs/first-round.ru.md", ".ru")]
    public void What_the_guide_calls_by_name_is_called_so_on_a_page(string guide, string language)
    {
        var said = Directory.GetFiles(Needs.Beside("src/DigitalResistance.Web/Localization"), $"*Texts{language}.resx")
            .SelectMany(file => XDocument.Load(file).Root!.Elements("data")).Select(data => data.Element("value")!.Value).ToHashSet();
        var names = Emphasised().Matches(Commands().Replace(File.ReadAllText(Needs.Beside(guide)), ""))
            .SelectMany(match => match.Groups[1].Value.ReplaceLineEndings(" ").Split(" → ")).Distinct().ToList();
        Assert.True(names.Count > 25, "The guide names no pages: is it still written with emphasis?");
        Assert.Equal([], names.Where(name => !said.Contains(name) && !said.Contains(Number().Replace(name, "{0}"))));
    }

    [Fact]
    public void Both_languages_of_the_guide_have_the_same_steps_and_commands()
    {
        static IEnumerable<string> Skeleton(string guide) => File.ReadLines(Needs.Beside(guide))
            .Where(line => line.StartsWith("## ", StringComparison.Ordinal) || Commands().IsMatch(line) || Step().IsMatch(line))
            .Select(line => line.StartsWith('#') ? "##" : Step().Match(line) is { Success: true } step ? step.Value : Words().Replace(line, "")[..12]);
        Assert.Equal(Skeleton("docs/first-round.md"), Skeleton("docs/first-round.ru.md"));
    }

    [GeneratedRegex(@"(?<!\*)\*([^*]+)\*(?!\*)")]
    private static partial Regex Emphasised();

    [GeneratedRegex("^ {4,}.*$", RegexOptions.Multiline)]
    private static partial Regex Commands();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"^\d\. ")]
    private static partial Regex Step();

    [GeneratedRegex(@"\s")]
    private static partial Regex Words();
}
