using DigitalResistance.Accounts;
using DigitalResistance.Messages;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.My;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Messages;

/// <summary>One conversation, and the admins' answer.</summary>
[Authorize(Policies.Admin)]
public sealed class ConversationModel(MessageReading reading, MessageWriting writing, TimeProvider time, IStringLocalizer<MessageTexts> texts) : PageModel
{
    public IReadOnlyList<MessageView> Messages { get; private set; } = [];

    [BindProperty(SupportsGet = true)]
    public string Tag { get; set; } = "";

    [BindProperty]
    public string? Text { get; set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (await reading.FindAsync(Tag, cancellation) is not { } account) return NotFound();
        Messages = await reading.OfAsync(account, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (await reading.FindAsync(Tag, cancellation) is not { } account) return NotFound();
        if (MessageMistake.Of(await writing.AnswerAsync(User.AccountId(), account, Text, cancellation), time.GetUtcNow(), texts) is not { } mistake)
        {
            this.Notify(texts["Sent"]);
            return RedirectToPage(new { Tag });
        }

        ModelState.AddModelError(nameof(Text), mistake);
        return await OnGetAsync(cancellation);
    }
}
