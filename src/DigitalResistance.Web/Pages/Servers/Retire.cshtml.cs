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

/// <summary>Takes a server out for ever, after a box that says so; or only the place to which it should have moved.</summary>
public sealed class RetireModel(MoneyDb db, ServerRetirement retirement, IStringLocalizer<ServersTexts> texts) : PageModel
{
    public string Label { get; private set; } = "";

    /// <summary>The server that stays, where this is the place to which it should have moved.</summary>
    public Guid? MovesFrom { get; private set; }

    [BindProperty]
    public Confirmation Input { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) => await FindAsync(id, cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation)) return NotFound();
        if (!ModelState.IsValid) return Page();
        await retirement.RetireAsync(User.AccountId(), id, cancellation);
        this.Notify(texts[MovesFrom is null ? "Retire.Done" : "Move.GivenUp"]);
        return MovesFrom is { } stays ? RedirectToPage("Show", new { id = stays }) : RedirectToPage("Index");
    }

    private async Task<bool> FindAsync(Guid id, CancellationToken cancellation)
    {
        var me = User.AccountId();
        if (await db.Set<Server>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == id && s.OwnerId == me && s.State != ServerState.Retired, cancellation) is not { } server) return false;
        (Label, MovesFrom) = (server.Label, server.MovesFrom);
        return true;
    }

    public sealed class Confirmation
    {
        [Range(typeof(bool), "true", "true", ErrorMessage = "Retire.Confirm.Missing")]
        public bool Sure { get; set; }
    }
}
