using DigitalResistance.Prober;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether Telegram is in reach, behind which its own proxies are proven, and whether our clock is right: fake TLS shows it to them.</summary>
internal sealed class TelegramCheck(IServiceProvider services, ServerKeys keys, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    private const int Asked = 3;

    // The strictest proxies in use refuse a clock that is three seconds fast.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(3);

    public int Order => 65;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        // As with the canary: without keys there is no prober yet, and the vantages' own check says so.
        if (!File.Exists(Path.Combine(keys.Folder, "canary.key"))) return Finding(SetupState.Advised, texts["Vantage.NoSchedule"]);
        var centres = services.GetRequiredService<Targets>().Telegram.All;
        if (centres.Count == 0) return Finding(SetupState.Ready, texts["Telegram.None"]);
        var looks = services.GetRequiredService<DirectLooks>();
        var reports = await Task.WhenAll(centres.Take(Asked).Select(centre => looks.LookAsync(centre.Address.Authority, () => centre))).WaitAsync(cancellation);
        if (2 * reports.Count(r => r.Outcome == Outcome.Ok) <= reports.Length) return Finding(SetupState.Advised, texts["Telegram.Blind", reports.Length]);
        var ahead = reports.Where(r => r.ClockAhead is not null).Select(r => r.ClockAhead!.Value.Duration()).Order().ToList();
        return ahead[ahead.Count / 2] > Tolerance
            ? Finding(SetupState.Advised, texts["Telegram.Clock", (int)ahead[ahead.Count / 2].TotalSeconds])
            : Finding(SetupState.Ready, texts["Telegram.Ready"]);
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Telegram.Title"], text);
}
