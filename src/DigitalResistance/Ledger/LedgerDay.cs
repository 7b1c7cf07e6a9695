using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Ledger;

/// <summary>
/// Where a day's lines are, so that a filter by day is a filter by place and finds its first hundred rows among millions at once. A clock
/// that was set back may make days overlap; the range is then wider than the day, never narrower.
/// </summary>
public sealed class LedgerDay
{
    /// <summary>The day, UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The first line of that day.</summary>
    public required long First { get; init; }

    /// <summary>Its last line.</summary>
    public required long Last { get; set; }

    /// <summary>Notes the lines that the caller's unit of work adds; they follow all that were noted before.</summary>
    internal static async Task NoteAsync(MoneyDb db, IReadOnlyList<LedgerLine> lines, CancellationToken cancellation)
    {
        foreach (var day in lines.GroupBy(l => l.Day))
        {
            var (first, last) = (day.Min(l => l.Index), day.Max(l => l.Index));
            if (await db.Set<LedgerDay>().SingleOrDefaultAsync(d => d.Day == day.Key, cancellation) is { } known) known.Last = last;
            else db.Add(new LedgerDay { Day = day.Key, First = first, Last = last });
        }
    }

    internal sealed class Mapping : IMoneyMapping<LedgerDay>
    {
        public void Configure(EntityTypeBuilder<LedgerDay> builder)
        {
            builder.ToTable("ledger_days");
            builder.HasKey(d => d.Day);
        }
    }
}
