using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace DigitalResistance.Web.Localization;

/// <summary>A language of the site: the first segment of every page's path.</summary>
/// <param name="Code">The path segment and the <c>lang</c> attribute.</param>
/// <param name="Name">What its speakers call it.</param>
public sealed record Language(string Code, string Name)
{
    /// <summary>For readers who name no language of ours.</summary>
    public static readonly Language English = new("en", "English");

    /// <summary>At parity with English.</summary>
    public static readonly Language Russian = new("ru", "Русский");

    /// <summary>What the program speaks; an installation may offer fewer.</summary>
    public static readonly IReadOnlyList<Language> All = [English, Russian];

    /// <summary>For texts, numbers and dates.</summary>
    public CultureInfo Culture { get; } = CultureInfo.GetCultureInfo(Code);

    /// <summary>The language of the current request.</summary>
    public static Language Current => All.FirstOrDefault(l => l.Code == CultureInfo.CurrentUICulture.TwoLetterISOLanguageName, English);

    /// <summary>The best of those offered for an <c>Accept-Language</c> header, or the first of them; never guessed from an address.</summary>
    public static Language Negotiate(IList<string?> acceptLanguage, IReadOnlyList<Language> offered)
    {
        if (!StringWithQualityHeaderValue.TryParseList([.. acceptLanguage.OfType<string>()], out var wanted)) return offered[0];
        return wanted.OrderByDescending(w => w.Quality ?? 1)
            .Where(w => w.Quality is null or > 0)
            .Select(w => offered.FirstOrDefault(l => w.Value.Equals(l.Code, StringComparison.OrdinalIgnoreCase)
                || w.Value.StartsWith(l.Code + "-", StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(l => l is not null) ?? offered[0];
    }
}
