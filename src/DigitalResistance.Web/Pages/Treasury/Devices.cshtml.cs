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

    /// <summary>What was stored when the page was made.</summary>
    [BindProperty]
    public string? Seen { get; set; }

    /// <summary>What was entered and what is stored, where somebody else saved meanwhile.</summary>
    public BothVersions? Both { get; private set; }

    public PayoutOptions Limits { get; private set; } = null!;

    /// <summary>Fingerprint of each key's signer.</summary>
    public IReadOnlyList<string> Keys { get; private set; } = [];

    /// <summary>What the form shows.</summary>
    public IReadOnlyList<SigningDevice?> Shown { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return RedirectToPage("Index");
        Shown = await ReadAsync(treasury, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Treasurer)) return Forbid();
        if (await wallet.FindAsync(cancellation) is not { } treasury) return RedirectToPage("Index");
        if (Parse(Devices) is not { } said || Parse((Seen ?? "").Split(',')) is not { } seen) return BadRequest();
        switch (await signing.SayAsync(treasury, seen, said, cancellation))
        {
            case DevicesResult.Said:
                this.Notify(texts["Saved"]);
                return RedirectToPage();
            case DevicesResult.ChangedMeanwhile when await wallet.FindAsync(cancellation) is { } present && present.Id == treasury.Id:
                var now = await ReadAsync(present, cancellation);
                Both = new BothVersions([.. now.Select((device, i) => new VersionsLine($"{texts["Key", i + 1].Value} {Keys[i]}", Say(said[i]), Say(device)))]);
                Shown = said;
                Response.StatusCode = StatusCodes.Status409Conflict;
                return Page();
            default:
                return BadRequest();
        }
    }

    private async Task<IReadOnlyList<SigningDevice?>> ReadAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        Limits = await signing.FindAsync(cancellation);
        Keys = [.. treasury.Descriptor.Keys.Select(k => k.Origin.MasterFingerprint.ToString())];
        var stored = await signing.DevicesAsync(treasury, cancellation);
        Seen = string.Join(',', stored);
        return stored;
    }

    private static List<SigningDevice?>? Parse(IEnumerable<string?> names)
    {
        var devices = new List<SigningDevice?>();
        foreach (var name in names)
        {
            if (string.IsNullOrEmpty(name)) devices.Add(null);
            else if (Enum.TryParse<SigningDevice>(name, out var device) && Enum.IsDefined(device)) devices.Add(device);
            else return null;
        }

        return devices;
    }

    private string Say(SigningDevice? device) => device is { } known ? texts[$"Device.{known}"] : texts["Device.Unknown"];
}
