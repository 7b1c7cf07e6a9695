using System.Globalization;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Rounds;

/// <summary>One round: three plain sentences, then the rule, the arithmetic, the approvals, every row and every file.</summary>
[AllowAnonymous]
public sealed class RoundModel(PublicRounds rounds) : PageModel
{
    private const int RowsAPage = 200;

    public PublicRound Round { get; private set; } = null!;

    public ApprovalTally? Tally { get; private set; }

    public IReadOnlyList<PublicApproval> Approvals { get; private set; } = [];

    /// <summary>How the payments are spread; null before there are any.</summary>
    public Distribution? Distribution { get; private set; }

    public IReadOnlyList<LedgerLine> Transactions { get; private set; } = [];

    /// <summary>Who is held or excluded.</summary>
    public IReadOnlyList<DecidedRow> Decided { get; private set; } = [];

    public IReadOnlyList<PublicRow> Rows { get; private set; } = [];

    /// <summary>The token after which the rows of this page come; null on the first page.</summary>
    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    /// <summary>Cursor of the next page; null on the last.</summary>
    public string? Next { get; private set; }

    public Sats Cap => new((long)((Int128)Round.Terms.Budget.Value * Round.Terms.CapPpm / 1_000_000));

    /// <summary>The cap in percent with as many digits as it needs, as <c>2.5</c>.</summary>
    public string CapPercent => (Round.Terms.CapPpm / 10_000m).ToString("0.####", CultureInfo.CurrentCulture);

    public async Task<IActionResult> OnGetAsync(int number, CancellationToken cancellation)
    {
        if (await rounds.FindAsync(number, cancellation) is not { } round) return NotFound();
        Round = round;
        Tally = await rounds.TallyAsync(round, cancellation);
        Approvals = await rounds.ApprovalsAsync(round, cancellation);
        if (round.ScoresSha256 is null) return Page();
        if (round.Sums is not null) Distribution = await rounds.DistributionAsync(round, cancellation);
        Transactions = await rounds.TransactionsAsync(round, cancellation);
        Decided = await rounds.DecidedAsync(round, cancellation);
        var rows = await rounds.RowsAsync(round, After, RowsAPage + 1, cancellation);
        Rows = [.. rows.Take(RowsAPage)];
        Next = rows.Count > RowsAPage ? Rows[^1].Token : null;
        return Page();
    }
}
