using DigitalResistance.Data;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Web.Localization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether somebody measures: vantages enough for the policy, a committed schedule, and a way out to the hosts that probes lead to.</summary>
internal sealed class VantageCheck(IServiceProvider services, MoneyDb db, Policy policy, ServerKeys keys, TimeProvider time, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    private const int Asked = 3;

    public int Order => 64;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        // The one inside the program; agents elsewhere come with their own list.
        const int vantages = 1;
        if (policy.MinVantages > vantages) return Finding(SetupState.Missing, texts["Vantage.TooFew", policy.MinVantages, vantages]);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (!await db.Set<ScheduleDay>().AnyAsync(d => d.Day == today, cancellation)) return Finding(SetupState.Missing, texts["Vantage.NoSchedule"]);
        if (!File.Exists(Path.Combine(keys.Folder, "canary.key"))) return Finding(SetupState.Missing, texts["Vantage.NoSchedule"]);

        var hosts = services.GetRequiredService<Targets>().TlsHosts;
        if (hosts.Count == 0) return Finding(SetupState.Ready, texts["Vantage.CanaryOnly"]);
        var looks = services.GetRequiredService<DirectLooks>();
        var reports = await Task.WhenAll(hosts.Take(Asked).Select(host => looks.LookAsync(host.Authority, () => new ProbeTarget.Tls(host, Unpredictable: false)))).WaitAsync(cancellation);
        return 2 * reports.Count(r => r.Outcome == Outcome.Ok) > reports.Length
            ? Finding(SetupState.Ready, texts["Vantage.Ready"]) : Finding(SetupState.Missing, texts["Vantage.Blind", reports.Length]);
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Vantage.Title"], text);
}
