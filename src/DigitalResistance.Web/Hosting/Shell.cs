using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Web.About;
using DigitalResistance.Web.Demo;
using DigitalResistance.Web.Endpoints;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Hosting;

/// <summary>What stands around every page: the order of it is the order in which a request meets it.</summary>
internal static class Shell
{
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, WebRootPath = WebRoot() });
        // A setting may be a file instead: its name is the key with '__' for ':', as containers mount secrets. Arguments still win.
        builder.Configuration.AddKeyPerFile(builder.Configuration["Secrets:Folder"] ?? "/run/secrets", optional: true).AddCommandLine(args);
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.WebHost.UseUrls("http://localhost:5080");
        return builder;
    }

    public static WebApplicationBuilder AddShell(this WebApplicationBuilder builder)
    {
        builder.AddLogging().AddTelemetry().AddLimits();
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<SiteOptions>, SiteOptions.Validation>();
        services.AddOptions<SiteOptions>().Bind(builder.Configuration.GetSection("Site")).ValidateOnStart();
        services.PostConfigure<DatabaseOptions>(options => options.Folder = Path.GetFullPath(options.Folder, builder.Environment.ContentRootPath));
        services.AddHostedService<StartUpMemory>();
        services.AddHttpContextAccessor();
        services.AddErrors();
        services.AddHealth();
        services.AddSiteCookies();
        services.AddTexts();
        services.AddForms();
        services.AddAbout(builder.Configuration);
        services.AddSetup();
        services.AddNavigation<MyTexts>(Audience.Operator, 0, "/my", "Nav.Home");
        services.AddNavigation<MessageTexts>(Audience.Operator, 80, "/my/messages", "Nav");
        services.AddNavigation<MyTexts>(Audience.Operator, 90, "/account", "Nav.Account");
        services.AddNavigation<AdminTexts>(Audience.Admin, 0, "/admin", "Nav.Home");
        services.AddNavigation<MessageTexts>(Audience.Admin, 80, "/admin/messages", "Nav");
        services.AddNavigation<AdminTexts>(Audience.Admin, 90, "/admin/people", "Nav.People");
        services.AddApi();
        services.AddPublicCache();
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return builder;
    }

    /// <summary>Checks every option and brings the databases up to date; false when the program must not start, with the reasons on the console.</summary>
    public static async Task<bool> PrepareAsync(this WebApplication app)
    {
        if (Mistakes(app.Services) is { Count: > 0 } mistakes)
        {
            await Console.Error.WriteLineAsync("The configuration is not usable:\n- " + string.Join("\n- ", mistakes));
            return false;
        }

        // Finding the pages needs no database: it goes on beside the schemas.
        var isForPages = ProcessRoles.From(app.Configuration).Pages;
        var pages = !isForPages ? Task.CompletedTask : Task.Run(() => app.Services.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors);
        await DataServices.MigrateAsync(app.Services);
        await pages;
        await KeyRing.PrepareAsync(app.Services);
        if (isForPages && app.Services.GetRequiredService<InstanceFile>() is { Instance: null, Path: var missing })
            await Console.Out.WriteLineAsync($"\nNothing says yet whose site this is, so visitors see the set-up page. It shows an example of the file to write:\n\n    {missing}\n");
        if (!isForPages || DemoMode.Is(app.Services) || await AccountServices.FirstAdminCodeAsync(app.Services) is not { } code) return true;
        // On the console itself, never in the log: whoever reads it becomes the first admin.
        var origin = app.Services.GetRequiredService<IOptions<SiteOptions>>().Value.PublicOrigin;
        await Console.Out.WriteLineAsync($"\nThis installation has no admin yet. This link makes one; it works once, for seven days:\n\n    {origin}/account/new/{code}\n");
        return true;
    }

    public static void UseShell(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseProxyHop();
        app.UseKnownHosts();
        app.UseCultureInPath();
        app.UseRequestLog();
        app.UseErrors();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = CacheAsset });
        app.UseRouting();
        app.UseNothingThere();
        app.UseLanguageChoice();
        // The error page is made without asking who reads it: that question may be what failed.
        app.UseWhen(context => !context.IsMakingErrorPage(), rest => rest.UseAuthentication());
        app.UseRateLimiter();
        app.UseSetup();
        app.UseAuthorization();
        app.UsePublicCache();
        app.UseKeptBodies();
        app.MapHealth();
    }

    /// <summary>Runs until it is told to stop; the exit code.</summary>
    public static async Task<int> ServeAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return Environment.ExitCode;
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{taken.Message} Stop what listens there, or choose another address, as --urls http://localhost:5081.");
            return 1;
        }
    }

    /// <summary>
    /// Answers 404 (or the router's 405 and 415) here: the fallback policy would otherwise send a stranger with a wrong address to the sign-in page.
    /// </summary>
    private static void UseNothingThere(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        switch (context.GetEndpoint())
        {
            case RouteEndpoint:
                return next(context);
            case { RequestDelegate: { } refusal }:
                return refusal(context);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    });

    private static void CacheAsset(StaticFileResponseContext context) =>
        context.Context.Response.Headers.CacheControl = context.Context.Request.Query.ContainsKey("v")
            ? "public, max-age=31536000, immutable"
            : "public, max-age=3600";

    /// <summary>Assets lie beside the program when it is started from another folder than its project's.</summary>
    private static string? WebRoot()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        return Directory.Exists("wwwroot") || !Directory.Exists(beside) ? null : beside;
    }

    /// <summary>Everything that is wrong with the configuration, each naming its key.</summary>
    internal static IReadOnlyList<string> Mistakes(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (Exception exception) when (Flatten(exception) is { Count: > 0 } mistakes)
        {
            return mistakes;
        }
    }

    /// <summary>Our sentence out of the framework's, which names types that nobody who configures knows.</summary>
    private static string OwnWords(string failure)
    {
        const string before = "with the error: '";
        var at = failure.IndexOf(before, StringComparison.Ordinal);
        return at < 0 ? failure : failure[(at + before.Length)..].TrimEnd('.').TrimEnd('\'');
    }

    private static List<string> Flatten(Exception exception) => exception switch
    {
        OptionsValidationException invalid => [.. invalid.Failures.Select(OwnWords)],
        AggregateException many => [.. many.InnerExceptions.SelectMany(Flatten)],
        _ => [],
    };
}
