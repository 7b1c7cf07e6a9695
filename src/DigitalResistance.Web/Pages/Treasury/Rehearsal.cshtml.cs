using DigitalResistance.Accounts;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>A small coin of the treasury is sent back to it, by the way of every payment, until the keys have shown that they sign.</summary>
[Authorize(Policies.Staff), WaitsForNetwork]
public sealed class RehearsalModel(
    RehearsalQuery query, Rehearsals rehearsals, MoveBuilding building, MoveWithdrawal withdrawal, SigningRoom room, IOptions<BitcoinOptions> bitcoin,
    IStringLocalizer<RehearsalTexts> texts, IStringLocalizer<TreasuryTexts> treasury) : PageModel
{
    /// <summary>Within how many blocks the transaction should confirm.</summary>
    [BindProperty(SupportsGet = true)]
    public int Target { get; set; } = 6;

    /// <summary>The move that the page showed, and its version.</summary>
    [BindProperty]
    public int Number { get; set; }

    [BindProperty]
    public long Version { get; set; }

    public RehearsalView? View { get; private set; }

    public Sats Least { get; private set; }

    /// <summary>Whether no coin that is there is large enough for a rehearsal's fee.</summary>
    public bool NeedsMore { get; private set; }

    /// <summary>How deep a deposit must lie before it counts.</summary>
    public int Confirmations => bitcoin.Value.Confirmations;

    public BuildResult.MoveOutlook? Outlook { get; private set; }

    /// <summary>Why its transaction cannot be built now.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether its announcement waits to be published, as it does for a moment after it was prepared: nothing that is wrong.</summary>
    public bool IsToPublish { get; private set; }

    /// <summary>Its transaction, with who has signed.</summary>
    public SigningView? Signing { get; private set; }

    /// <summary>Whether signatures are missing.</summary>
    public bool IsToSign => Signing?.Batch.State is BatchState.Built or BatchState.Exported or BatchState.PartlySigned;

    public IEnumerable<SelectListItem> Targets => FeeTargets.Items(treasury, Target);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!FeeTargets.Has(Target)) return BadRequest();
        View = await query.FindAsync(cancellation);
        if (View is null) return Page();
        Least = await query.LeastDepositAsync(View.Treasury, cancellation);
        NeedsMore = View.HasCoin && View.Batch is null && !await query.BearsFeeAsync(View.Treasury, cancellation);
        if (View.Batch is { } batch) Signing = await room.FindAsync(batch.Id, cancellation);
        else if (View.Open is { } move && User.IsInRole(Roles.Treasurer))
        {
            var result = await building.LookAsync(move.Number, Target, cancellation);
            IsToPublish = result is BuildResult.NotPublishedYet;
            Outlook = result as BuildResult.MoveOutlook;
            Problem = Outlook is null ? treasury.Say(result) : Outlook.Problem is { } fee ? treasury.Say(fee) : null;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAddressAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Treasurer)) return Forbid();
        return Done(await rehearsals.GiveAddressAsync(cancellation) is RehearsalResult.Given ? texts["Given"] : treasury["Refused.NoTreasury"]);
    }

    public async Task<IActionResult> OnPostPrepareAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Treasurer)) return Forbid();
        var result = await rehearsals.PrepareAsync(User.AccountId(), cancellation);
        return Done(result is RehearsalResult.NoTreasury ? treasury["Refused.NoTreasury"] : texts[$"Result.{result.GetType().Name}"]);
    }

    public async Task<IActionResult> OnPostBuildAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Treasurer)) return Forbid();
        // Not any other move that somebody writes into the form: those are built on their own pages.
        if (!FeeTargets.Has(Target) || (await query.FindAsync(cancellation))?.Open?.Number != Number) return BadRequest();
        var result = await building.BuildAsync(Number, Target, User.AccountId(), cancellation);
        return Done(result is BuildResult.Built ? texts["Built"] : treasury.Say(result));
    }

    public async Task<IActionResult> OnPostWithdrawAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Treasurer)) return Forbid();
        if ((await query.FindAsync(cancellation))?.Open?.Number != Number) return Done(treasury["Refused.ChangedMeanwhile"]);
        return Done(await withdrawal.WithdrawAsync(Number, Version, cancellation) is MoveResult.Done ? texts["Withdrawn"] : treasury["Refused.ChangedMeanwhile"]);
    }

    /// <summary>What a built transaction waits for.</summary>
    public string Next(RehearsalView view, BatchState state) => state switch
    {
        BatchState.Signed or BatchState.Broadcast => texts["OnItsWay", Confirmations],
        BatchState.Confirmed => texts["Counted", bitcoin.Value.FinalConfirmations],
        _ => texts["Who", view.Treasury.Descriptor.Threshold, string.Join(", ", view.Next.Select(k => k.Fingerprint))],
    };

    private RedirectToPageResult Done(string text)
    {
        this.Notify(text);
        return RedirectToPage();
    }
}
