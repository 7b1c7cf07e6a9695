using DigitalResistance.Accounts;

namespace DigitalResistance.Web.Html;

/// <summary>Who sees a link in the header.</summary>
public enum Audience
{
    /// <summary>Everybody, in the main navigation.</summary>
    Everyone,

    /// <summary>A signed-in operator, below "My account".</summary>
    Operator,

    /// <summary>An admin, below "Administration".</summary>
    Admin,

    /// <summary>A treasurer, below "Treasury".</summary>
    Treasurer,

    /// <summary>Everybody, in the foot of the page.</summary>
    Footer,
}

/// <summary>A link that a feature adds to every page.</summary>
/// <param name="Audience">Who sees it, and so where.</param>
/// <param name="Order">Smaller comes first.</param>
/// <param name="Path">Path without the language, as <c>/ledger</c>.</param>
/// <param name="Texts">Marker class of the feature's texts.</param>
/// <param name="Key">Key of the link's words in them.</param>
public sealed record NavigationLink(Audience Audience, int Order, string Path, Type Texts, string Key);

/// <summary>Registration of links.</summary>
public static class NavigationServices
{
    /// <summary>Adds a link whose words are <paramref name="key"/> in <typeparamref name="TTexts"/>.</summary>
    public static IServiceCollection AddNavigation<TTexts>(this IServiceCollection services, Audience audience, int order, string path, string key) =>
        services.AddSingleton(new NavigationLink(audience, order, path, typeof(TTexts), key));

    internal static bool Sees(this System.Security.Claims.ClaimsPrincipal user, Audience audience) => audience switch
    {
        Audience.Everyone or Audience.Footer => true,
        Audience.Operator => user.Identity?.IsAuthenticated == true,
        Audience.Admin => user.IsInRole(Roles.Admin),
        Audience.Treasurer => user.IsInRole(Roles.Treasurer),
        _ => false,
    };
}
