using DigitalResistance.Accounts;
using DigitalResistance.Messages;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Admin.Messages;

/// <summary>Who wrote, under a name that leads nowhere.</summary>
[Authorize(Policies.Admin)]
public sealed class IndexModel(MessageReading reading) : PageModel
{
    public IReadOnlyList<ConversationView> Conversations { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) => Conversations = await reading.AllAsync(cancellation);
}
