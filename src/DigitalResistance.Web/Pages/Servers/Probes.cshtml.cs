using System.Globalization;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>Every probe of a server, a day at a time.</summary>
public sealed class ProbesModel(MoneyDb db, SlotHistory history, TimeProvider time) : PageModel
{
    /// <summary>Rows on one page; a day at the standard length has 144.</summary>
    private const int Rows = 150;

    public Server Server { get; private set; } = null!;

    public DateOnly Day { get; private set; }

    public DateOnly? Before { get; private set; }

    public DateOnly? After { get; private set; }

    public int Part { get; private set; }

    public int Parts { get; private set; }

    public int Ok { get; private set; }

    public int Fail { get; private set; }

    public int Blind { get; private set; }

    public IReadOnlyList<(DateTimeOffset At, SlotRecord Record)> Slots { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(Guid id, string? day, int? part, CancellationToken cancellation)
    {
        var (me, today) = (User.AccountId(), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        if (await db.Set<Server>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == id && s.OwnerId == me && s.State != ServerState.Retired, cancellation) is not { } server) return NotFound();
        var asked = today;
        if (day is not null && !DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out asked)) return NotFound();
        (Server, Day) = (server, asked);
        var first = DateOnly.FromDateTime(server.RegisteredAt.UtcDateTime);
        if (asked < first || asked > today) return NotFound();
        Before = asked > first ? asked.AddDays(-1) : null;
        After = asked < today ? asked.AddDays(1) : null;

        var midnight = new DateTimeOffset(asked, TimeOnly.MinValue, TimeSpan.Zero);
        var all = (await history.ReadAsync([id], midnight, midnight.AddDays(1), cancellation))[id].ToList();
        (Ok, Fail) = (all.Count(s => s.Record.State == SlotState.Ok), all.Count(s => s.Record.State == SlotState.Fail));
        Blind = all.Count - Ok - Fail;
        Parts = Math.Max(1, (all.Count + Rows - 1) / Rows);
        Part = Math.Clamp(part ?? 1, 1, Parts);
        Slots = [.. all.Skip((Part - 1) * Rows).Take(Rows).Select(s => (s.At, s.Record))];
        return Page();
    }
}
