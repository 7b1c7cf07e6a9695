using System.Globalization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Localization;

/// <summary>
/// Counted things. A text <c>Servers</c> has the keys <c>Servers.one</c>, <c>Servers.few</c> and <c>Servers.many</c>; English needs no
/// <c>few</c>. The forms follow the plural rules of Unicode CLDR for integers.
/// </summary>
public static class Plural
{
    /// <summary>The text for <paramref name="count"/>, which is placeholder {0}; further arguments are {1} and on.</summary>
    public static LocalizedString Count(this IStringLocalizer texts, string key, long count, params object[] more)
    {
        object[] arguments = [count.ToString("N0", CultureInfo.CurrentCulture), .. more];
        return texts[$"{key}.{Form(count, Language.Current)}", arguments];
    }

    internal static string Form(long count, Language language)
    {
        var n = Math.Abs(count);
        if (language != Language.Russian) return n == 1 ? "one" : "many";
        return (n % 10, n % 100) switch
        {
            (1, not 11) => "one",
            (>= 2 and <= 4, not (>= 12 and <= 14)) => "few",
            _ => "many",
        };
    }
}
