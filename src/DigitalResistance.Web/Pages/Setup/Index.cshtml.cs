using DigitalResistance.Web.About;
using DigitalResistance.Web.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>What a new installation shows instead of an empty front page, until it has an admin and its file says whose it is.</summary>
[AllowAnonymous, NoEffect]
public sealed class IndexModel(SetupGate gate, InstanceFile instance, IEnumerable<ISetupCheck> checks, TimeProvider time) : PageModel
{
    /// <summary>Whether nobody is an admin yet.</summary>
    public bool NeedsAdmin { get; private set; }

    /// <summary>What to copy where there is no instance file; null where there is one.</summary>
    public string? Example { get; private set; }


    public IReadOnlyList<SetupFinding> Findings { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        NeedsAdmin = await gate.IsOpenAsync(HttpContext.RequestServices, cancellation);
        if (!NeedsAdmin && instance.Instance is not null) return RedirectToPage("/Index");
        if (instance.Instance is null) Example = InstanceExample.For(time.GetUtcNow());
        var findings = new List<SetupFinding>();
        foreach (var check in checks.OrderBy(c => c.Order)) findings.Add(await check.LookAsync(cancellation));
        Findings = findings;
        return Page();
    }
}
