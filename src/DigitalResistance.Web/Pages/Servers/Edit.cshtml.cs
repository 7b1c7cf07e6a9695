using DigitalResistance.Accounts;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Servers;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>Changes a server. Secrets are never shown; one that is left empty stays.</summary>
public sealed class EditModel(OwnServers servers, ServerEdit edit, IStringLocalizer<ServersTexts> texts) : PageModel, IServerFieldsPage
{
    public OwnServer Own { get; private set; } = null!;

    public IProbe Protocol => Own.Protocol;

    public bool KeepsSecrets => true;

    public bool IsConflict { get; private set; }

    [BindProperty]
    public ServerFields Input { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await servers.FindAsync(User.AccountId(), id, cancellation) is not { } own) return NotFound();
        Own = own;
        Input = ServerFields.Of(own);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken cancellation)
    {
        if (await servers.FindAsync(User.AccountId(), id, cancellation) is not { } own) return NotFound();
        Own = own;
        switch (await edit.EditAsync(User.AccountId(), id, Input.Version, Input.ToForm(own.Protocol.Id), cancellation))
        {
            case EditResult.Edited:
                this.Notify(texts["Edit.Done"]);
                return RedirectToPage("Show", new { id });
            case EditResult.Moved:
                this.Notify(texts["Edit.Moved"]);
                return RedirectToPage("Show", new { id });
            case EditResult.Rejected rejected:
                ModelState.Add(rejected.Problems, own.Protocol, texts);
                Input.Complete(own.Protocol);
                return Page();
            case EditResult.Conflict:
                IsConflict = true;
                Response.StatusCode = StatusCodes.Status409Conflict;
                ModelState.Clear();
                Input = ServerFields.Of(own);
                return Page();
            default:
                return NotFound();
        }
    }
}
