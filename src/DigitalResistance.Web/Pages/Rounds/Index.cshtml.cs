using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Rounds;

/// <summary>Every round that was ever announced.</summary>
[AllowAnonymous]
public sealed class IndexModel(PublicRounds rounds) : PageModel
{
    public IReadOnlyList<PublicRound> Rounds { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) => Rounds = await rounds.ListAsync(cancellation);
}
