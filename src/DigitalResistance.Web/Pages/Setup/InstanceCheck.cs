using System.Globalization;
using DigitalResistance.Web.About;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether the site says whose it is, and whether somebody still stands by its contacts.</summary>
public sealed class InstanceCheck(InstanceFile file, IStringLocalizer<SetupTexts> texts, IStringLocalizer<InstanceTexts> mistakes, TimeProvider time) : ISetupCheck
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(30);

    public int Order => 2;

    public Task<SetupFinding> LookAsync(CancellationToken cancellation) => Task.FromResult(Look());

    private SetupFinding Look()
    {
        var (now, wrong) = file.LookAgain();
        if (wrong.Count > 0) return Finding(SetupState.Missing, texts["Instance.Wrong"]) with { Details = [.. wrong.Select(m => m.In(mistakes))] };
        // The folder is nobody's business but the console's.
        if (now is null) return Finding(SetupState.Missing, texts["Instance.Missing", Path.GetFileName(file.Path)]);
        if (file.Instance is null) return Finding(SetupState.Missing, texts["Instance.Restart"]);
        var expires = now.Security.Expires.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (now.Security.IsOver(time.GetUtcNow())) return Finding(SetupState.Missing, texts["Instance.Expired", expires]);
        return now.Security.IsOver(time.GetUtcNow() + Ahead) ? Finding(SetupState.Advised, texts["Instance.Expiring", expires]) : Finding(SetupState.Ready, texts["Instance.Ready"]);
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Instance.Title"], text);
}
