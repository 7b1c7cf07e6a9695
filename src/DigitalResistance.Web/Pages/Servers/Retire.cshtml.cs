using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Servers;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>Takes a server out for ever, after a box that says so.</summary>
public sealed class RetireModel(MoneyDb db, ServerRetirement retirement, IStringLocalizer<ServersTexts> texts) : PageModel
{
    public string Label { get; private set; } = "";

    [BindProperty]
    public Confirmation Input { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) => await FindAsync(id, cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation)) return NotFound();
        if (!ModelState.IsValid) return Page();
        await retirement.RetireAsync(User.AccountId(), id, cancellation);
        this.Notify(texts["Retire.Done"]);
        return RedirectToPage("Index");
    }

    private async Task<bool> FindAsync(Guid id, CancellationToken cancellation)
    {
        var me = User.AccountId();
        var label = await db.Set<Server>().Where(s => s.Id == id && s.OwnerId == me && s.State != ServerState.Retired).Select(s => s.Label).SingleOrDefaultAsync(cancellation);
        Label = label ?? "";
        return label is not null;
    }

    public sealed class Confirmation
    {
        [Range(typeof(bool), "true", "true", ErrorMessage = "Retire.Confirm.Missing")]
        public bool Sure { get; set; }
    }
}
