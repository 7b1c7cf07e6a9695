using DigitalResistance.Accounts;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Admin;

/// <summary>The administration's home: where to go, and how the installation is.</summary>
[Authorize(Policies.Admin)]
public sealed class IndexModel(IEnumerable<ISetupCheck> checks) : PageModel
{
    public IReadOnlyList<SetupFinding> Findings { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var findings = new List<SetupFinding>();
        foreach (var check in checks.OrderBy(c => c.Order)) findings.Add(await check.LookAsync(cancellation));
        Findings = findings;
    }
}
