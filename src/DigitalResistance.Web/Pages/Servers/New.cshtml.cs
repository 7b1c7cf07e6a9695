using System.Globalization;
using DigitalResistance.Accounts;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Servers;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>Registers a server: first the protocol, by choice or from a link, then the form that the protocol declares.</summary>
public sealed class NewModel(ProbeCatalog catalog, ServerRegistration registration, IDataProtectionProvider protection, IStringLocalizer<ServersTexts> texts) : PageModel, IServerFieldsPage
{
    private readonly LinkSecrets _secrets = new(protection);

    public IReadOnlyList<IProbe> Protocols => catalog.All;

    /// <summary>The chosen protocol; null while it is being chosen.</summary>
    public IProbe? Chosen { get; private set; }

    public IProbe Protocol => Chosen!;

    public string? SecretHint => Input.Sealed is null ? null : texts["Form.Secret.Link"].Value;

    /// <summary>A link as apps pass servers on.</summary>
    [BindProperty]
    public string? Link { get; set; }

    public bool IsFromLink { get; private set; }

    /// <summary>What the link asks for and nobody here understands.</summary>
    public IReadOnlyList<string> Unsupported { get; private set; } = [];

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

    /// <summary>Reads a link into the form and keeps nothing.</summary>
    public IActionResult OnPostLink()
    {
        var pasted = Link;
        ModelState.Remove(nameof(Link)); // it holds secrets, which are never sent back
        Link = null;
        switch (new LinkReader(catalog).Read(pasted))
        {
            case LinkResult.Understood read:
                Chosen = catalog.Find(read.Protocol)!;
                IsFromLink = true;
                Input = ServerFields.Of(read, Chosen);
                Input.Sealed = _secrets.Seal(User.AccountId(), Chosen, read.Settings);
                Unsupported = read.Unsupported;
                break;
            case LinkResult.UnknownKind unknown:
                ModelState.AddModelError(nameof(Link), texts["Problem.Link.Kind", unknown.Kind]);
                break;
            case LinkResult.HostRefused host:
                ModelState.AddModelError(nameof(Link), texts[$"Problem.Host.{host.Refusal}"]);
                break;
            case LinkResult.PortRefused port:
                ModelState.AddModelError(nameof(Link), texts[$"Problem.Port.{port.Refusal}"]);
                break;
            case LinkResult.SettingRefused refused:
                ModelState.AddModelError(nameof(Link), texts.Problem(refused.Setting, refused.Problem, catalog.Find(refused.Protocol)!));
                break;
            default:
                ModelState.AddModelError(nameof(Link), texts["Problem.Link"]);
                break;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? protocol, CancellationToken cancellation)
    {
        if (protocol is null || catalog.Find(protocol) is not { } chosen) return NotFound();
        Chosen = chosen;
        _secrets.Fill(User.AccountId(), chosen, Input);
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
