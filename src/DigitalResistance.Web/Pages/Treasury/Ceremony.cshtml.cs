using System.Globalization;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>
/// Key holders make the treasury together: each brings one public key, all compare the addresses, each confirms. What is private is refused and never sent back.
/// </summary>
[Authorize(Policies.Treasurer), WaitsForNetwork]
[RequestSizeLimit(Body), RequestFormLimits(ValueLengthLimit = Body)]
public sealed class CeremonyModel(
    MoneyDb db, CeremonyOpening opening, CeremonyKeys keys, CeremonyConfirmation confirmation, TreasuryAdoption adoption, TreasuryWallet wallet,
    Sessions sessions, SecondFactor secondFactor, IStringLocalizer<CeremonyTexts> texts, IStringLocalizer<TreasuryTexts> treasury, IStringLocalizer<DeviceTexts> devices) : PageModel
{
    /// <summary>A wallet's file with its history, as a form sends it.</summary>
    private const int Body = 2 * 1024 * 1024;

    [BindProperty]
    public string? Threshold { get; set; } = "2";

    [BindProperty]
    public string? Size { get; set; } = "3";

    [BindProperty]
    public TreasuryScript Script { get; set; } = TreasuryScript.SortedMultisig;

    [BindProperty]
    public int? StartHeight { get; set; }

    /// <summary>A descriptor that a wallet put together.</summary>
    [BindProperty]
    public string? Whole { get; set; }

    /// <summary>The ceremony that the page showed.</summary>
    [BindProperty]
    public int Id { get; set; }

    [BindProperty]
    public string? Key { get; set; }

    [BindProperty]
    public string? Fingerprint { get; set; }

    [BindProperty]
    public string? Path { get; set; }

    [BindProperty]
    public SigningDevice? Device { get; set; }

    /// <summary>Hash of the descriptor that the page showed.</summary>
    [BindProperty]
    public string? Compared { get; set; }

    /// <summary>Fingerprint of the key that a holder of a whole descriptor says is theirs.</summary>
    [BindProperty]
    public string? Mine { get; set; }

    [BindProperty]
    public string? ConfirmCode { get; set; }

    [BindProperty]
    public string? Out { get; set; }

    [BindProperty]
    public string? OutCode { get; set; }

    [BindProperty]
    public string? EndCode { get; set; }

    /// <summary>The one that goes on; null where none does.</summary>
    public Ceremony? Live { get; private set; }

    public IReadOnlyList<CeremonyKey> Keys { get; private set; } = [];

    public CeremonyKey? Own => Keys.FirstOrDefault(k => k.HolderId == User.AccountId());

    /// <summary>What the keys make, once all are there.</summary>
    public AdoptionResult.Sound? Sound { get; private set; }

    public bool IsAdopted { get; private set; }

    public BothVersions? Both { get; private set; }

    public IEnumerable<SelectListItem> Scripts => new[] { TreasuryScript.SortedMultisig, TreasuryScript.WitnessKey, TreasuryScript.Taproot }.Select(s => new SelectListItem(texts[$"Script.{s}"], s.ToString()));

    public IEnumerable<SelectListItem> Devices => Enum.GetValues<SigningDevice>().Select(d => new SelectListItem(devices[$"Device.{d}"], d.ToString())).Prepend(new SelectListItem(devices["Device.Unknown"], ""));

    /// <summary>Nobody confirms another's key because it stands first.</summary>
    public IEnumerable<SelectListItem> Unclaimed => Keys.Where(k => k.HolderId is null).Select(Item).Prepend(new SelectListItem("–", ""));

    public IEnumerable<SelectListItem> Given => Keys.Select(Item);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) => await ShowAsync(StatusCodes.Status200OK, cancellation);

    public async Task<IActionResult> OnPostBeginAsync(CancellationToken cancellation)
    {
        var result = Number(Threshold) is { } threshold && Number(Size) is { } size && Enum.IsDefined(Script)
            ? await opening.BeginAsync(Script, threshold, size, StartHeight, User.AccountId(), cancellation) : new CeremonyResult.Terms();
        return await AnswerAsync(result, nameof(Threshold), "Begun", cancellation);
    }

    public async Task<IActionResult> OnPostWholeAsync(CancellationToken cancellation) =>
        await AnswerAsync(await opening.BeginWithAsync(Whole, StartHeight, User.AccountId(), cancellation), nameof(Whole), "Begun", cancellation);

    public async Task<IActionResult> OnPostGiveAsync(CancellationToken cancellation)
    {
        if (Device is { } device && !Enum.IsDefined(device)) return BadRequest();
        return await AnswerAsync(await keys.GiveAsync(Id, Key, Fingerprint, Path, Device, User.AccountId(), cancellation), nameof(Key), "Given", cancellation);
    }

    public async Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation) => await HasCodeAsync(ConfirmCode, nameof(ConfirmCode), cancellation)
        ? await AnswerAsync(await confirmation.ConfirmAsync(Id, Compared ?? "", Mine, User.AccountId(), cancellation), nameof(ConfirmCode), "Confirmed", cancellation)
        : await ShowAsync(StatusCodes.Status422UnprocessableEntity, cancellation);

    public async Task<IActionResult> OnPostOutAsync(CancellationToken cancellation) => await HasCodeAsync(OutCode, nameof(OutCode), cancellation)
        ? await AnswerAsync(await keys.TakeOutAsync(Id, Out ?? "", cancellation), nameof(OutCode), "TakenOut", cancellation)
        : await ShowAsync(StatusCodes.Status422UnprocessableEntity, cancellation);

    public async Task<IActionResult> OnPostEndAsync(CancellationToken cancellation) => await HasCodeAsync(EndCode, nameof(EndCode), cancellation)
        ? await AnswerAsync(await opening.GiveUpAsync(Id, cancellation), nameof(EndCode), "GivenUp", cancellation)
        : await ShowAsync(StatusCodes.Status422UnprocessableEntity, cancellation);

    private static int? Number(string? text) => int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task<bool> HasCodeAsync(string? code, string field, CancellationToken cancellation)
    {
        if (await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), code, cancellation)) return true;
        ModelState.AddModelError(field, texts["Code.Wrong"]);
        return false;
    }

    private async Task<IActionResult> AnswerAsync(CeremonyResult result, string field, string done, CancellationToken cancellation)
    {
        var isWhole = field == nameof(Whole);
        switch (result)
        {
            case CeremonyResult.Done:
                return Again(texts[$"Done.{done}"]);
            case CeremonyResult.Counted(var have, var needed):
                return Again(texts["Counted", have, needed]);
            case CeremonyResult.Adopted:
                return Again(texts["Adopted"]);
            case CeremonyResult.AlreadyBegun(var live):
                Both = new BothVersions(
                [
                    new(texts["Threshold"], isWhole ? null : Threshold, $"{live.Threshold}"), new(texts["Size"], isWhole ? null : Size, $"{live.Size}"),
                    new(texts["Script"], isWhole ? Whole : texts[$"Script.{Script}"], texts[$"Script.{live.Script}"]),
                ], IsOpen: false);
                return await ShowAsync(StatusCodes.Status409Conflict, cancellation);
            case CeremonyResult.AlreadyGave(var own, var second):
                Both = new BothVersions([new(texts["Key"], second, own.Key)], IsOpen: false);
                ModelState.AddModelError(field, texts["AlreadyGave", own.Fingerprint]);
                return await ShowAsync(StatusCodes.Status409Conflict, cancellation);
            case CeremonyResult.OtherDescriptor(var now):
                Both = new BothVersions([new(texts["Hash"], Compared, now.Sha256)], IsOpen: false);
                return await ShowAsync(StatusCodes.Status409Conflict, cancellation);
            default:
                ModelState.AddModelError(field, Say(result));
                // What was not read may be anything.
                if (result is not CeremonyResult.Faulty(var fault) || fault.MayHoldSecret(Key) || fault.MayHoldSecret(Whole)) Forget();
                return await ShowAsync(result is CeremonyResult.NotLive ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity, cancellation);
        }
    }

    private string Say(CeremonyResult result) => result switch
    {
        CeremonyResult.Faulty(var fault) => treasury.Mistake(new AdoptionResult.Faulty(fault)),
        CeremonyResult.SingleKey => treasury["Fault.SingleKey"],
        CeremonyResult.AlreadyAdopted => treasury["Fault.AlreadyAdopted"],
        CeremonyResult.ChainAway => treasury["Fault.ChainAway"],
        CeremonyResult.SameKey(var fingerprint) => texts["SameKey", fingerprint],
        CeremonyResult.SameDevice(var fingerprint) => texts["SameDevice", fingerprint],
        _ => texts[$"Refused.{result.GetType().Name}"],
    };

    // Wherever in the form it was.
    private void Forget()
    {
        foreach (var field in new[] { nameof(Key), nameof(Fingerprint), nameof(Path), nameof(Whole) }) ModelState.SetModelValue(field, "", "");
        (Key, Fingerprint, Path, Whole) = ("", "", "", "");
    }

    private RedirectToPageResult Again(string text)
    {
        this.Notify(text);
        return RedirectToPage();
    }

    /// <summary>As it is now, whatever the act found.</summary>
    private async Task<IActionResult> ShowAsync(int status, CancellationToken cancellation)
    {
        IsAdopted = await wallet.FindAsync(cancellation) is not null;
        Live = IsAdopted ? null : await db.Set<Ceremony>().AsNoTracking().SingleOrDefaultAsync(c => c.IsLive, cancellation);
        if (Live is not null) Keys = await db.Set<CeremonyKey>().AsNoTracking().Where(k => k.CeremonyId == Live.Id).OrderBy(k => k.Position).ToListAsync(cancellation);
        Sound = Live?.Compose(Keys, wallet.Network) is { } descriptor ? adoption.Preview(descriptor.Text) as AdoptionResult.Sound : null;
        // A code is used up.
        foreach (var field in new[] { nameof(ConfirmCode), nameof(OutCode), nameof(EndCode) }) ModelState.SetModelValue(field, "", "");
        var page = Page();
        page.StatusCode = status;
        return page;
    }

    private static SelectListItem Item(CeremonyKey key) => new($"{key.Fingerprint} · m/{key.Path}", key.Fingerprint);
}
