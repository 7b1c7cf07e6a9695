using System.Buffers;

namespace DigitalResistance.Web.About;

/// <summary>Kinds of addresses that a page of this site may link to: people can be reached there, and nothing is run or read on the reader's machine.</summary>
internal static class AddressKinds
{
    /// <summary>Schemes of contacts.</summary>
    public static readonly IReadOnlyList<string> Known = ["mailto", "https", "http", "tel", "sms", "sip", "sips", "xmpp", "matrix", "irc", "ircs", "tg", "tox", "simplex", "sgnl", "threema", "nostr", "briar"];

    // https://www.rfc-editor.org/rfc/rfc9116#section-2.5.4 shows both.
    private static readonly string[] Keys = ["openpgp4fpr", "dns"];

    private static readonly SearchValues<char> NotOfMail = SearchValues.Create("?&,;:/\\%");

    public static bool IsKnown(string scheme, bool mayBeKey) => Known.Contains(scheme) || (mayBeKey && Keys.Contains(scheme));

    /// <summary>One mail address and nothing else: no second recipient, no subject, no body.</summary>
    public static bool IsMail(string address)
    {
        var mail = address[(Uri.UriSchemeMailto.Length + 1)..];
        var at = mail.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == mail.LastIndexOf('@') && !mail.AsSpan().ContainsAny(NotOfMail) && mail.Length > at + 1 && !mail.StartsWith('.')
            && Uri.CheckHostName(mail[(at + 1)..]) == UriHostNameType.Dns && mail[(at + 1)..].Contains('.', StringComparison.Ordinal);
    }
}
