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
public sealed class EditModel(OwnServers servers, ServerEdit edit, IStringLocalizer<ServersTexts> texts, IStringLocalizer<SharedTexts> shared) : PageModel, IServerFieldsPage
{
    public OwnServer Own { get; private set; } = null!;

    public IProbe Protocol => Own.Protocol;

    public string? SecretHint => texts["Form.Secret.Keep"];

    public BothVersions? Both { get; private set; }

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
            case EditResult.Moving moving:
                this.Notify(texts["Edit.Moving"]);
                return RedirectToPage("Show", new { id = moving.NewPlace });
            case EditResult.Rejected rejected:
                ModelState.Add(rejected.Problems, own.Protocol, texts);
                Input.Complete(own.Protocol);
                return Page();
            case EditResult.Conflict:
                return await servers.FindAsync(User.AccountId(), id, cancellation) is { } now ? Conflict(now) : NotFound();
            default:
                return NotFound();
        }
    }

    private PageResult Conflict(OwnServer now)
    {
        (Own, Both) = (now, new BothVersions([.. Lines(Input, ServerFields.Of(now))]));
        Response.StatusCode = StatusCodes.Status409Conflict;
        ModelState.Clear();
        Input.Complete(Protocol);
        // Whoever saves again has seen both.
        Input.Version = now.Server.Version;
        return Page();
    }

    private IEnumerable<VersionsLine> Lines(ServerFields yours, ServerFields stored)
    {
        yield return new(texts["Form.Label"], yours.Label, stored.Label);
        yield return new(texts["Form.Host"], yours.Host, stored.Host);
        yield return new(texts["Form.Port"], yours.Port, stored.Port);
        foreach (var setting in Protocol.Settings)
        {
            var (typed, kept) = (yours.Settings.GetValueOrDefault(setting.Name), stored.Settings.GetValueOrDefault(setting.Name));
            if (setting.IsSecret) (typed, kept) = (string.IsNullOrEmpty(typed) ? shared["Conflict.Secret.Kept"] : shared["Conflict.Secret.New"], shared["Conflict.Secret.Kept"]);
            else (typed, kept) = (Said(setting, typed), Said(setting, kept));
            yield return new(texts.Name(setting), typed, kept);
        }
    }

    private string? Said(Setting setting, string? value) => setting.Choices.FirstOrDefault(c => c.Value == value) is { } choice ? texts.Name(setting, choice) : value;
}
