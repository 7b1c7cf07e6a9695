using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using DigitalResistance.Testing;
using DigitalResistance.Web.About;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Tests.About;

/// <summary>The instance file: what it says, and everything that can be wrong in it, each with its sentence in both languages.</summary>
public sealed class InstanceReadingTests
{
    private static readonly DateOnly Today = new(2026, 12, 1);
    private static readonly string Example = File.ReadAllText(Needs.Beside("docs/operations/instance.example.json"));
    private static readonly IStringLocalizer<InstanceTexts> Texts =
        new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider().GetRequiredService<IStringLocalizer<InstanceTexts>>();

    [Fact]
    public void The_example_of_the_documentation_is_a_valid_file()
    {
        var (instance, mistakes) = Read(Example);
        Assert.Empty(mistakes);
        Assert.Equal(["en", "ru"], instance!.Languages.Select(l => l.Code));
        Assert.Equal(["mailto:people@registry.example"], instance.For(ContactUse.Security).Select(c => c.Address.OriginalString));
        Assert.Equal(2, instance.Who.Paragraphs.Count());
        Assert.Equal(new DateOnly(2027, 5, 1), instance.Security.Expires);
    }

    [Fact]
    public void What_people_copy_from_the_page_is_valid_on_that_day()
    {
        var now = new DateTimeOffset(2031, 2, 3, 0, 0, 0, TimeSpan.Zero);
        var (instance, mistakes) = InstanceReading.Read(Encoding.UTF8.GetBytes(InstanceExample.For(now)), DateOnly.FromDateTime(now.UtcDateTime));
        Assert.Empty(mistakes);
        Assert.False(instance!.Security.IsOver(now.AddDays(179)));
        Assert.True(instance.Security.IsOver(now.AddDays(180)));
    }

    public static TheoryData<string, string, string, string> Bad() => new()
    {
        { "", "{ \"languages\": [\"en\" ", "it is not JSON: look at line 1, byte 22.", "это не JSON: посмотрите строку 1, байт 22." },
        { "", "[]", " must be an object: { … }.", ": здесь должен быть объект { … }." },
        { "nmae", "\"x\"", "nmae means nothing here; known are: languages, name, who, law, dataLicence, contacts, security.", "nmae здесь ничего не значит; известны: languages, name, who, law, dataLicence, contacts, security." },
        { "law", "", "law is missing.", "law: этого ключа не хватает." },
        { "languages", "[]", "languages must be a list with something in it: [ … ].", "languages: здесь должен быть непустой список [ … ]." },
        { "languages", "[\"en\", \"ru\", \"de\"]", "languages[2]: this program does not speak 'de'; it speaks: en, ru.", "languages[2]: программа не говорит на «de»; она говорит на: en, ru." },
        { "languages", "[\"en\", \"ru\", \"en\"]", "languages[2]: 'en' stands there twice.", "languages[2]: «en» стоит там дважды." },
        { "languages", "[\"en\", \"ru\", 3]", "languages[2] must be a text in quotes.", "languages[2]: здесь должен быть текст в кавычках." },
        { "name", "\"One\"", "name must be an object: { … }.", "name: здесь должен быть объект { … }." },
        { "name.ru", "", "name.ru is missing: 'languages' offers 'ru', so every text is needed in it.", "name.ru: текста нет, а «languages» предлагает «ru»: на нём нужен каждый текст." },
        { "name.de", "\"Widerstand\"", "name.de: 'languages' does not offer 'de'.", "name.de: «languages» не предлагает «de»." },
        { "name.en", "\" \"", "name.en is empty.", "name.en: текст пуст." },
        { "name.en", "\"" + new string('x', 61) + "\"", "name.en is longer than 60 characters.", "name.en: текст длиннее 60 знаков." },
        { "name.en", "\"a\\nb\"", "name.en has a line break or another control character where it must not.", "name.en: здесь не может быть переноса строки или другого управляющего знака." },
        { "who.en", "\"a\\u0007b\"", "who.en has a line break or another control character where it must not.", "who.en: здесь не может быть переноса строки или другого управляющего знака." },
        { "contacts", "{}", "contacts must be a list with something in it: [ … ].", "contacts: здесь должен быть непустой список [ … ]." },
        { "contacts[1].address", "\"call us\"", "contacts[1].address: 'call us' is no address with a scheme, as mailto:name@example.org or https://example.org/contact.", "contacts[1].address: «call us» — не адрес со схемой, как mailto:name@example.org или https://example.org/contact." },
        { "contacts[1].address", "\"https://a.example/\\r\\nExpires: x\"", "contacts[1].address has a line break or another control character where it must not.", "contacts[1].address: здесь не может быть переноса строки или другого управляющего знака." },
        { "contacts[1].address", "\"https://me:secret@a.example/\"", "contacts[1].address: 'https://me:secret@a.example/' is no address with a scheme, as mailto:name@example.org or https://example.org/contact.", "contacts[1].address: «https://me:secret@a.example/» — не адрес со схемой, как mailto:name@example.org или https://example.org/contact." },
        { "contacts[1].address", "\"/contact\"", "contacts[1].address: '/contact' is no address with a scheme, as mailto:name@example.org or https://example.org/contact.", "contacts[1].address: «/contact» — не адрес со схемой, как mailto:name@example.org или https://example.org/contact." },
        { "contacts[1].address", "\"javascript:alert(1)\"", $"contacts[1].address: 'javascript:' is no way to reach people; known are: {string.Join(", ", AddressKinds.Known)}.", $"contacts[1].address: «javascript:» — не способ связаться с людьми; известны: {string.Join(", ", AddressKinds.Known)}." },
        { "contacts[1].address", "\"mailto:a@b.example?bcc=c@d.example\"", "contacts[1].address: 'mailto:a@b.example?bcc=c@d.example' is not one mail address.", "contacts[1].address: «mailto:a@b.example?bcc=c@d.example» — не один почтовый адрес." },
        { "contacts[1].address", "\"http://registry.example/\"", "contacts[1].address must begin with https://. Only a contact on an onion service that is not for security may begin with http://.", "contacts[1].address: адрес должен начинаться с https://. Только контакт на onion-сервисе, и не для безопасности, может начинаться с http://." },
        { "contacts[1].address", "\"mailto:people@registry.example\"", "contacts[1].address: 'mailto:people@registry.example' stands there twice.", "contacts[1].address: «mailto:people@registry.example» стоит там дважды." },
        { "contacts[1].for", "[\"fun\"]", "contacts[1].for[0]: 'fun' is nothing that a contact can be for; known are: general, abuse, security.", "contacts[1].for[0]: контакта для «fun» не бывает; известны: general, abuse, security." },
        { "contacts[0].for", "[\"general\", \"abuse\"]", "contacts: none of them is for 'security'. One contact may be for everything.", "contacts: ни один не для «security». Один контакт может быть для всего." },
        { "dataLicence.address", "\"http://creativecommons.org/\"", "dataLicence.address must begin with https://. Only a contact on an onion service that is not for security may begin with http://.", "dataLicence.address: адрес должен начинаться с https://. Только контакт на onion-сервисе, и не для безопасности, может начинаться с http://." },
        { "security.expires", "\"soon\"", "security.expires: 'soon' is no day, as 2027-05-01.", "security.expires: «soon» — не день вида 2027-05-01." },
        { "security.expires", "\"2029-01-01\"", "security.expires: 2029-01-01 is more than a year away. Promise less, and renew it.", "security.expires: до 2029-01-01 больше года. Обещайте меньше и продлевайте." },
    };

    [Theory, MemberData(nameof(Bad))]
    public void Each_mistake_is_named_with_its_place_in_both_languages(string place, string value, string english, string russian)
    {
        var mistake = Assert.Single(Read(place.Length == 0 ? value : With(place, value)).Mistakes);
        Assert.Equal((english, russian), (Say(mistake, Language.English), Say(mistake, Language.Russian)));
    }

    [Fact]
    public void All_mistakes_are_named_at_once()
    {
        var file = With("security.expires", "\"soon\"", With("name.ru", "", With("contacts[1].address", "\"call us\"", With("x", "1"))));
        Assert.Equal(["contacts[1].address", "name.ru", "security.expires", "x"], Read(file).Mistakes.Select(m => m.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_key_that_stands_there_twice_is_a_mistake() =>
        Assert.Equal(new(InstanceFault.Twice, "law", ["law"]), Assert.Single(Read(Example.Replace("\"law\":", "\"law\": {}, \"law\":", StringComparison.Ordinal)).Mistakes, m => m.Fault == InstanceFault.Twice), Same);

    [Theory]
    [InlineData("https://forum.example/t/1")]
    [InlineData("http://expyuzz4wqqyqhjn.onion/contact")]
    [InlineData("matrix:u/people:registry.example")]
    [InlineData("xmpp:people@registry.example")]
    [InlineData("tel:+15551234567")]
    [InlineData("mailto:people@registry.example.org")]
    public void A_contact_may_be_of_any_kind(string address) => Assert.Empty(Read(With("contacts[1].address", $"\"{address}\"")).Mistakes);

    [Fact]
    public void A_date_that_is_over_is_no_mistake_since_a_restart_must_not_fail_because_a_day_went_by() =>
        Assert.True(Read(With("security.expires", "\"2026-11-30\"")).Instance!.Security.IsOver(new DateTimeOffset(Today, TimeOnly.MinValue, TimeSpan.Zero)));

    [Fact]
    public void Security_txt_says_what_the_standard_asks_for()
    {
        var instance = Read(With("security.encryption", "\"openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f\"")).Instance!;
        Assert.Equal("""
            Contact: mailto:people@registry.example
            Expires: 2027-05-01T00:00:00Z
            Encryption: openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f
            Preferred-Languages: en, ru
            Canonical: https://registry.example/.well-known/security.txt

            """, SecurityTxt.Write(instance, new() { PublicOrigin = "https://registry.example" }));
        // A web address in it must be https.
        Assert.DoesNotContain("Canonical", SecurityTxt.Write(instance, new() { PublicOrigin = "http://expyuzz4wqqyqhjn.onion" }), StringComparison.Ordinal);
    }

    private static bool Same(InstanceMistake one, InstanceMistake other) => one.Fault == other.Fault && one.Path == other.Path && one.Expected.SequenceEqual(other.Expected);

    private static (Instance? Instance, IReadOnlyList<InstanceMistake> Mistakes) Read(string json) => InstanceReading.Read(Encoding.UTF8.GetBytes(json), Today);

    /// <summary>The example with one place changed; an empty value takes it out.</summary>
    internal static string With(string place, string value, string? file = null)
    {
        var root = JsonNode.Parse(file ?? Example)!;
        var steps = place.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        var node = root;
        foreach (var step in steps[..^1]) node = step.StartsWith('[') ? node[int.Parse(step[1..^1], CultureInfo.InvariantCulture)]! : node[step]!;
        if (value.Length == 0) node.AsObject().Remove(steps[^1]);
        else node[steps[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }

    private static string Say(InstanceMistake mistake, Language language)
    {
        CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = language.Culture;
        return mistake.In(Texts);
    }
}
