using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>The first minutes of an installation.</summary>
internal static class SetupServices
{
    public static IServiceCollection AddSetup(this IServiceCollection services)
    {
        services.AddSingleton<SetupGate>();
        services.AddScoped<ISetupCheck, FirstAdminCheck>();
        services.AddScoped<ISetupCheck, DatabaseCheck>();
        services.AddScoped<ISetupCheck, OriginCheck>();
        return services;
    }

    /// <summary>Until there is an admin, the front page is the set-up page.</summary>
    public static IApplicationBuilder UseSetup(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var isFront = context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>()?.ViewEnginePath == "/Index";
        if (isFront && await context.RequestServices.GetRequiredService<SetupGate>().IsOpenAsync(context.RequestServices, context.RequestAborted))
        {
            context.Response.Redirect(context.Request.PathBase + "/setup");
            return;
        }

        await next(context);
    });
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
