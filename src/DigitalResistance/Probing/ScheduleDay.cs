using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Probing;

/// <summary>One day's committed schedule. It lives with the money: losing it would lose the proof that we could not choose our moments afterwards.</summary>
public sealed class ScheduleDay
{
    /// <summary>The day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Beginning of the first slot that the commitment covers: midnight, or later where the registry was started or stood still.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>Length of this day's slots; a policy that changes it takes effect on the next day.</summary>
    public required int SlotSeconds { get; init; }

    /// <summary>Share of probes that go to the canary on this day.</summary>
    public required int CanarySharePpm { get; init; }

    /// <summary>32 random bytes; secret until they are revealed.</summary>
    public required byte[] Seed { get; init; }

    /// <summary>When the seed was published; null until then.</summary>
    public DateTimeOffset? RevealedAt { get; set; }

    internal sealed class Mapping : IMoneyMapping<ScheduleDay>
    {
        public void Configure(EntityTypeBuilder<ScheduleDay> builder)
        {
            builder.ToTable("schedule_days");
            builder.HasKey(d => d.Day);
            // Two replicas reveal one day: one of them loses, and its entry with it.
            builder.Property(d => d.RevealedAt).IsConcurrencyToken();
        }
    }
}
