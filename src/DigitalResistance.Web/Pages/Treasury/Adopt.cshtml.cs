using DigitalResistance.Accounts;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>A descriptor is pasted, its first addresses are compared with the wallet's own, and only then it is the treasury.</summary>
[Authorize(Policies.Treasurer), WaitsForNetwork]
public sealed class AdoptModel(TreasuryAdoption adoption, IStringLocalizer<TreasuryTexts> texts) : PageModel
{
    [BindProperty]
    public string? Text { get; set; }

    [BindProperty]
    public int? StartHeight { get; set; }

    /// <summary>What the pasted descriptor would mean.</summary>
    public AdoptionResult.Sound? Sound { get; private set; }

    public void OnGet()
    {
    }

    public PageResult OnPostLook() => Show(adoption.Preview(Text));

    public async Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation)
    {
        var result = await adoption.AdoptAsync(Text, StartHeight, cancellation);
        if (result is not AdoptionResult.Adopted) return Show(result);
        this.Notify(texts["Adopt.Done"]);
        return RedirectToPage("Index");
    }

    private PageResult Show(AdoptionResult result)
    {
        Sound = result as AdoptionResult.Sound;
        var mistake = result switch
        {
            AdoptionResult.Faulty { Fault: { Position: >= 0 } fault } => texts["Fault.At", texts[$"Fault.Kind.{fault.Kind}"].Value, fault.Position + 1],
            AdoptionResult.Faulty { Fault: var fault } => texts[$"Fault.Kind.{fault.Kind}"],
            AdoptionResult.SingleKey => texts["Fault.SingleKey"],
            AdoptionResult.AlreadyAdopted => texts["Fault.AlreadyAdopted"],
            AdoptionResult.ChainAway => texts["Fault.ChainAway"],
            _ => null,
        };
        if (mistake is null) return Page();
        ModelState.AddModelError(nameof(Text), mistake);
        // What was pasted may be a private key: it is not sent back. Nor is a wallet's file, or more than anybody reads, where a secret may be in any form.
        if (result is AdoptionResult.Faulty { Fault.Kind: DescriptorFaultKind.PrivateKey or DescriptorFaultKind.TooLong } || Text!.AsSpan().TrimStart().StartsWith("{"))
        {
            ModelState.SetModelValue(nameof(Text), "", "");
            Text = "";
        }

        return Page();
    }
}
