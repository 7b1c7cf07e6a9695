using DigitalResistance.Treasury;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>
/// One thing that an installation needs or should have. A feature registers its own (<c>AddScoped&lt;ISetupCheck, …&gt;</c>); the set-up page,
/// the administration and <c>doctor</c> show all of them, in order. It looks afresh, also from a process that does nothing else, and changes nothing.
/// </summary>
public interface ISetupCheck
{
    /// <summary>Smaller comes first; whatever asks the database comes after 10, where that is looked at.</summary>
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

    /// <summary>It works; somebody should look at it. Does not keep the site closed.</summary>
    Advised,

    /// <summary>The site does not open without it.</summary>
    Missing,
}

internal sealed class OriginCheck(IOptions<SiteOptions> options, IOptions<BitcoinOptions> bitcoin, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 4;

    public Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        var origin = options.Value.PublicOrigin;
        return Task.FromResult(SiteOptions.IsLocalHost(new Uri(origin).Host)
            ? bitcoin.Value.Network == "main" ? new SetupFinding(SetupState.Missing, texts["Origin.Title"], texts["Origin.Play", origin]) : new SetupFinding(SetupState.Advised, texts["Origin.Title"], texts["Origin.Local", origin])
            : new SetupFinding(SetupState.Ready, texts["Origin.Title"], texts["Origin.Ready", origin]));
    }
}
