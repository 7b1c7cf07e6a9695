using DigitalResistance.Accounts;
using DigitalResistance.Payouts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>On paper beside the device: every output in the order in which it is shown, to be ticked one by one.</summary>
[Authorize(Policies.Treasurer)]
public sealed class SheetModel(SigningRoom room) : PageModel
{
    [FromRoute]
    public Guid Id { get; set; }

    public SigningView View { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (await room.FindAsync(Id, cancellation) is not { } view) return NotFound();
        View = view;
        return Page();
    }
}
