using DigitalResistance.Rounds;
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
public sealed class ReceiptModel(DonationReceipts receipts, PublicRounds rounds, IOptions<BitcoinOptions> bitcoin) : PageModel
{
    [FromRoute]
    public string Token { get; set; } = "";

    /// <summary>The network, as the ledger and the outsider's command name it.</summary>
    public string Network => bitcoin.Value.LedgerNetwork;

    /// <summary>What a bitcoin was worth to readers in the rounds that this money went to.</summary>
    public IReadOnlyDictionary<int, DisplayRate> Rates { get; private set; } = new Dictionary<int, DisplayRate>();

    public DonationReceipt Receipt { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!await FindAsync(cancellation)) return NotFound();
        Rates = await rounds.RatesAsync(Receipt.Payments.Select(p => p.SpentFor).OfType<int>(), cancellation);
        return Page();
    }

    public async Task<IActionResult> OnGetQrAsync(CancellationToken cancellation) =>
        await FindAsync(cancellation) ? File(QrPng.Make(Receipt.QrText), "image/png") : NotFound();

    private async Task<bool> FindAsync(CancellationToken cancellation)
    {
        if (await receipts.FindAsync(Token, cancellation) is not { } receipt) return false;
        Receipt = receipt;
        return true;
    }
}
