using DigitalResistance.Data;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>A time before a move that counts neither way: the server was blocked where it was, and answered soon from another place.</summary>
public sealed class MoveGap
{
    /// <summary>Row id.</summary>
    public long Id { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>From the beginning of the first slot that failed.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until when, exclusive: slots that had been claimed for the old place are in.</summary>
    public required DateTimeOffset Until { get; init; }

    internal sealed class Mapping : IMoneyMapping<MoveGap>
    {
        public void Configure(EntityTypeBuilder<MoveGap> builder)
        {
            builder.ToTable("move_gaps");
            builder.HasOne<Server>().WithMany().HasForeignKey(g => g.ServerId).OnDelete(DeleteBehavior.Restrict);
            builder.HasIndex(g => new { g.ServerId, g.From });
        }
    }
}

/// <summary>Which failures before a move are forgiven: all since the last success, where they began no more than 48 hours ago, and 48 hours in 30 days.</summary>
public sealed class MoveGaps(MoneyDb db, SlotHistory history, Policy policy)
{
    /// <summary>The most that is forgiven at once, and in <see cref="Within"/> together.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromHours(48);

    /// <summary>The time in which <see cref="Most"/> is forgiven once.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromDays(30);

    /// <summary>A server arrives in a new place now: what failed before it is forgiven, as far as it may be. The caller saves.</summary>
    public async Task CloseAsync(Guid server, DateTimeOffset now, CancellationToken cancellation)
    {
        if (FirstFailure((await history.ReadAsync([server], now - Most - policy.Slot, now, cancellation))[server]) is not { } from || now - from > Most) return;
        var since = now - Within;
        var spent = (await db.Set<MoveGap>().Where(g => g.ServerId == server && g.Until > since).ToListAsync(cancellation))
            .Aggregate(TimeSpan.Zero, (sum, g) => sum + (g.Until - (g.From > since ? g.From : since)));
        var until = now + new SlotTimes(policy.SlotSeconds).ClaimAhead;
        if (until - from > Most - spent) until = from + (Most - spent);
        if (until > from) db.Add(new MoveGap { ServerId = server, From = from, Until = until });
    }

    /// <summary>Where the failures since the last success begin; null where the last slot that counts was a success.</summary>
    /// <param name="slots">Newest first.</param>
    internal static DateTimeOffset? FirstFailure(IEnumerable<PastSlot> slots)
    {
        DateTimeOffset? first = null;
        foreach (var slot in slots)
        {
            if (slot.Record.State == SlotState.Ok) break;
            if (slot.Record.State == SlotState.Fail) first = slot.At;
        }

        return first;
    }
}
