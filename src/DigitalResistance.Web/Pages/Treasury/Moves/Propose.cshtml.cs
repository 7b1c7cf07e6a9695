using DigitalResistance.Accounts;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury.Moves;

/// <summary>Proposes a move. New keys are shown as addresses first: nobody proposes a descriptor whose addresses were not compared.</summary>
[Authorize(Policies.Admin)]
[RequestSizeLimit(128 * 1024)]
public sealed class ProposeModel(MoveProposal proposal, TreasuryAdoption adoption, IStringLocalizer<MovesTexts> texts, IStringLocalizer<TreasuryTexts> treasury) : PageModel
{
    [FromRoute]
    public string Kind { get; set; } = "";

    [BindProperty]
    public MoveForm Input { get; set; } = new();

    /// <summary>SHA-256 of the descriptor whose addresses the page showed.</summary>
    [BindProperty]
    public string? Compared { get; set; }

    public MoveKind MoveKind { get; private set; }

    /// <summary>What the new descriptor would mean.</summary>
    public AdoptionResult.Sound? Sound { get; private set; }

    public IActionResult OnGet() => IsKnown() ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!IsKnown()) return NotFound();
        var bills = MoveKind == MoveKind.RunningCosts ? Input.ReadBills(ModelState, texts) : [];
        var batches = MoveKind == MoveKind.RunningCosts ? 1 : Input.ReadBatches(ModelState, texts);
        var fees = Input.ReadFees(ModelState, texts);
        if (MoveKind == MoveKind.Rotation && !HasCompared()) return Again(ModelState.IsValid ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
        if (!ModelState.IsValid) return Again(StatusCodes.Status422UnprocessableEntity);

        var me = User.AccountId();
        var result = MoveKind switch
        {
            MoveKind.Consolidation => await proposal.ConsolidateAsync(batches, fees, me, cancellation),
            MoveKind.RunningCosts => await proposal.PayCostsAsync(bills, fees, me, cancellation),
            _ => await proposal.RotateAsync(Input.Descriptor, batches, fees, me, cancellation),
        };
        if (result is MoveResult.Done(var number))
        {
            this.Notify(texts["Proposed"]);
            return RedirectToPage("Move", new { number });
        }

        var (field, mistake) = Say(result);
        ModelState.AddModelError(field, mistake);
        return Again(result is MoveResult.ChangedMeanwhile ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity);
    }

    private bool IsKnown()
    {
        foreach (var kind in Enum.GetValues<MoveKind>().Where(k => k != MoveKind.Rehearsal))
        {
            if (Words.Snake(kind) != Kind) continue;
            MoveKind = kind;
            return true;
        }

        return false;
    }

    private bool HasCompared()
    {
        var preview = adoption.Preview(Input.Descriptor);
        Sound = preview as AdoptionResult.Sound;
        if (Sound is not null) return Compared == Sound.Descriptor.Sha256;
        ModelState.AddModelError("Input.Descriptor", treasury.Mistake(preview));
        if (preview.MayHoldSecret(Input.Descriptor))
        {
            ModelState.SetModelValue("Input.Descriptor", "", "");
            Input.Descriptor = "";
        }

        return false;
    }

    private (string Field, string Mistake) Say(MoveResult result) => result switch
    {
        MoveResult.OutsideLimits { Limit: var limit, Highest: var highest } => ($"Input.{FieldOf(limit)}", texts[$"Outside.{limit}", highest]),
        MoveResult.CostRefused { Line: var line, Problem: var problem } => ("Input.Bills", texts[$"Cost.{problem}", line]),
        MoveResult.MonthLimit { Sum: var sum, Limit: var limit } => ("Input.Bills", treasury["Refused.MonthLimit", sum.Value, limit.Value]),
        MoveResult.DescriptorRefused { Reason: var reason } => ("Input.Descriptor", treasury.Mistake(reason)),
        MoveResult.DescriptorKnown => ("Input.Descriptor", texts["DescriptorKnown"]),
        MoveResult.NoTreasury => ("", treasury["Refused.NoTreasury"]),
        _ => ("", treasury["Refused.ChangedMeanwhile"]),
    };

    private static string FieldOf(MoveLimit limit) => limit switch
    {
        MoveLimit.Costs => nameof(MoveForm.Bills),
        MoveLimit.Batches => nameof(MoveForm.Batches),
        MoveLimit.Fee => nameof(MoveForm.MaxFee),
        _ => nameof(MoveForm.MaxFeeRate),
    };

    private PageResult Again(int status)
    {
        // The hidden field says what this answer shows, not what was sent.
        ModelState.Remove(nameof(Compared));
        var page = Page();
        page.StatusCode = status;
        return page;
    }
}
