using DigitalResistance.Accounts;
using DigitalResistance.Payouts;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>What the treasury's keys sign with, and the limits that follow: payments that a device cannot hold are not built.</summary>
[Authorize(Policies.Staff)]
public sealed class DevicesModel(TreasuryWallet wallet, SigningLimits signing, IStringLocalizer<DeviceTexts> texts) : PageModel
{
    /// <summary>One for each key, in their order; empty where it is not known.</summary>
    [BindProperty]
    public List<string?> Devices { get; set; } = [];

    public PayoutOptions Limits { get; private set; } = null!;

    /// <summary>Fingerprint of each key's signer.</summary>
    public IReadOnlyList<string> Keys { get; private set; } = [];

    public IReadOnlyList<SigningDevice?> Chosen { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return RedirectToPage("Index");
        Limits = await signing.FindAsync(cancellation);
        Keys = [.. treasury.Descriptor.Keys.Select(k => k.Origin.MasterFingerprint.ToString())];
        Chosen = await signing.DevicesAsync(treasury, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Treasurer)) return Forbid();
        if (await wallet.FindAsync(cancellation) is not { } treasury) return RedirectToPage("Index");
        var said = new List<SigningDevice?>();
        foreach (var text in Devices)
        {
            if (string.IsNullOrEmpty(text)) said.Add(null);
            else if (Enum.TryParse<SigningDevice>(text, out var device) && Enum.IsDefined(device)) said.Add(device);
            else return BadRequest();
        }

        if (!await signing.SayAsync(treasury, said, cancellation)) return BadRequest();
        this.Notify(texts["Saved"]);
        return RedirectToPage();
    }
}
