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
public sealed class AdoptModel(TreasuryAdoption adoption, TreasuryWallet wallet, IStringLocalizer<TreasuryTexts> texts) : PageModel
{
    [BindProperty]
    public string? Text { get; set; }

    [BindProperty]
    public int? StartHeight { get; set; }

    /// <summary>What the pasted descriptor would mean.</summary>
    public AdoptionResult.Sound? Sound { get; private set; }

    /// <summary>What was pasted and what is the treasury already, where somebody else was first.</summary>
    public BothVersions? Both { get; private set; }

    public void OnGet()
    {
    }

    public PageResult OnPostLook() => Show(adoption.Preview(Text));

    public async Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation)
    {
        var result = await adoption.AdoptAsync(Text, StartHeight, cancellation);
        if (result is AdoptionResult.AlreadyAdopted && adoption.Preview(Text) is AdoptionResult.Sound { Descriptor: var pasted })
        {
            Both = new BothVersions([new(texts["Adopt.Descriptor"], pasted.Text, (await wallet.FindAsync(cancellation))?.Descriptor.Text)], IsOpen: false);
            Response.StatusCode = StatusCodes.Status409Conflict;
            return Page();
        }

        if (result is not AdoptionResult.Adopted) return Show(result);
        this.Notify(texts["Adopt.Done"]);
        return RedirectToPage("Index");
    }

    private PageResult Show(AdoptionResult result)
    {
        Sound = result as AdoptionResult.Sound;
        if (result is AdoptionResult.Sound) return Page();
        ModelState.AddModelError(nameof(Text), texts.Mistake(result));
        if (result.MayHoldSecret(Text))
        {
            ModelState.SetModelValue(nameof(Text), "", "");
            Text = "";
        }

        return Page();
    }
}
