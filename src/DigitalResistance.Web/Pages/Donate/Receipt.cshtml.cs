using DigitalResistance.Treasury;
using DigitalResistance.Web.Html;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Donate;

/// <summary>A donor's receipt: whoever holds the link sees the address and what came to it.</summary>
[AllowAnonymous]
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
public sealed class ReceiptModel(DonationReceipts receipts, IOptions<BitcoinOptions> bitcoin) : PageModel
{
    [FromRoute]
    public string Token { get; set; } = "";

    /// <summary>The network, as the ledger and the outsider's command name it.</summary>
    public string Network => bitcoin.Value.Network;

    public DonationReceipt Receipt { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) => await FindAsync(cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnGetQrAsync(CancellationToken cancellation) =>
        await FindAsync(cancellation) ? File(QrPng.Make(Receipt.QrText), "image/png") : NotFound();

    private async Task<bool> FindAsync(CancellationToken cancellation)
    {
        if (await receipts.FindAsync(Token, cancellation) is not { } receipt) return false;
        Receipt = receipt;
        return true;
    }
}
