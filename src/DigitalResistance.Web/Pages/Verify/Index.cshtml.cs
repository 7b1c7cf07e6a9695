using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using DigitalResistance.Web.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Verify;

/// <summary>How to check the log without trusting us: commands with this site's own address and key in them.</summary>
[AllowAnonymous]
public sealed class IndexModel(MoneyDb db, LedgerState state, IOptions<SiteOptions> site) : PageModel
{
    private static readonly string[] KeyTypes = ["log.created", "log.key_added", "log.key_revoked"];

    public LedgerHead? Head { get; private set; }

    public LedgerCheckpoint? Newest { get; private set; }

    public IReadOnlyList<KeyEvent> Keys { get; private set; } = [];

    public bool IsRefused => state.Refusal is not null;

    public string Site => site.Value.PublicOrigin;

    public string VerifierKey => Head!.VerifierKey;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Head = await db.Set<LedgerHead>().AsNoTracking().SingleOrDefaultAsync(cancellation);
        Newest = await db.Set<LedgerCheckpoint>().AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefaultAsync(cancellation);
        var entries = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index != null && KeyTypes.Contains(e.Type)).OrderBy(e => e.Index).ToListAsync(cancellation);
        Keys = [.. entries.Where(e => e.Index < Newest?.Size).Select(e => new KeyEvent(e.Index!.Value, e.Type == "log.key_revoked", CanonicalObject.Parse(e.Bytes).Text("key")))];
    }

    /// <summary>What happened to a key, and the entry that says so.</summary>
    public sealed record KeyEvent(long Index, bool IsRevoked, string Key);
}
