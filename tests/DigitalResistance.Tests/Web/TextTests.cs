using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DigitalResistance.Testing;
using DigitalResistance.Web.Localization;

namespace DigitalResistance.Tests.Web;

/// <summary>Both languages say the same things, and every text that is asked for exists.</summary>
public sealed partial class TextTests
{
    private static readonly string Web = Path.Combine(Path.GetDirectoryName(Needs.Beside("src/BannedSymbols.txt"))!, "DigitalResistance.Web");

    public static TheoryData<string> Features() =>
        [.. Directory.GetFiles(Path.Combine(Web, "Localization"), "*.resx").Select(f => Path.GetFileName(f)).Where(f => !f.EndsWith(".ru.resx", StringComparison.Ordinal)).Select(f => f[..^5])];

    [Theory, MemberData(nameof(Features))]
    public void Both_languages_have_the_same_keys_with_the_same_placeholders(string feature)
    {
        var (english, russian) = (Read(feature, ""), Read(feature, ".ru"));
        var counted = english.Keys.Where(k => k.EndsWith(".one", StringComparison.Ordinal)).Select(k => k[..^4]).ToList();
        Assert.All(counted, key => Assert.Contains(key + ".many", english.Keys));
        Assert.Equal(english.Keys.Concat(counted.Select(k => k + ".few")).Order(StringComparer.Ordinal), russian.Keys.Order(StringComparer.Ordinal));
        Assert.All(english, text => Assert.True(Placeholders(text.Value).SetEquals(Placeholders(russian[text.Key])), $"{feature}: {text.Key}"));
        Assert.All(english.Concat(russian), text => Assert.False(string.IsNullOrWhiteSpace(text.Value), text.Key));
        Assert.All(russian, text => Assert.True(text.Value.Contains('{', StringComparison.Ordinal) || Cyrillic().IsMatch(text.Value) || !Latin().IsMatch(text.Value), $"{feature}: {text.Key} is not Russian: {text.Value}"));
    }

    [Theory, MemberData(nameof(Features))]
    public void Every_text_that_is_asked_for_exists_and_every_text_is_asked_for(string feature)
    {
        Assert.True(File.Exists(Path.Combine(Web, "Localization", feature + ".cs")), $"{feature} needs its marker class.");
        var keys = Read(feature, "").Keys.ToHashSet();
        var used = Uses().Where(u => u.Feature == feature).ToList();
        foreach (var use in used) Assert.True(Matches(use, keys).Any(), $"{use.File} asks {feature} for '{use.Key}{(use.IsPrefix ? "…" : "")}', which is missing.");
        var dead = keys.Except(used.SelectMany(u => Matches(u, keys))).ToList();
        Assert.True(dead.Count == 0, $"Nobody asks {feature} for: {string.Join(", ", dead)}");
    }

    [Theory]
    [InlineData("")]
    [InlineData(".ru")]
    public void Every_protocol_of_the_catalogue_is_described_with_its_settings_and_their_choices(string language)
    {
        var texts = Read("ServersTexts", language);
        foreach (var probe in new DigitalResistance.Prober.Protocols.ProbeCatalog().All)
        {
            Assert.Contains($"Protocol.{probe.Id}", texts.Keys);
            Assert.All(probe.Settings, setting => Assert.Contains($"Setting.{setting.Name}", texts.Keys));
            Assert.All(probe.Settings.SelectMany(setting => setting.Choices.Select(choice => $"Choice.{setting.Name}.{choice.Value}")), key => Assert.Contains(key, texts.Keys));
        }
    }

    [Theory]
    [InlineData(0, "many", "many")]
    [InlineData(1, "one", "one")]
    [InlineData(2, "many", "few")]
    [InlineData(4, "many", "few")]
    [InlineData(5, "many", "many")]
    [InlineData(11, "many", "many")]
    [InlineData(12, "many", "many")]
    [InlineData(14, "many", "many")]
    [InlineData(21, "many", "one")]
    [InlineData(22, "many", "few")]
    [InlineData(111, "many", "many")]
    [InlineData(1_000_001, "many", "one")]
    [InlineData(-1, "one", "one")]
    public void Counted_things_take_the_form_that_their_number_asks_for(long count, string english, string russian)
    {
        Assert.Equal(english, Plural.Form(count, Language.English));
        Assert.Equal(russian, Plural.Form(count, Language.Russian));
    }

    [Fact]
    public void Amounts_and_instants_look_alike_in_every_culture()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ru");
        Assert.Equal("1\u202F234\u202F567", DigitalResistance.Web.Html.AmountTagHelper.Text(new DigitalResistance.Platform.Sats(1_234_567)));
        Assert.Equal("\u22121\u202F000", DigitalResistance.Web.Html.AmountTagHelper.Text(new DigitalResistance.Platform.Sats(-1000)));
    }

    private static IEnumerable<string> Matches(Use use, HashSet<string> keys) => use switch
    {
        { IsPrefix: true } => keys.Where(k => k.StartsWith(use.Key, StringComparison.Ordinal)),
        { IsCounted: true } => keys.Where(k => k == use.Key + ".one" || k == use.Key + ".many"),
        _ => keys.Where(k => k == use.Key),
    };

    /// <summary>
    /// Every <c>texts["Key"]</c>, <c>texts[$"Prefix.{x}"]</c> and <c>texts.Count("Key", n)</c> by the name under which a file has its localizer, the keys of
    /// annotations, and the keys of links.
    /// </summary>
    private static IEnumerable<Use> Uses()
    {
        foreach (var path in Directory.EnumerateFiles(Web, "*.cs*", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)))
        {
            var (file, source) = (Path.GetRelativePath(Web, path), File.ReadAllText(path));
            var names = Injected().Matches(source).Select(m => (Name: m.Groups["name"].Value, Feature: m.Groups["feature"].Value)).ToList();
            if (path.EndsWith(".cshtml", StringComparison.Ordinal)) names.Add(("Shared", nameof(SharedTexts)));
            foreach (var (name, feature) in names.Distinct())
            {
                foreach (Match use in Regex.Matches(source, $@"\b{name}(?<counted>\.Count\(|\[)(?<hole>\$?)""(?<key>[^""{{]*)(?<brace>\{{)?", RegexOptions.None, TimeSpan.FromSeconds(5)))
                    yield return new Use(file, feature, use.Groups["key"].Value, use.Groups["hole"].Length > 0 && use.Groups["brace"].Success, use.Groups["counted"].Value != "[");
                // A choice between two keys inside the brackets.
                foreach (Match use in Regex.Matches(source, $@"\b{name}\[[^\]""]*\?[^\]]*\]", RegexOptions.None, TimeSpan.FromSeconds(5)))
                    foreach (Match key in Literal().Matches(use.Value)) yield return new Use(file, feature, key.Groups[1].Value, false, false);
            }

            foreach (Match link in Link().Matches(source)) yield return new Use(file, link.Groups["feature"].Value, link.Groups["key"].Value, false, false);
            var annotated = Path.GetDirectoryName(file)!.Split('/') is ["Pages", var folder, ..] && File.Exists(Path.Combine(Web, "Localization", folder + "Texts.resx")) ? folder + "Texts" : nameof(SharedTexts);
            foreach (Match message in Annotation().Matches(source)) yield return new Use(file, annotated, message.Groups["key"].Value, false, false);
        }
    }

    private static Dictionary<string, string> Read(string feature, string language) =>
        XDocument.Load(Path.Combine(Web, "Localization", feature + language + ".resx")).Root!.Elements("data")
            .ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value);

    private static HashSet<string> Placeholders(string text) => [.. Placeholder().Matches(text).Select(m => m.Value)];

    private sealed record Use(string File, string Feature, string Key, bool IsPrefix, bool IsCounted);

    [GeneratedRegex(@"I(?:String|Html)Localizer<(?<feature>\w+)>\s+(?<name>\w+)")]
    private static partial Regex Injected();

    [GeneratedRegex(@"AddNavigation<(?<feature>\w+)>\([^;]*?""(?<key>[^""/]+)""\s*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"ErrorMessage = ""(?<key>[^""]+)""")]
    private static partial Regex Annotation();

    [GeneratedRegex(@"""([^""{]+)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\p{IsCyrillic}")]
    private static partial Regex Cyrillic();

    [GeneratedRegex("[A-Za-z]{4,}")]
    private static partial Regex Latin();
}
