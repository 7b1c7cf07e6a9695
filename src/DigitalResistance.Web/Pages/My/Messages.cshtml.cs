using DigitalResistance.Accounts;
using DigitalResistance.Messages;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.My;

/// <summary>What an account wrote to the admins, and they to it.</summary>
public sealed class MessagesModel(MessageReading reading, MessageWriting writing, TimeProvider time, IStringLocalizer<MessageTexts> texts) : PageModel
{
    public IReadOnlyList<MessageView> Messages { get; private set; } = [];

    [BindProperty]
    public string? Text { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation) => Messages = await reading.OfAsync(User.AccountId(), cancellation);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (MessageMistake.Of(await writing.WriteAsync(User.AccountId(), Text, cancellation), time.GetUtcNow(), texts) is not { } mistake)
        {
            this.Notify(texts["Sent"]);
            return RedirectToPage();
        }

        ModelState.AddModelError(nameof(Text), mistake);
        await OnGetAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostDeleteAsync(CancellationToken cancellation)
    {
        await writing.DeleteAsync(User.AccountId(), cancellation);
        this.Notify(texts["My.Deleted"]);
        return RedirectToPage();
    }
}
