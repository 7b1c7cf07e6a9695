using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.My;

/// <summary>Where an operator is paid: the address that counts, the one that waits, and those before.</summary>
public sealed class PayoutModel(
    MoneyDb db, PayoutAddressChange change, Sessions sessions, SecondFactor secondFactor, Policy policy, IOptions<BitcoinOptions> bitcoin, TimeProvider time,
    IStringLocalizer<GrantsTexts> texts) : PageModel
{
    public PayoutAddress? Effective { get; private set; }

    public PayoutAddress? Waiting { get; private set; }

    public IReadOnlyList<PayoutAddress> Earlier { get; private set; } = [];

    /// <summary>Whether the address that counts was paid before: a fresh one would tie less together.</summary>
    public bool WasPaid { get; private set; }

    public bool NeedsCode { get; private set; }

    public string Network => bitcoin.Value.Network;

    /// <summary>How long a changed address waits; null where it does not.</summary>
    public string? CoolingOff => policy.AddressCoolingOffSeconds == 0 ? null : texts.Count("Hours", (policy.AddressCoolingOffSeconds + 3599) / 3600).Value;

    [BindProperty]
    public string? Address { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    /// <summary>What counted and what waited when the page was made.</summary>
    [BindProperty]
    public string? Seen { get; set; }

    /// <summary>What counts and what waits now.</summary>
    public string Mark => $"{Effective?.Id:N}{Waiting?.Id:N}{(Waiting ?? Effective)?.SetAt.UtcTicks}";

    /// <summary>What was entered and what is stored, where another session saved meanwhile.</summary>
    public BothVersions? Both { get; private set; }

    public Task OnGetAsync(CancellationToken cancellation) => ShowAsync(cancellation);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        await ShowAsync(cancellation);
        // Perhaps it was a thief of another session: the owner sees the other address before anything is done about it.
        if ((Seen ?? "") != Mark && (Waiting ?? Effective)?.Address != Address?.Trim())
        {
            Both = new BothVersions([new(texts["Payout.Address"], Address, (Waiting ?? Effective)?.Address)]);
            Response.StatusCode = StatusCodes.Status409Conflict;
            return Page();
        }

        var account = await sessions.CurrentAsync(cancellation);
        if (account.TwoFactorEnabled && !await secondFactor.VerifyFreshAsync(account, Code, cancellation)) ModelState.AddModelError(nameof(Code), texts["Payout.Code.Wrong"]);
        else if (Mistake(await change.SetAsync(account.Id, Address, cancellation)) is { } mistake) ModelState.AddModelError(nameof(Address), mistake);
        else return RedirectToPage();
        await ShowAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostTakeBackAsync(CancellationToken cancellation)
    {
        if (await change.TakeBackAsync(User.AccountId(), cancellation)) this.Notify(texts["Payout.TakenBack"]);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation)
    {
        if (await change.ConfirmAsync(User.AccountId(), cancellation)) this.Notify(texts["Payout.Confirmed"]);
        return RedirectToPage();
    }

    private string? Mistake(PayoutAddressResult result)
    {
        switch (result)
        {
            case PayoutAddressResult.Set:
                this.Notify(texts["Payout.Saved"]);
                return null;
            case PayoutAddressResult.Unchanged:
                this.Notify(texts["Payout.Unchanged"]);
                return null;
            case PayoutAddressResult.Unreadable(var reading):
                return Say(reading);
            case PayoutAddressResult.OfTreasury:
                return texts["Payout.OfTreasury"];
            default:
                return texts["Payout.CannotBeUsed"];
        }
    }

    private string Say(AddressReading reading) => reading switch
    {
        AddressReading.BadCharacter(var at) => texts["Address.BadCharacter", at],
        AddressReading.MixedCase(var at) => texts["Address.MixedCase", at],
        AddressReading.BadChecksum({ } first, { } second) => texts["Address.BadChecksum.Two", first, second],
        AddressReading.BadChecksum({ } at, null) => texts["Address.BadChecksum.One", at],
        AddressReading.WrongNetwork(var found) => texts["Address.WrongNetwork", found, Network],
        _ => texts[$"Address.{reading.GetType().Name}"],
    };

    private async Task ShowAsync(CancellationToken cancellation)
    {
        var me = await sessions.CurrentAsync(cancellation);
        NeedsCode = me.TwoFactorEnabled;
        var now = time.GetUtcNow();
        var rows = await db.Set<PayoutAddress>().AsNoTracking().Where(a => a.AccountId == me.Id).OrderByDescending(a => a.SetAt).ToListAsync(cancellation);
        Effective = PayoutAddress.EffectiveAmong(rows, now);
        Waiting = rows.Find(a => a.WithdrawnAt is null && a.EffectiveAt > now);
        Earlier = rows.FindAll(a => a != Effective && a != Waiting);
        WasPaid = Effective is { Address: var address } && await db.Set<Grant>().AnyAsync(g => g.Address == address && g.Paid != Sats.Zero, cancellation);
    }
}
