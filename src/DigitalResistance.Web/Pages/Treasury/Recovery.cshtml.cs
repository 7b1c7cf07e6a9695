using System.Globalization;
using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>The way back after a restore: every step with what to do about it, and the form that takes kept copies of payments.</summary>
[Authorize(Policies.Staff)]
[RequestSizeLimit(Body), RequestFormLimits(MultipartBodyLengthLimit = Body, ValueLengthLimit = Body)]
public sealed class RecoveryModel(PaymentRecovery recovery, PaymentImport import, LedgerState ledger, IStringLocalizer<RecoveryTexts> texts, IStringLocalizer<TreasuryTexts> treasury) : PageModel
{
    /// <summary>Base64 of 4 MiB, and room for the form around it.</summary>
    private const int Body = 6 * 1024 * 1024;

    [BindProperty]
    public IReadOnlyList<IFormFile> Upload { get; set; } = [];

    [BindProperty]
    public string? Pasted { get; set; }

    public RecoveryView? View { get; private set; }

    /// <summary>Why the log does not go on; null where it does.</summary>
    public string? Refusal => ledger.Refusal?.Found;

    public IEnumerable<RecoveryPayment> Missing => View!.Payments.Where(p => p.Standing is not (RecoveryStanding.Imported or RecoveryStanding.Impossible));

    /// <summary>The steps in their order.</summary>
    public IEnumerable<Step> Steps
    {
        get
        {
            var view = View!;
            yield return new Step(texts["Step.Readmitted"], Refusal is null, Refusal is not null ? texts["Step.Readmitted.Open", Refusal] : view.To == 0 ? "" : texts["Step.Readmitted.Done", view.From, view.To - 1]);
            yield return new Step(
                texts["Step.Chain"], view.IsChainRead, texts["Step.Chain.Height", Height(view.Height), Height(view.Tip)] + (view.IsChainRead ? "" : " " + texts["Step.Chain.Open"]));
            yield return new Step(
                texts["Step.Rounds"], view.MissingRounds.Count == 0, view.MissingRounds.Count == 0 ? texts["Step.Rounds.Done"] : texts["Step.Rounds.Open", string.Join(", ", view.MissingRounds.Select(treasury.Say))]);
            yield return new Step(
                texts["Step.Payments"], view.Settled == view.Payments.Count,
                texts["Step.Payments.Count", view.Settled, view.Payments.Count] + (view.Settled == view.Payments.Count ? "" : " " + texts["Step.Payments.Open"]));
            yield return new Step(texts["Step.Facts"], view.Waiting == 0, view.Waiting == 0 ? texts["Step.Facts.Done"] : texts["Step.Facts.Open", view.Waiting]);
        }
    }

    public async Task OnGetAsync(CancellationToken cancellation) => View = await recovery.LookAsync(cancellation);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var result = await import.TakeAsync(await ReadAsync(cancellation), cancellation);
        if (result is ImportResult.Imported or ImportResult.OrderBack or ImportResult.Known)
        {
            this.Notify(Say(result));
            return RedirectToPage();
        }

        ModelState.AddModelError(nameof(Pasted), Say(result));
        // A rejected upload of megabytes is not sent back.
        ModelState.SetModelValue(nameof(Pasted), "", "");
        Pasted = "";
        View = await recovery.LookAsync(cancellation);
        return Page();
    }

    private async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        if (Upload.Count == 0) return Encoding.UTF8.GetBytes(Pasted ?? "");
        using var memory = new MemoryStream();
        foreach (var file in Upload)
        {
            // Several files are texts, one after the other.
            if (memory.Length > 0) memory.WriteByte((byte)'\n');
            await file.CopyToAsync(memory, cancellation);
        }

        return memory.ToArray();
    }

    private string Say(ImportResult result) => result switch
    {
        ImportResult.Imported(_, var order, var batch) => texts["Result.Imported", treasury.Say(order), batch],
        ImportResult.OrderBack(var order) => texts["Result.OrderBack", treasury.Say(order)],
        ImportResult.NotTold => texts["Result.NotTold"],
        ImportResult.Known => texts["Result.Known"],
        ImportResult.Unreadable(var problem) => texts[$"Result.Unreadable.{problem}"],
        ImportResult.NotAnnounced(var txid) => texts["Result.NotAnnounced", txid],
        ImportResult.RoundMissing(var order) => texts["Result.RoundMissing", treasury.Say(order)],
        ImportResult.CoinsMissing(var seen, var all) => texts["Result.CoinsMissing", seen, all],
        ImportResult.NotAsApproved(var order) => texts["Result.NotAsApproved", treasury.Say(order)],
        _ => texts["Result.ChangedMeanwhile"],
    };

    private static string Height(int? height) => height?.ToString(CultureInfo.InvariantCulture) ?? "–";

    /// <summary>A step of the way back.</summary>
    public sealed record Step(string Title, bool IsDone, string Text);
}
