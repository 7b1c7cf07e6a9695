using System.Reflection;
using System.Text.RegularExpressions;
using DigitalResistance.Web.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Razor.Hosting;

namespace DigitalResistance.BrowserTests.Walk;

/// <summary>Every page that the product was built with, by its route: a page that is added later is in this list by itself.</summary>
internal static class SitePages
{
    /// <summary>Pages that nobody opens by themselves.</summary>
    private static readonly string[] NotOpened =
    [
        "/error/{status:int:range(400,599)}", // made for a request that failed
        "/setup", // gone as soon as there is an admin
        "/account/sign-out", // a form only
        "/account/sign-in/code", // between a password and a session
        "/account/codes", // shown once, after codes were made
    ];

    /// <summary>Routes of the pages that everybody may open.</summary>
    public static IReadOnlyList<string> OfEverybody { get; } =
        [.. typeof(SiteOptions).Assembly.GetCustomAttributes<RazorCompiledItemAttribute>()
            .Where(item => item.Kind == "mvc.1.0.razor-page" && IsForEverybody(item.Type))
            .Select(item => item.Type.GetCustomAttributes<RazorCompiledItemMetadataAttribute>().Single(m => m.Key == "RouteTemplate").Value)
            .Where(route => !NotOpened.Contains(route)).Order(StringComparer.Ordinal)];

    /// <summary>Whether a route can be typed as it is.</summary>
    public static bool IsPlain(string route) => !Filled(route).Contains('{', StringComparison.Ordinal);

    /// <summary>The route without its optional parts.</summary>
    public static string Filled(string route) => Regex.Replace(route, @"/\{[^}]*\?\}", "", RegexOptions.None, TimeSpan.FromSeconds(1));

    /// <summary>Whether an address is one of this route.</summary>
    public static bool Matches(string route, string path)
    {
        var pattern = Regex.Replace(Filled(route), @"\{[^}]*\}", "[^/]+", RegexOptions.None, TimeSpan.FromSeconds(1));
        return Regex.IsMatch(path, $"^{pattern}/?$", RegexOptions.None, TimeSpan.FromSeconds(1));
    }

    private static bool IsForEverybody(Type page) =>
        page.GetProperty("Model", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)?.PropertyType.GetCustomAttribute<AllowAnonymousAttribute>() is not null;
}
