using System.Globalization;
using System.Text;
using DigitalResistance.Web.Hosting;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.About;

/// <summary>
/// <c>/.well-known/security.txt</c> (<see href="https://www.rfc-editor.org/rfc/rfc9116"/>). It goes on being served when its date is over: the
/// date tells researchers that nobody has looked at it since, which is the truth, and more than a page that is gone tells.
/// </summary>
internal static class SecurityTxt
{
    private const string Route = "/.well-known/security.txt";

    public static void MapSecurityTxt(this IEndpointRouteBuilder routes) => routes.MapGet(Route, Answer).AllowAnonymous().ExcludeFromDescription();

    /// <summary>Its text.</summary>
    public static string Write(Instance instance, SiteOptions site)
    {
        var text = new StringBuilder();
        void Line(string field, object? value)
        {
            if (value is not null) text.Append(CultureInfo.InvariantCulture, $"{field}: {value}\n");
        }

        foreach (var contact in instance.For(ContactUse.Security)) Line("Contact", contact.Address.OriginalString);
        Line("Expires", instance.Security.Expires.ToString("yyyy-MM-dd'T00:00:00Z'", CultureInfo.InvariantCulture));
        Line("Encryption", instance.Security.Encryption?.OriginalString);
        Line("Policy", instance.Security.Policy?.OriginalString);
        Line("Preferred-Languages", string.Join(", ", instance.Languages.Select(l => l.Code)));
        // https://www.rfc-editor.org/rfc/rfc9116#section-2.5.2: a web address there is https.
        if (site.IsHttps) Line("Canonical", site.PublicOrigin + Route);
        return text.ToString();
    }

    private static IResult Answer(InstanceFile file, IOptions<SiteOptions> site) => file.Instance is { } instance
        ? TypedResults.Text(Write(instance, site.Value), "text/plain", Encoding.UTF8)
        : TypedResults.NotFound();
}
