using DigitalResistance.Web.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>What a new installation shows instead of an empty front page; gone as soon as there is an admin.</summary>
[AllowAnonymous, NoEffect]
public sealed class IndexModel(SetupGate gate, IEnumerable<ISetupCheck> checks) : PageModel
{
    public IReadOnlyList<SetupFinding> Findings { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!await gate.IsOpenAsync(HttpContext.RequestServices, cancellation)) return RedirectToPage("/Index");
        var findings = new List<SetupFinding>();
        foreach (var check in checks.OrderBy(c => c.Order)) findings.Add(await check.LookAsync(cancellation));
        Findings = findings;
        return Page();
    }
}
