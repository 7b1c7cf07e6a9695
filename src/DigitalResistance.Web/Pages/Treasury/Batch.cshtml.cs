using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Payouts;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>The signing room of one transaction: what it pays, who has signed, the PSBT out and the signatures in.</summary>
[Authorize(Policies.Treasurer)]
[RequestSizeLimit(Body), RequestFormLimits(MultipartBodyLengthLimit = Body, ValueLengthLimit = Body)]
public sealed class BatchModel(SigningRoom room, BatchExport export, SignatureIntake intake, ChainReach reach, IStringLocalizer<TreasuryTexts> texts) : PageModel
{
    /// <summary>Base64 of 4 MiB, and room for the form around it.</summary>
    private const int Body = 6 * 1024 * 1024;

    [FromRoute]
    public Guid Id { get; set; }

    [BindProperty]
    public IFormFile? Upload { get; set; }

    [BindProperty]
    public string? Pasted { get; set; }

    public SigningView View { get; private set; } = null!;

    /// <summary>Complete, and the node that would hand it to the network is away.</summary>
    public bool WaitsForChain { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!await LoadAsync(cancellation)) return NotFound();
        WaitsForChain = View.Batch.State is BatchState.Signed or BatchState.Broadcast && !await reach.AnswersAsync(cancellation);
        return Page();
    }

    public Task<IActionResult> OnPostDownloadAsync(CancellationToken cancellation) =>
        ExportAsync(ready => File(ready.Psbt, "application/octet-stream", ready.FileName), cancellation);

    public Task<IActionResult> OnPostBase64Async(CancellationToken cancellation) =>
        ExportAsync(ready => File(Encoding.ASCII.GetBytes(Convert.ToBase64String(ready.Psbt)), "text/plain", ready.FileName + ".txt"), cancellation);

    public async Task<IActionResult> OnPostUploadAsync(CancellationToken cancellation)
    {
        var result = await intake.TakeAsync(Id, await ReadAsync(cancellation), User.AccountId(), cancellation);
        if (result is IntakeResult.NotFound) return NotFound();
        if (result is IntakeResult.Accepted { Refused.Count: 0 } or IntakeResult.NothingNew or IntakeResult.AlreadyComplete)
        {
            this.Notify(Say(result));
            return RedirectToPage(new { id = Id });
        }

        await LoadAsync(cancellation);
        // A wallet of the same seed with another path, or of another seed, signs nothing, or with keys that are nobody's here.
        var expected = result is IntakeResult.Unsigned or IntakeResult.AllRefused or IntakeResult.Accepted ? $" {texts["Intake.Expected", View.Expected]}" : "";
        ModelState.AddModelError(nameof(Pasted), Say(result) + expected);
        // A rejected upload of megabytes is not sent back.
        ModelState.SetModelValue(nameof(Pasted), "", "");
        Pasted = "";
        return Page();
    }

    private async Task<IActionResult> ExportAsync(Func<ExportResult.Ready, IActionResult> give, CancellationToken cancellation)
    {
        switch (await export.DownloadAsync(Id, cancellation))
        {
            case ExportResult.Ready ready:
                return give(ready);
            case ExportResult.NotFound:
                return NotFound();
            case var refused:
                this.Notify(texts[$"Export.{refused.GetType().Name}"]);
                return RedirectToPage(new { id = Id });
        }
    }

    private async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        if (Upload is null) return Encoding.UTF8.GetBytes(Pasted ?? "");
        using var memory = new MemoryStream();
        await Upload.CopyToAsync(memory, cancellation);
        return memory.ToArray();
    }

    private string Say(IntakeResult result) => result switch
    {
        IntakeResult.Accepted { Refused: { Count: > 0 } refused } accepted => texts["Intake.Mixed", string.Join(", ", accepted.Signers), Reasons(refused)],
        IntakeResult.Accepted { IsComplete: true } => texts["Intake.Complete"],
        IntakeResult.Accepted accepted => texts["Intake.Accepted", string.Join(", ", accepted.Signers)],
        IntakeResult.AllRefused { Refused: var refused } => texts["Intake.AllRefused", Reasons(refused)],
        IntakeResult.Unreadable { Problem: var problem } => texts[$"Upload.Problem.{problem}"],
        IntakeResult.OtherBatch other => texts["Intake.OtherBatch", texts.Say(other.Order), other.Number],
        IntakeResult.FeeRefused { Problem: var fee } => texts.Say(fee),
        IntakeResult.NothingNew => texts["Intake.NothingNew"],
        IntakeResult.Unsigned => texts["Intake.Unsigned"],
        IntakeResult.NotOurs => texts["Intake.NotOurs"],
        IntakeResult.Superseded => texts["Intake.Superseded"],
        IntakeResult.AlreadyComplete => texts["Intake.AlreadyComplete"],
        _ => texts["Intake.NotSigning"],
    };

    private string Reasons(IEnumerable<RefusedSignature> refused) =>
        string.Join(" ", refused.Select(r => $"{r.Fingerprint ?? "?"}: {texts[$"Signature.{r.Problem}"].Value}"));

    private async Task<bool> LoadAsync(CancellationToken cancellation)
    {
        if (await room.FindAsync(Id, cancellation) is not { } view) return false;
        View = view;
        return true;
    }
}
