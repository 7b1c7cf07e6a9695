using System.Text.Encodings.Web;
using System.Text.Unicode;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.WebEncoders;

namespace DigitalResistance.Web.Forms;

/// <summary>Razor Pages as this site uses them.</summary>
internal static class FormServices
{
    public static IServiceCollection AddForms(this IServiceCollection services)
    {
        services.AddScoped<OnceFilter>();
        services.AddRazorPages(pages =>
            {
                pages.Conventions.ConfigureFilter(new FormStatusFilter());
                pages.Conventions.ConfigureFilter(new ServiceFilterAttribute(typeof(OnceFilter)) { Order = int.MinValue });
            })
            // Without script, client-side hints are dead weight; the summary would even carry an inline style.
            .AddViewOptions(views => views.HtmlHelperOptions.ClientValidationEnabled = false)
            .AddAnnotationTexts();
        // Letters stand as letters: as numeric entities a Russian page would be three times as long.
        services.Configure<WebEncoderOptions>(encoder => encoder.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.Configure<RouteOptions>(routes =>
        {
            routes.LowercaseUrls = true;
            routes.AppendTrailingSlash = false;
        });
        return services;
    }
}
