using System.Globalization;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Ledger;

/// <summary>The table of the log's entries, with the running balance. Its filter is the query that exports and feed obey too.</summary>
[AllowAnonymous, OutputCache(PolicyName = PublicCache.Policy)]
public sealed class IndexModel(MoneyDb db, LedgerStanding standing, PublicRounds rounds) : PageModel
{
    private const int Rows = 100;

    public LedgerQuery Query { get; private set; } = new();

    public IReadOnlyList<string> Wrong { get; private set; } = [];

    public IReadOnlyList<LedgerLine> Lines { get; private set; } = [];

    /// <summary>What a bitcoin was worth to readers in the rounds of these lines.</summary>
    public IReadOnlyDictionary<int, DisplayRate> Rates { get; private set; } = new Dictionary<int, DisplayRate>();

    public LedgerHead? Head { get; private set; }

    public bool IsFirstPage { get; private set; }

    /// <summary>Cursor of the next page; null on the last.</summary>
    public long? Older { get; private set; }

    /// <summary>Whether nothing new is signed.</summary>
    public bool IsRefused { get; private set; }

    public Sats Sum => Sats.Sum(Lines.Select(l => l.Change));

    public DisplayRate? RateOf(LedgerLine line) => line.Round is { } round ? Rates.GetValueOrDefault(round) : null;

    public string Given(string name) => Request.Query[name].ToString();

    public string LinkTo(string path, long? after = null) =>
        path + QueryString.Create(after is { } cursor ? [.. Parameters, new("after", $"{cursor}")] : Parameters);

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Query = LedgerQuery.Read(name => Request.Query[name], out var wrong, Request.Query.Keys.Where(name => name != "after"));
        IsFirstPage = !Request.Query.ContainsKey("after");
        var after = long.MaxValue;
        if (!IsFirstPage && !long.TryParse(Request.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out after)) wrong = [.. wrong, "after"];
        Wrong = wrong;
        Head = await db.Set<LedgerHead>().AsNoTracking().SingleOrDefaultAsync(cancellation);
        IsRefused = await standing.IsStoppedAsync(cancellation);
        if (wrong.Count > 0)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var lines = await (await Query.LinesAsync(db, after, cancellation)).Take(Rows + 1).ToListAsync(cancellation);
        Lines = [.. lines.Take(Rows)];
        Rates = await rounds.RatesAsync(Lines.Where(l => l.Amount is not null).Select(l => l.Round).OfType<int>(), cancellation);
        Older = lines.Count > Rows ? Lines[^1].Index : null;
    }

    private KeyValuePair<string, string?>[] Parameters => [.. Query.Parameters().Select(p => new KeyValuePair<string, string?>(p.Key, p.Value))];
}
