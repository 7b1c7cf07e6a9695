using DigitalResistance.Web.About;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>The first minutes of an installation.</summary>
internal static class SetupServices
{
    public static IServiceCollection AddSetup(this IServiceCollection services)
    {
        services.AddSingleton<SetupGate>();
        services.AddScoped<InstanceCheck>().AddScoped<ISetupCheck>(provider => provider.GetRequiredService<InstanceCheck>());
        services.AddScoped<ISetupCheck, BackupCheck>();
        services.AddScoped<ISetupCheck, LedgerKeyCheck>();
        services.AddScoped<ISetupCheck, ApprovalsCheck>();
        services.AddScoped<ISetupCheck, ChainCheck>();
        services.AddScoped<ISetupCheck, ClockCheck>();
        services.AddScoped<ISetupCheck, CanaryCheck>();
        services.AddScoped<ISetupCheck, VantageCheck>();
        services.AddScoped<ISetupCheck, TelegramCheck>();
        services.AddScoped<ISetupCheck, DatabaseCheck>();
        services.AddScoped<ISetupCheck, OriginCheck>();
        services.AddScoped<ISetupCheck, Admin.PeopleCheck>();
        services.AddSingleton<DirectLooks>();
        services.AddScoped<SetupChecks>().AddScoped<SiteOpening>();
        return services.AddNavigation<SetupTexts>(Audience.Admin, 95, "/admin/setup", "Nav.Setup");
    }

    /// <summary>Until there is an admin, the front page is the set-up page; until the instance file says whose site it is, so is every page for everybody.</summary>
    public static IApplicationBuilder UseSetup(this IApplicationBuilder app)
    {
        var hasInstance = app.ApplicationServices.GetRequiredService<InstanceFile>().Instance is not null;
        return app.Use(async (context, next) =>
        {
            var page = context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>()?.ViewEnginePath;
            if ((!hasInstance && IsOfTheSite(context, page))
                || (page == "/Index" && await context.RequestServices.GetRequiredService<SetupGate>().IsOpenAsync(context.RequestServices, context.RequestAborted)))
            {
                context.Response.Redirect(context.Request.PathBase + "/setup");
                return;
            }

            await next(context);
        });
    }

    /// <summary>What visitors come for. Whoever sets up has to be able to sign in, and an error has to be told.</summary>
    private static bool IsOfTheSite(HttpContext context, string? page) =>
        page is not null && !context.IsMakingErrorPage() && context.GetEndpoint()!.Metadata.GetMetadata<IAllowAnonymous>() is not null
        && page.Split('/')[1] is not ("Account" or "Setup" or "Error" or "Theme" or "Demo");
}

/// <summary>Whether the installation still waits for its first admin. Once it has one it has one for ever, so the database is not asked again.</summary>
public sealed class SetupGate
{
    private volatile bool _closed;

    internal async Task<bool> IsOpenAsync(IServiceProvider scope, CancellationToken cancellation)
    {
        if (!_closed) _closed = await scope.GetRequiredService<DigitalResistance.Accounts.Site>().HasAdminAsync(cancellation);
        return !_closed;
    }
}
