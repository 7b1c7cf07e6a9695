using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Payouts;

/// <summary>
/// One transaction that pays a round or a move of the treasury's money, through all its versions. It is written, with every input and output, before anybody can see it.
/// Its payouts and coins never belong to another batch: two unique indexes say so, not this program. Nothing is released from it; what does not
/// confirm gets a newer version, of which the chain can hold only one.
/// </summary>
public sealed class Batch
{
    /// <summary>The states in which no version of it is confirmed.</summary>
    internal static readonly BatchState[] Waiting = [BatchState.Built, BatchState.Exported, BatchState.PartlySigned, BatchState.Signed, BatchState.Broadcast];

    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The round; null where it is of a move.</summary>
    public int? RoundNumber { get; init; }

    /// <summary>The move; null where it is of a round.</summary>
    public int? MoveNumber { get; init; }

    /// <summary>What it pays.</summary>
    public PaymentOrder Order => PaymentOrder.Of(RoundNumber, MoveNumber);

    /// <summary>1, 2, 3 … in the round or move, as the plan numbers them.</summary>
    public required int Number { get; init; }

    /// <summary>Where it is.</summary>
    public BatchState State { get; internal set; } = BatchState.Built;

    /// <summary>Size of the published checkpoint that the transaction's OP_RETURN commits to.</summary>
    public required long CheckpointSize { get; init; }

    /// <summary>The version that the public books count as confirmed; null while none is.</summary>
    public string? BookedTxid { get; internal set; }

    /// <summary>When its PSBT first left the server; from then on a signed copy may be anywhere.</summary>
    public DateTimeOffset? ExportedAt { get; internal set; }

    /// <summary>What the network last said against it, in the backend's words; null where nothing.</summary>
    public string? Refusal { get; internal set; }

    /// <summary>Raised by every change: the optimistic concurrency token.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<Batch>
    {
        public void Configure(EntityTypeBuilder<Batch> builder)
        {
            builder.ToTable("batches", table => table.HasCheckConstraint("ck_batches_order", "(round_number IS NULL) <> (move_number IS NULL)"));
            builder.Ignore(b => b.Order);
            builder.Property(b => b.BookedTxid).HasMaxLength(64);
            builder.Property(b => b.Refusal).HasMaxLength(300);
            builder.Property(b => b.Version).IsConcurrencyToken();
            builder.HasIndex(b => new { b.RoundNumber, b.Number }).IsUnique();
            builder.HasIndex(b => new { b.MoveNumber, b.Number }).IsUnique();
            builder.HasIndex(b => b.State);
            builder.HasOne<Round>().WithMany().HasForeignKey(b => b.RoundNumber).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<Move>().WithMany().HasForeignKey(b => b.MoveNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>The life of a batch: where its newest version is, until one of them is in the chain.</summary>
public enum BatchState
{
    /// <summary>Written down; its PSBT cannot be downloaded before its ledger entry is published.</summary>
    Built,

    /// <summary>Its PSBT was downloaded.</summary>
    Exported,

    /// <summary>At least one signature was verified.</summary>
    PartlySigned,

    /// <summary>Complete: its final bytes are stored.</summary>
    Signed,

    /// <summary>Handed to the network, again and again until a block holds it.</summary>
    Broadcast,

    /// <summary>In the best chain, deep enough to be booked.</summary>
    Confirmed,

    /// <summary>So deep that nothing is expected to take it back.</summary>
    Final,
}

/// <summary>A payout's place in a batch.</summary>
public sealed class BatchPayment
{
    /// <summary>Row id.</summary>
    public long Id { get; init; }

    /// <summary>The batch.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The payout.</summary>
    public required Guid PayoutId { get; init; }

    internal sealed class Mapping : IMoneyMapping<BatchPayment>
    {
        public void Configure(EntityTypeBuilder<BatchPayment> builder)
        {
            builder.ToTable("batch_payments");
            builder.HasIndex(p => p.PayoutId).IsUnique();
            builder.HasOne<Batch>().WithMany().HasForeignKey(p => p.BatchId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<Payout>().WithMany().HasForeignKey(p => p.PayoutId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>A coin that a version of a batch spends, or spent before somebody else did.</summary>
public sealed class BatchInput
{
    /// <summary>Row id.</summary>
    public long Id { get; init; }

    /// <summary>The batch.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The coin.</summary>
    public required long CoinId { get; init; }

    internal sealed class Mapping : IMoneyMapping<BatchInput>
    {
        public void Configure(EntityTypeBuilder<BatchInput> builder)
        {
            builder.ToTable("batch_inputs");
            // A coin row is an outpoint: their pair (txid, vout) is unique.
            builder.HasIndex(i => i.CoinId).IsUnique();
            builder.HasOne<Batch>().WithMany().HasForeignKey(i => i.BatchId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<TreasuryCoin>().WithMany().HasForeignKey(i => i.CoinId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
