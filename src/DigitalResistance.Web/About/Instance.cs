using DigitalResistance.Web.Localization;

namespace DigitalResistance.Web.About;

/// <summary>Whose installation this is, as its file says (<c>docs/specs/instance.md</c>): the one place from which pages take names, contacts and notes.</summary>
/// <param name="Languages">What the site is offered in, in the order of the switch; the first is for readers who name none of them.</param>
/// <param name="Name">What stands in the header and in titles.</param>
/// <param name="Who">Who runs it; paragraphs are divided by an empty line.</param>
/// <param name="Law">Which law it stands under, and what a reader should know of it.</param>
/// <param name="DataLicence">What others may do with the published data.</param>
/// <param name="Contacts">How to reach the people, in their order.</param>
/// <param name="Security">What security.txt says beside the contacts.</param>
public sealed record Instance(
    IReadOnlyList<Language> Languages, LocalText Name, LocalText Who, LocalText Law, DataLicence DataLicence, IReadOnlyList<Contact> Contacts, SecurityNote Security)
{
    /// <summary>What an installation is called that has no file yet, and in feeds of one.</summary>
    public const string DefaultName = "Digital Resistance";

    /// <summary>The contacts for one purpose.</summary>
    public IEnumerable<Contact> For(ContactUse use) => Contacts.Where(c => c.For.Contains(use));
}

/// <summary>One text in every language that the site is offered in.</summary>
public sealed record LocalText(IReadOnlyDictionary<string, string> ByLanguage)
{
    /// <summary>In the language of the current request.</summary>
    public string Here => ByLanguage.TryGetValue(Language.Current.Code, out var text) ? text : ByLanguage.Values.First();

    /// <summary>The same, cut at empty lines.</summary>
    public IEnumerable<string> Paragraphs => Here.Split("\n\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A licence and where its text is.</summary>
public sealed record DataLicence(string Name, Uri Address);

/// <summary>A way to reach the people behind the site.</summary>
/// <param name="Address">Any address that programs can open: mail, a web page, Matrix, XMPP, a telephone.</param>
/// <param name="For">What it is for.</param>
/// <param name="Label">What it is called; null shows the address itself.</param>
public sealed record Contact(Uri Address, IReadOnlySet<ContactUse> For, LocalText? Label)
{
    /// <summary>What readers see.</summary>
    public string Shown => Label?.Here ?? (Address.Scheme == Uri.UriSchemeMailto ? Address.OriginalString[(Uri.UriSchemeMailto.Length + 1)..] : Address.OriginalString);
}

/// <summary>What a contact is for.</summary>
public enum ContactUse
{
    /// <summary>Anything.</summary>
    General,

    /// <summary>Somebody is harmed by a server, or wants theirs left alone.</summary>
    Abuse,

    /// <summary>A weakness of the site or of the program.</summary>
    Security,
}

/// <summary>What security.txt needs beside contacts (RFC 9116).</summary>
/// <param name="Expires">Until when the people promise that the contacts are read. Nobody but them can renew it: a date that a program moves on by itself promises nothing.</param>
/// <param name="Encryption">Where the key for confidential reports is; null where there is none.</param>
/// <param name="Policy">Where the rules for reporting stand; null where there are none.</param>
public sealed record SecurityNote(DateOnly Expires, Uri? Encryption, Uri? Policy)
{
    /// <summary>Whether that day has come.</summary>
    public bool IsOver(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime) >= Expires;
}
