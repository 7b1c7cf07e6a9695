using System.Globalization;
using System.Text.Json;
using DigitalResistance.Web.Localization;

namespace DigitalResistance.Web.About;

/// <summary>
/// Reads the instance file and finds everything that is wrong in it at once: whoever writes it corrects it once. Nothing is guessed and no
/// unknown key is passed over, since a mistyped one would look as if it had been obeyed.
/// </summary>
internal sealed class InstanceReading
{
    private const int LongestName = 60, LongestText = 8_000, LongestLabel = 80, LongestAddress = 500;

    /// <summary>A promise to read mail is for a year at most (RFC 9116 section 2.5.5), and a day for writing it down.</summary>
    private const int LongestPromise = 367;

    private static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = true };

    private readonly List<InstanceMistake> _mistakes = [];
    private readonly DateOnly _today;
    private List<Language> _languages = [];

    private InstanceReading(DateOnly today) => _today = today;

    /// <summary>What the file says, or what is wrong with it.</summary>
    public static (Instance? Instance, IReadOnlyList<InstanceMistake> Mistakes) Read(ReadOnlyMemory<byte> json, DateOnly today)
    {
        var reading = new InstanceReading(today);
        try
        {
            // An editor's byte order mark is no mistake.
            using var document = JsonDocument.Parse(json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json, Options);
            var instance = reading.Whole(document.RootElement);
            return reading._mistakes.Count == 0 ? (instance, []) : (null, reading._mistakes);
        }
        catch (JsonException wrong)
        {
            return (null, [new(InstanceFault.NotJson, "", (wrong.LineNumber ?? 0) + 1, (wrong.BytePositionInLine ?? 0) + 1)]);
        }
    }

    private Instance? Whole(JsonElement root)
    {
        var keys = Object(root, "", ["languages", "name", "who", "law", "dataLicence", "contacts", "security"], []);
        if (keys is null) return null;
        _languages = LanguagesOf(keys);
        var (name, who, law) = (Texts(keys, "", "name", LongestName, oneLine: true), Texts(keys, "", "who", LongestText), Texts(keys, "", "law", LongestText));
        var (licence, contacts, security) = (LicenceOf(keys), ContactsOf(keys), SecurityOf(keys));
        return _mistakes.Count > 0 ? null : new Instance(_languages, name!, who!, law!, licence!, contacts, security!);
    }

    private List<Language> LanguagesOf(Dictionary<string, JsonElement> keys)
    {
        var languages = new List<Language>();
        foreach (var (element, path) in List(keys, "", "languages"))
        {
            if (Text(element, path, 10, oneLine: true) is not { } code) continue;
            if (Language.All.FirstOrDefault(l => l.Code == code) is not { } language) Wrong(InstanceFault.NoSuchLanguage, path, code, string.Join(", ", Language.All.Select(l => l.Code)));
            else if (languages.Contains(language)) Wrong(InstanceFault.Twice, path, code);
            else languages.Add(language);
        }

        return languages;
    }

    private DataLicence? LicenceOf(Dictionary<string, JsonElement> keys)
    {
        if (!keys.TryGetValue("dataLicence", out var element) || Object(element, "dataLicence", ["name", "address"], []) is not { } inside) return null;
        var (name, address) = (TextOf(inside, "dataLicence", "name", LongestLabel), AddressOf(inside, "dataLicence", "address"));
        if (address is not null) RequireHttps(address, "dataLicence.address");
        return name is null || address is null ? null : new DataLicence(name, address);
    }

    private List<Contact> ContactsOf(Dictionary<string, JsonElement> keys)
    {
        var contacts = new List<Contact>();
        var reached = new HashSet<ContactUse>();
        foreach (var (element, path) in List(keys, "", "contacts"))
        {
            if (Object(element, path, ["address", "for"], ["label"]) is not { } inside) continue;
            var uses = UsesOf(inside, path);
            reached.UnionWith(uses);
            var label = inside.ContainsKey("label") ? Texts(inside, path, "label", LongestLabel, oneLine: true) : null;
            if (AddressOf(inside, path, "address") is not { } address) continue;
            // https://www.rfc-editor.org/rfc/rfc9116#section-2.5.3
            if (address.Scheme == Uri.UriSchemeHttp && (uses.Contains(ContactUse.Security) || !Hosting.SiteOptions.IsOnionHost(address.Host))) Wrong(InstanceFault.NotHttps, path + ".address");
            if (contacts.Exists(c => c.Address.OriginalString == address.OriginalString)) Wrong(InstanceFault.Twice, path + ".address", address.OriginalString);
            contacts.Add(new Contact(address, uses, label));
        }

        if (keys.TryGetValue("contacts", out var all) && all.ValueKind == JsonValueKind.Array)
            foreach (var use in Enum.GetValues<ContactUse>().Where(use => !reached.Contains(use))) Wrong(InstanceFault.NobodyFor, "contacts", Word(use));
        return contacts;
    }

    private HashSet<ContactUse> UsesOf(Dictionary<string, JsonElement> inside, string path)
    {
        var uses = new HashSet<ContactUse>();
        foreach (var (element, at) in List(inside, path, "for"))
        {
            if (Text(element, at, 20, oneLine: true) is not { } word) continue;
            if (Enum.GetValues<ContactUse>().Select(u => (ContactUse?)u).FirstOrDefault(u => Word(u!.Value) == word) is not { } use)
                Wrong(InstanceFault.NoSuchUse, at, word, string.Join(", ", Enum.GetValues<ContactUse>().Select(Word)));
            else if (!uses.Add(use)) Wrong(InstanceFault.Twice, at, word);
        }

        return uses;
    }

    private SecurityNote? SecurityOf(Dictionary<string, JsonElement> keys)
    {
        if (!keys.TryGetValue("security", out var element) || Object(element, "security", ["expires"], ["encryption", "policy"]) is not { } inside) return null;
        var (encryption, policy) = (AddressOf(inside, "security", "encryption", mayBeKey: true), AddressOf(inside, "security", "policy"));
        // https://www.rfc-editor.org/rfc/rfc9116#section-2.5.4 and 2.5.7: a web address there is https.
        if (encryption?.Scheme == Uri.UriSchemeHttp) Wrong(InstanceFault.NotHttps, "security.encryption");
        if (policy is not null) RequireHttps(policy, "security.policy");
        if (TextOf(inside, "security", "expires", 20) is not { } text) return null;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var expires)) Wrong(InstanceFault.NotDate, "security.expires", text);
        // A date that is over is told by the set-up page instead: a restart must not fail because a day went by.
        else if (expires > _today.AddDays(LongestPromise)) Wrong(InstanceFault.TooFar, "security.expires", text);
        return new SecurityNote(expires, encryption, policy);
    }

    /// <summary>A text in every offered language, and in no other.</summary>
    private LocalText? Texts(Dictionary<string, JsonElement> keys, string parent, string key, int longest, bool oneLine = false)
    {
        if (!keys.TryGetValue(key, out var element)) return null;
        var path = Join(parent, key);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Wrong(InstanceFault.NotObject, path);
            return null;
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var at = Join(path, property.Name);
            if (_languages.Count > 0 && !_languages.Exists(l => l.Code == property.Name)) Wrong(InstanceFault.LanguageNotOffered, at, property.Name);
            else if (Text(property.Value, at, longest, oneLine) is { } text && !texts.TryAdd(property.Name, text)) Wrong(InstanceFault.Twice, at, property.Name);
        }

        foreach (var language in _languages.Where(l => !element.TryGetProperty(l.Code, out _))) Wrong(InstanceFault.LanguageMissing, Join(path, language.Code), language.Code);
        return new LocalText(texts);
    }

    /// <summary>An address; null where there is none, or none that can be used.</summary>
    private Uri? AddressOf(Dictionary<string, JsonElement> keys, string parent, string key, bool mayBeKey = false)
    {
        if (TextOf(keys, parent, key, LongestAddress) is not { } text) return null;
        var path = Join(parent, key);
        // What stands in security.txt and in links is the text itself, so it must need no repair: ASCII, no space, well formed.
        if (text.Any(c => c is <= ' ' or > '~' or '"' or '<' or '>') || !Uri.TryCreate(text, UriKind.Absolute, out var address) || !Uri.IsWellFormedUriString(text, UriKind.Absolute) || !text.StartsWith(address.Scheme + ":", StringComparison.OrdinalIgnoreCase))
            Wrong(InstanceFault.NotAddress, path, text);
        else if (!AddressKinds.IsKnown(address.Scheme, mayBeKey)) Wrong(InstanceFault.SchemeRefused, path, address.Scheme, string.Join(", ", AddressKinds.Known));
        else if (address.Scheme is "http" or "https" && (address.Host.Length == 0 || address.UserInfo.Length > 0)) Wrong(InstanceFault.NotAddress, path, text);
        else if (address.Scheme == Uri.UriSchemeMailto && !AddressKinds.IsMail(text)) Wrong(InstanceFault.NotMail, path, text);
        else return address;
        return null;
    }

    private void RequireHttps(Uri address, string path)
    {
        if (address.Scheme != Uri.UriSchemeHttps) Wrong(InstanceFault.NotHttps, path);
    }

    /// <summary>The keys of an object; null where it is none. Says which are missing, unknown or there twice.</summary>
    private Dictionary<string, JsonElement>? Object(JsonElement element, string path, string[] required, string[] optional)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Wrong(InstanceFault.NotObject, path);
            return null;
        }

        var keys = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (!required.Contains(property.Name) && !optional.Contains(property.Name)) Wrong(InstanceFault.UnknownKey, Join(path, property.Name), string.Join(", ", required.Concat(optional)));
            else if (!keys.TryAdd(property.Name, property.Value)) Wrong(InstanceFault.Twice, Join(path, property.Name), property.Name);
        }

        foreach (var key in required.Where(k => !keys.ContainsKey(k))) Wrong(InstanceFault.Missing, Join(path, key));
        return keys;
    }

    private IEnumerable<(JsonElement Element, string Path)> List(Dictionary<string, JsonElement> keys, string parent, string key)
    {
        if (!keys.TryGetValue(key, out var element)) return [];
        if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0) return element.EnumerateArray().Select((e, i) => (e, $"{Join(parent, key)}[{i}]"));
        Wrong(InstanceFault.NotList, Join(parent, key));
        return [];
    }

    private string? TextOf(Dictionary<string, JsonElement> keys, string parent, string key, int longest) =>
        keys.TryGetValue(key, out var element) ? Text(element, Join(parent, key), longest, oneLine: true) : null;

    private string? Text(JsonElement element, string path, int longest, bool oneLine)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            Wrong(InstanceFault.NotText, path);
            return null;
        }

        var text = element.GetString()!.ReplaceLineEndings("\n").Trim();
        if (text.Length == 0) Wrong(InstanceFault.Empty, path);
        else if (text.Length > longest) Wrong(InstanceFault.TooLong, path, longest);
        else if (text.Any(c => char.IsControl(c) && (oneLine || c != '\n'))) Wrong(InstanceFault.NotOneLine, path);
        else return text;
        return null;
    }

    private void Wrong(InstanceFault fault, string path, params object[] expected) => _mistakes.Add(new InstanceMistake(fault, path, expected));

    private static string Join(string parent, string key) => parent.Length == 0 ? key : $"{parent}.{key}";

    private static string Word(ContactUse use) => use.ToString().ToLowerInvariant();
}
