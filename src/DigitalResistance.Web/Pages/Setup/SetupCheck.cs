using DigitalResistance.Data;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>
/// One thing that an installation needs or should have. A feature registers its own (<c>AddScoped&lt;ISetupCheck, …&gt;</c>); the set-up page and
/// the administration show all of them, in order.
/// </summary>
public interface ISetupCheck
{
    /// <summary>Smaller comes first.</summary>
    int Order { get; }

    /// <summary>Looks how it is now. The text names the configuration key, never a secret.</summary>
    Task<SetupFinding> LookAsync(CancellationToken cancellation);
}

/// <summary>How one thing is.</summary>
/// <param name="State">Whether something is to be done.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Text">How it is, and what to do.</param>
public sealed record SetupFinding(SetupState State, string Title, string Text)
{
    /// <summary>What it is in detail, where there is more than one thing to do.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}

/// <summary>Whether something is to be done.</summary>
public enum SetupState
{
    /// <summary>It is as it should be.</summary>
    Ready,

    /// <summary>It works, but not for the public.</summary>
    Advised,

    /// <summary>A part of the site does not work without it.</summary>
    Missing,
}

internal sealed class FirstAdminCheck(DigitalResistance.Accounts.Site site, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 10;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation) => await site.HasAdminAsync(cancellation)
        ? new SetupFinding(SetupState.Ready, texts["Admin.Title"], texts["Admin.Ready"])
        : new SetupFinding(SetupState.Missing, texts["Admin.Title"], texts["Admin.Missing"]);
}

internal sealed class DatabaseCheck(IOptions<DatabaseOptions> options, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 20;

    public Task<SetupFinding> LookAsync(CancellationToken cancellation) => Task.FromResult(options.Value.IsPostgres
        ? new SetupFinding(SetupState.Ready, texts["Database.Title"], texts["Database.Postgres"])
        : new SetupFinding(SetupState.Ready, texts["Database.Title"], texts["Database.Sqlite"]));
}

internal sealed class OriginCheck(IOptions<SiteOptions> options, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 30;

    public Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        var origin = options.Value.PublicOrigin;
        return Task.FromResult(SiteOptions.IsLocalHost(new Uri(origin).Host)
            ? new SetupFinding(SetupState.Advised, texts["Origin.Title"], texts["Origin.Local", origin])
            : new SetupFinding(SetupState.Ready, texts["Origin.Title"], texts["Origin.Ready", origin]));
    }
}
