using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Web.Forms;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>An operator's servers at a glance, and what he should know about them.</summary>
[NoEffect]
public sealed class IndexModel(MoneyDb db, SlotHistory history, Policy policy, TimeProvider time) : PageModel
{
    /// <summary>As many slots as a day has at the standard length.</summary>
    private const int Slots = 144;

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public int Retired { get; private set; }

    public IReadOnlyList<(Notice Notice, string Label)> Inbox { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var (me, now) = (User.AccountId(), time.GetUtcNow());
        var servers = await db.Set<Server>().AsNoTracking().Where(s => s.OwnerId == me && s.State != ServerState.Retired).OrderBy(s => s.Label).ThenBy(s => s.Id).ToListAsync(cancellation);
        Retired = await db.Set<Server>().CountAsync(s => s.OwnerId == me && s.State == ServerState.Retired && s.MovesFrom == null, cancellation);
        // A place that a server moves to is no server of its own: it stands beside the one that moves.
        var places = servers.Where(s => s.MovesFrom is not null).ToDictionary(s => s.MovesFrom!.Value, s => s.Id);
        var listed = servers.FindAll(s => s.MovesFrom is null);
        var slots = await history.ReadAsync(listed.ConvertAll(s => s.Id), now - (Slots * policy.Slot), now, cancellation);
        Rows = listed.ConvertAll(s => new Row(s, [.. slots[s.Id]], places.TryGetValue(s.Id, out var place) ? place : null));
        var labels = servers.ToDictionary(s => s.Id, s => s.Label);
        Inbox = [.. (await db.Set<Notice>().AsNoTracking().Where(n => n.AccountId == me && n.ReadAt == null).OrderByDescending(n => n.At).Take(20).ToListAsync(cancellation))
            .Where(n => labels.ContainsKey(n.ServerId)).Select(n => (n, labels[n.ServerId]))];
    }

    /// <summary>Puts a notice away. Doing so twice is the same, so the form needs no bookkeeping.</summary>
    public async Task<IActionResult> OnPostReadAsync(Guid notice, CancellationToken cancellation)
    {
        var (me, now) = (User.AccountId(), time.GetUtcNow());
        await db.Set<Notice>().Where(n => n.Id == notice && n.AccountId == me && n.ReadAt == null).ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadAt, now), cancellation);
        return RedirectToPage();
    }

    /// <summary>One server with its last slots, and the place to which it moves.</summary>
    public sealed record Row(Server Server, IReadOnlyList<PastSlot> Slots, Guid? NewPlace)
    {
        public PastSlot? Last => Slots.Count > 0 ? Slots[0] : null;

        public int Ok => Slots.Count(s => s.Record.State == SlotState.Ok);

        public int Valid => Slots.Count(s => s.Record.State is SlotState.Ok or SlotState.Fail);
    }
}
