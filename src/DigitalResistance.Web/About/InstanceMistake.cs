using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.About;

/// <summary>One thing that is wrong in the instance file.</summary>
/// <param name="Fault">What.</param>
/// <param name="Path">Where, as <c>contacts[1].address</c>.</param>
/// <param name="Expected">What the sentence names beside it.</param>
public sealed record InstanceMistake(InstanceFault Fault, string Path, params object[] Expected)
{
    /// <summary>The sentence, in the language of the reader.</summary>
    public string In(IStringLocalizer<InstanceTexts> texts) => texts[$"Mistake.{Fault}", [Path, .. Expected]];
}

/// <summary>What can be wrong in the instance file; each has its sentence.</summary>
public enum InstanceFault
{
    /// <summary>It cannot be read at all.</summary>
    Unreadable,

    /// <summary>It is far larger than such a file can be.</summary>
    TooLarge,

    /// <summary>It is not JSON.</summary>
    NotJson,

    /// <summary>A key that means nothing.</summary>
    UnknownKey,

    /// <summary>A key that must be there is not.</summary>
    Missing,

    /// <summary>An object is expected.</summary>
    NotObject,

    /// <summary>A list with something in it is expected.</summary>
    NotList,

    /// <summary>A text is expected.</summary>
    NotText,

    /// <summary>The text is empty.</summary>
    Empty,

    /// <summary>The text is too long.</summary>
    TooLong,

    /// <summary>The text must stand on one line.</summary>
    NotOneLine,

    /// <summary>The program does not speak this language.</summary>
    NoSuchLanguage,

    /// <summary>It stands there twice.</summary>
    Twice,

    /// <summary>A language is offered, and this text does not exist in it.</summary>
    LanguageMissing,

    /// <summary>A text in a language that is not offered.</summary>
    LanguageNotOffered,

    /// <summary>Not an address with a scheme.</summary>
    NotAddress,

    /// <summary>An address of a kind that pages may not link to.</summary>
    SchemeRefused,

    /// <summary>A mail address without an at sign, or with something else after it.</summary>
    NotMail,

    /// <summary>A web address that is not https.</summary>
    NotHttps,

    /// <summary>A purpose that means nothing.</summary>
    NoSuchUse,

    /// <summary>Nobody can be reached for this purpose.</summary>
    NobodyFor,

    /// <summary>Not a date.</summary>
    NotDate,

    /// <summary>A promise for longer than a year.</summary>
    TooFar,
}
