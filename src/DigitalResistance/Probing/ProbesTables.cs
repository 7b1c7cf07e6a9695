using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Probing;

/// <summary>A server's short number in the probes database: four bytes in every row instead of sixteen.</summary>
public sealed class ProbedServer
{
    /// <summary>The number.</summary>
    public int Number { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    internal sealed class Mapping : IProbesMapping<ProbedServer>
    {
        public void Configure(EntityTypeBuilder<ProbedServer> builder)
        {
            builder.ToTable("probed_servers");
            builder.HasKey(s => s.Number);
            builder.HasIndex(s => s.ServerId).IsUnique();
        }
    }
}

/// <summary>One process's claim on the probes of a bucket of servers in one beat of a slot: who inserts the row makes them, nobody else.</summary>
public sealed class SlotClaim
{
    /// <summary>The vantage.</summary>
    public required short Vantage { get; init; }

    /// <summary>Beginning of the slot, Unix seconds.</summary>
    public required long SlotAt { get; init; }

    /// <summary>Which part of the slot.</summary>
    public required int Beat { get; init; }

    /// <summary>Which part of the servers.</summary>
    public required int Bucket { get; init; }

    /// <summary>The process that has it, which recognises its claim when the answer to it was lost.</summary>
    public required Guid Process { get; init; }

    internal sealed class Mapping : IProbesMapping<SlotClaim>
    {
        public void Configure(EntityTypeBuilder<SlotClaim> builder)
        {
            builder.ToTable("slot_claims");
            builder.HasKey(c => new { c.SlotAt, c.Vantage, c.Beat, c.Bucket });
        }
    }
}

/// <summary>A batch of results that is in the database: a batch that is sent again because its commit was not answered is recognised by its id.</summary>
public sealed class ResultBatch
{
    /// <summary>Made by the process that measured.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    internal sealed class Mapping : IProbesMapping<ResultBatch>
    {
        public void Configure(EntityTypeBuilder<ResultBatch> builder)
        {
            builder.ToTable("result_batches");
            builder.HasIndex(b => b.RecordedAt);
        }
    }
}

/// <summary>A finished day of one server from one vantage: <see cref="SlotRecord.Size"/> bytes a slot, and the leaf of its evidence.</summary>
public sealed class PackedDay
{
    /// <summary>The server's number (<see cref="ProbedServer"/>).</summary>
    public required int Server { get; init; }

    /// <summary>The vantage.</summary>
    public required short Vantage { get; init; }

    /// <summary>The day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Length of its slots.</summary>
    public required int SlotSeconds { get; init; }

    /// <summary>One record for each slot of the day, in order.</summary>
    public required byte[] Slots { get; init; }

    /// <summary>The salted hash of the record (docs/specs/evidence.md).</summary>
    public required byte[] Leaf { get; init; }

    internal sealed class Mapping : IProbesMapping<PackedDay>
    {
        public void Configure(EntityTypeBuilder<PackedDay> builder)
        {
            builder.ToTable("packed_days");
            builder.HasKey(d => new { d.Server, d.Day, d.Vantage });
            builder.HasIndex(d => d.Day);
        }
    }
}

/// <summary>A day whose raw results were packed; written in one transaction with the packed rows, so that a day is packed once.</summary>
public sealed class ClosedDay
{
    /// <summary>The day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>When it was packed.</summary>
    public required DateTimeOffset PackedAt { get; init; }

    internal sealed class Mapping : IProbesMapping<ClosedDay>
    {
        public void Configure(EntityTypeBuilder<ClosedDay> builder)
        {
            builder.ToTable("closed_days");
            builder.HasKey(d => d.Day);
        }
    }
}

/// <summary>
/// The one row that says up to where slots are settled: what a freeze read of them is what they hold for ever, and a result that comes
/// later is dropped, so that its operator's bundle still shows what was frozen.
/// </summary>
public sealed class SettledSlots
{
    /// <summary>Always 1.</summary>
    public int Id { get; init; } = 1;

    /// <summary>Slots that began before it are settled; Unix seconds.</summary>
    public long Until { get; init; }

    internal sealed class Mapping : IProbesMapping<SettledSlots>
    {
        public void Configure(EntityTypeBuilder<SettledSlots> builder)
        {
            builder.ToTable("settled_slots");
            builder.Property(s => s.Id).ValueGeneratedNever();
            builder.HasData(new SettledSlots());
        }
    }
}

/// <summary>What a sighting is of.</summary>
public enum SightingKind
{
    /// <summary>An address by which the server was entered.</summary>
    Entrance,

    /// <summary>An address by which the server was left.</summary>
    Exit,

    /// <summary>The network of either.</summary>
    Network,

    /// <summary>The autonomous system of either, where a file of address ranges is configured.</summary>
    Asn,
}

/// <summary>An address or network by which a server was entered or left on a day, as a keyed tag: what the caps go by.</summary>
public sealed class Sighting
{
    /// <summary>The server's number.</summary>
    public required int Server { get; init; }

    /// <summary>The day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>What was seen.</summary>
    public required SightingKind Kind { get; init; }

    /// <summary>The tag.</summary>
    public required byte[] Tag { get; init; }

    internal sealed class Mapping : IProbesMapping<Sighting>
    {
        public void Configure(EntityTypeBuilder<Sighting> builder)
        {
            builder.ToTable("sightings");
            builder.Property(s => s.Tag).HasMaxLength(16);
            builder.HasKey(s => new { s.Server, s.Day, s.Kind, s.Tag });
        }
    }
}

/// <summary>A probe that its owner asked for; it is shown to its owner and never scored.</summary>
public sealed class ExtraProbe
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The result, as a <see cref="SlotRecord"/>.</summary>
    public required byte[] Record { get; init; }

    internal sealed class Mapping : IProbesMapping<ExtraProbe>
    {
        public void Configure(EntityTypeBuilder<ExtraProbe> builder)
        {
            builder.ToTable("extra_probes");
            builder.HasIndex(p => new { p.ServerId, p.At });
        }
    }
}
