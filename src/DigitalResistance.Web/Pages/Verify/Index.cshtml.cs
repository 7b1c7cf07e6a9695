using System.Globalization;
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
public sealed class IndexModel(MoneyDb db, LedgerStanding standing, IOptions<SiteOptions> site) : PageModel
{
    private static readonly string[] KeyTypes = ["log.created", "log.key_added", "log.key_revoked", "key.added", "key.revoked"];

    public LedgerHead? Head { get; private set; }

    public LedgerCheckpoint? Newest { get; private set; }

    /// <summary>The keys that sign the log, or did.</summary>
    public IReadOnlyList<KeyLife> LogKeys { get; private set; } = [];

    /// <summary>The keys that approve rounds, or did. Whose they are the log does not say.</summary>
    public IReadOnlyList<KeyLife> ApprovalKeys { get; private set; } = [];

    /// <summary>Whether nothing new is signed.</summary>
    public bool IsRefused { get; private set; }

    public string Site => site.Value.PublicOrigin;

    public string VerifierKey => Head!.VerifierKey;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Head = await db.Set<LedgerHead>().AsNoTracking().SingleOrDefaultAsync(cancellation);
        Newest = await db.Set<LedgerCheckpoint>().AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefaultAsync(cancellation);
        IsRefused = await standing.IsStoppedAsync(cancellation);
        var size = Newest?.Size ?? 0;
        var entries = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index < size && KeyTypes.Contains(e.Type)).OrderBy(e => e.Index).ToListAsync(cancellation);
        var events = entries.ConvertAll(e => (At: new KeyEvent(e.Index!.Value, DateOnly.ParseExact(CanonicalObject.Parse(e.Bytes).Text("time")[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture)), e.Type, Entry: CanonicalObject.Parse(e.Bytes)));
        LogKeys = Lives(events.Where(e => e.Type.StartsWith("log.", StringComparison.Ordinal)), "key");
        ApprovalKeys = Lives(events.Where(e => e.Type.StartsWith("key.", StringComparison.Ordinal)), "fingerprint");
    }

    private static KeyLife[] Lives(IEnumerable<(KeyEvent At, string Type, CanonicalObject Entry)> events, string name)
    {
        var all = events.ToLookup(e => e.Type.EndsWith("revoked", StringComparison.Ordinal));
        var ceased = all[true].ToLookup(e => e.Entry.Text(name), e => e.At, StringComparer.Ordinal);
        return [.. all[false].Select(e => new KeyLife(
            e.Entry.Text(name), e.Entry.Has("role") ? e.Entry.Text("role") : null, e.At, ceased[e.Entry.Text(name)].FirstOrDefault(c => c.Index > e.At.Index)))];
    }

    /// <summary>A key from the entry that began it to the one that ended it.</summary>
    public sealed record KeyLife(string Name, string? Role, KeyEvent Began, KeyEvent? Ceased);

    /// <summary>An entry and its day.</summary>
    public sealed record KeyEvent(long Index, DateOnly Day);
}
