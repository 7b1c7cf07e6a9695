using System.Globalization;
using DigitalResistance.Accounts;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Servers;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>Registers a server: first the protocol, then the form that the protocol declares.</summary>
public sealed class NewModel(ProbeCatalog catalog, ServerRegistration registration, IStringLocalizer<ServersTexts> texts) : PageModel, IServerFieldsPage
{
    public IReadOnlyList<IProbe> Protocols => catalog.All;

    /// <summary>The chosen protocol; null while it is being chosen.</summary>
    public IProbe? Chosen { get; private set; }

    public IProbe Protocol => Chosen!;

    public bool KeepsSecrets => false;

    [BindProperty]
    public ServerFields Input { get; set; } = new();

    public IActionResult OnGet(string? protocol)
    {
        if (protocol is null) return Page();
        if (catalog.Find(protocol) is not { } chosen) return NotFound();
        Chosen = chosen;
        Input.Port = chosen.DefaultPort.ToString(CultureInfo.InvariantCulture);
        Input.Complete(chosen);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? protocol, CancellationToken cancellation)
    {
        if (protocol is null || catalog.Find(protocol) is not { } chosen) return NotFound();
        Chosen = chosen;
        switch (await registration.RegisterAsync(User.AccountId(), Input.ToForm(protocol), cancellation))
        {
            case RegistrationResult.Registered registered:
                this.Notify(texts["New.Done"]);
                return RedirectToPage("Show", new { registered.Id });
            case RegistrationResult.Rejected rejected:
                ModelState.Add(rejected.Problems, chosen, texts);
                break;
            case RegistrationResult.TooMany many:
                ModelState.AddModelError("", texts["New.TooMany", many.Limit]);
                break;
            case RegistrationResult.TooManyUnproven many:
                ModelState.AddModelError("", texts["New.TooManyUnproven", many.Limit]);
                break;
        }

        Input.Complete(chosen);
        return Page();
    }
}
