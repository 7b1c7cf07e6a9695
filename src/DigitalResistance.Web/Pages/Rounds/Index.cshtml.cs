using DigitalResistance.Accounts;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Rounds;

/// <summary>Every round that was ever announced.</summary>
[AllowAnonymous]
public sealed class IndexModel(PublicRounds rounds, Site site) : PageModel
{
    public IReadOnlyList<PublicRound> Rounds { get; private set; } = [];

    /// <summary>Whether there is none because the installation is still being set up.</summary>
    public bool IsSiteClosed { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Rounds = await rounds.ListAsync(cancellation);
        IsSiteClosed = Rounds.Count == 0 && await site.OpenedAtAsync(cancellation) is null;
    }
}
