using DigitalResistance.Web.Demo;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Demo;

/// <summary>The key holders' wallets by hand, in place of devices that lie in other hands and far from any server. Outside a demo there is no such page.</summary>
[AllowAnonymous, NoEffect, RequestSizeLimit(DemoWallet.MaxLength + 64 * 1024)]
public sealed class WalletModel(IServiceProvider services, IStringLocalizer<DemoTexts> texts) : PageModel
{
    private readonly DemoWorld? _world = services.GetService<DemoWorld>();

    /// <summary>Whose wallet: 1, 2 or 3.</summary>
    [BindProperty]
    public int Holder { get; set; } = 1;

    [BindProperty]
    public IFormFile? Psbt { get; set; }

    public IEnumerable<SelectListItem> Holders => Enumerable.Range(1, _world!.Signers.Count).Select(holder => new SelectListItem(texts["Wallet.Holder", holder], $"{holder}"));

    public IActionResult OnGet() => _world is null ? NotFound() : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (_world is null) return NotFound();
        if (Holder < 1 || Holder > _world.Signers.Count) return BadRequest();
        if (Psbt is null)
        {
            ModelState.AddModelError(nameof(Psbt), texts["Wallet.None"]);
            return Page();
        }

        using var file = new MemoryStream();
        await Psbt.CopyToAsync(file, cancellation);
        if (DemoWallet.Sign(_world.Signers[Holder - 1], file.ToArray()) is { } signed)
            return File(signed, "application/octet-stream", $"{Path.GetFileNameWithoutExtension(Psbt.FileName)}-signed-{Holder}.psbt");
        ModelState.AddModelError(nameof(Psbt), texts["Wallet.Refused"]);
        return Page();
    }
}
