using DigitalResistance.Web.Pages.Setup;

namespace DigitalResistance.Web.Demo;

/// <summary>An admin opens the site, as at the set-up page: as soon as nothing is red.</summary>
internal sealed class DemoSetup(SiteOpening opening, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Opens it, once the passes have made what it needs.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        for (var until = time.GetUtcNow() + Patience; await opening.OpenAsync(cancellation) is SiteOpening.Result.StillRed(var report); await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation))
        {
            if (time.GetUtcNow() < until) continue;
            var red = report.Findings.Where(f => f.State == SetupState.Missing).Select(f => $"{f.Title}: {f.Text}");
            throw new UnexpectedEndingException(string.Join(" ", red));
        }
    }
}
