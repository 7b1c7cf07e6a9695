using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>
/// Looks at everything that an installation needs, for the set-up page, the administration and the console alike. A look changes nothing. One
/// check that cannot be made is a red item and hides none of the others; without the database those that need it are not made.
/// </summary>
public sealed partial class SetupChecks(IEnumerable<ISetupCheck> checks, IStringLocalizer<SetupTexts> texts, ILogger<SetupChecks> log)
{
    /// <summary>How everything is now, in order.</summary>
    public async Task<SetupReport> LookAsync(CancellationToken cancellation)
    {
        var findings = new List<SetupFinding>();
        foreach (var check in checks.OrderBy(c => c.Order))
        {
            var finding = await LookAsync(check, cancellation);
            findings.Add(finding);
            if (check is not DatabaseCheck || finding.State != SetupState.Missing) continue;
            findings.Add(new SetupFinding(SetupState.Missing, texts["Rest.Title"], texts["Rest.Text"]));
            break;
        }

        return new SetupReport(findings);
    }

    private async Task<SetupFinding> LookAsync(ISetupCheck check, CancellationToken cancellation)
    {
        try
        {
            return await check.LookAsync(cancellation);
        }
#pragma warning disable CA1031 // Whatever one look ends in, the others are what the reader came for.
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var name = check.GetType().Name;
            LogFailed(exception, name);
            return new SetupFinding(SetupState.Missing, texts["Broken.Title"], texts["Broken.Text", name]);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The set-up check {Check} could not be made")]
    private partial void LogFailed(Exception exception, string check);
}

/// <summary>How everything is.</summary>
/// <param name="Findings">One by one.</param>
public sealed record SetupReport(IReadOnlyList<SetupFinding> Findings)
{
    /// <summary>Whether nothing is red, so that the site may open. Advice does not keep it closed.</summary>
    public bool IsGreen => Findings.All(f => f.State != SetupState.Missing);
}
