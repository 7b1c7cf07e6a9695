using System.Globalization;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;

namespace DigitalResistance.Web.Demo;

/// <summary>
/// <c>-- demo</c>: the whole product on one machine, with other settings, another chain and another signer, and nothing else that is
/// different. Everything it makes lies in a folder of its own and is deleted at the end.
/// </summary>
internal static class DemoMode
{
    private const string DefaultUrl = "http://localhost:5080";

    /// <summary>Adds the demo to a builder that has read its configuration; must come before anything reads a setting.</summary>
    /// <returns>To be disposed when the program ends, however it ends.</returns>
    public static DemoWorld AddDemo(this WebApplicationBuilder builder, bool waitsForBrowser)
    {
        var world = new DemoWorld(Directory.CreateTempSubdirectory("digital-resistance-demo-"), waitsForBrowser);
        var urls = builder.Configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } asked ? asked : [DefaultUrl];
        builder.WebHost.UseUrls(urls);
        WriteBackupStamp(world.Folder.FullName);
        builder.Configuration.AddInMemoryCollection(Settings(world.Folder.FullName, origin: urls[0].TrimEnd('/')));

        var services = builder.Services;
        // Its passwords are on the console, its buttons are for everybody, and its dialer may reach this machine.
        services.AddOptions<SiteOptions>().Validate(_ => urls.All(IsHere) && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists(),
            "The demo listens on this machine only: 'urls' must name localhost, and 'Kestrel:Endpoints' nothing.");
        services.AddSingleton(world);
        services.AddScoped<DemoPeople>().AddScoped<DemoSetup>().AddScoped<DemoRehearsal>().AddScoped<DemoTreasury>().AddScoped<DemoServers>().AddScoped<DemoRound>().AddScoped<DemoPayment>();
        services.AddSingleton<DemoSignIns>().AddHostedService<DemoDirector>();
        services.AddNavigation<DemoTexts>(Audience.Everyone, 95, "/demo", "Nav");
        return world;
    }

    /// <summary>Whether this process is a demo; then every page says so.</summary>
    public static bool IsDemo(this HttpContext context) => Is(context.RequestServices);

    /// <summary>Whether these are the services of a demo.</summary>
    public static bool Is(IServiceProvider services) => services.GetService<DemoWorld>() is not null;

    /// <summary>Its own file, whose contacts nobody reads: until half a year from now, so that nothing looks forgotten.</summary>
    private static string WriteInstance(string folder)
    {
        var (text, file) = (File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Demo", "instance.json")), Path.Combine(folder, "instance.json"));
        var expires = TimeProvider.System.GetUtcNow().AddDays(180).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        File.WriteAllText(file, text.Replace("2018-04-30", expires, StringComparison.Ordinal));
        return file;
    }

    /// <summary>There is nothing to keep of a demo, so there is nothing to back up: it says that this is done.</summary>
    private static void WriteBackupStamp(string folder) => File.WriteAllText(Path.Combine(folder, BackupCheck.Stamp), "");

    private static bool IsHere(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && SiteOptions.IsLocalHost(parsed.Host);

    private static Dictionary<string, string?> Settings(string folder, string origin) => new()
    {
        ["Site:PublicOrigin"] = origin,
        ["Database:Provider"] = "sqlite",
        ["Database:Folder"] = folder,
        ["Instance:File"] = WriteInstance(folder),
        ["Accounts:Registration"] = "Open",
        ["Scoring:PolicyFile"] = Path.Combine(AppContext.BaseDirectory, "Demo", "policy.json"),
        // The strangers of the demo live on this machine, and answer at once or never.
        ["Dialing:AllowLoopback"] = "true",
        ["Dialing:Deadline"] = "00:00:00.400",
        ["Probing:TlsTargets"] = "none",
        ["Probing:Telegram"] = "none",
        ["Probing:Every"] = "00:00:00.200",
        ["Canary:Listen"] = "127.0.0.1:0",
        ["Bitcoin:Network"] = "regtest",
        ["Bitcoin:Backend"] = "sandbox",
        ["Bitcoin:SandboxBlockSeconds"] = "2",
        ["Bitcoin:Confirmations"] = "1",
        ["Bitcoin:FinalConfirmations"] = "2",
        ["Payouts:PassSeconds"] = "1",
        // A round a minute for as long as somebody looks on: a day of it is more than a day's limit elsewhere.
        ["Payouts:MaxDaySat"] = "1000000000000",
        ["Donations:AddressesAtOnce"] = "100000",
        ["Ledger:Origin"] = "localhost/demo",
        ["Ledger:Interval"] = "00:00:00.200",
        // What the story tells is enough; warnings still show.
        ["Serilog:MinimumLevel:Default"] = "Warning",
        ["Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime"] = "Warning",
        ["Serilog:MinimumLevel:Override:Microsoft.Extensions.Hosting.Internal.Host"] = "Fatal",
        ["Serilog:MinimumLevel:Override:Microsoft.AspNetCore.DataProtection"] = "Error",
        ["Serilog:MinimumLevel:Override:DigitalResistance.Web.Requests"] = "Error",
    };
}
