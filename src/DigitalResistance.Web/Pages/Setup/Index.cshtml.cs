using DigitalResistance.Accounts;
using DigitalResistance.Web.About;
using DigitalResistance.Web.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>What a new installation shows instead of an empty front page, until it has an admin and its file says whose it is.</summary>
[AllowAnonymous, NoEffect]
public sealed class IndexModel(SetupGate gate, InstanceFile instance, SetupChecks checks, InstanceCheck only, TimeProvider time) : PageModel
{
    /// <summary>Whether nobody is an admin yet.</summary>
    public bool NeedsAdmin { get; private set; }

    /// <summary>What to copy where there is no instance file; null where there is one.</summary>
    public string? Example { get; private set; }


    public IReadOnlyList<SetupFinding> Findings { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        NeedsAdmin = await gate.IsOpenAsync(HttpContext.RequestServices, cancellation);
        if (!NeedsAdmin && User.IsInRole(Roles.Admin)) return RedirectToPage("/Setup/Open");
        if (!NeedsAdmin && instance.Instance is not null) return RedirectToPage("/Index");
        if (instance.Instance is null) Example = InstanceExample.For(time.GetUtcNow());
        // Everything, for whoever sets up; visitors of a site that has people learn only why it is not there.
        Findings = NeedsAdmin ? (await checks.LookAsync(cancellation)).Findings : [await only.LookAsync(cancellation)];
        return Page();
    }
}
