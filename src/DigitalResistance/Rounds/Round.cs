using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>
/// A grant period. Its number is public and final; its rules are the policy bytes it was opened with. Every edge of
/// <see cref="State"/> is one act with a closed result that writes its ledger entry in the same transaction.
/// </summary>
public sealed class Round
{
    /// <summary>1, 2, 3 …: the public name.</summary>
    public int Number { get; init; }

    /// <summary>Where the round is.</summary>
    public RoundState State { get; set; } = RoundState.Draft;

    /// <summary>First instant of the scored period (a slot boundary).</summary>
    public required DateTimeOffset StartsAt { get; set; }

    /// <summary>End of the scored period, exclusive (a slot boundary).</summary>
    public required DateTimeOffset EndsAt { get; set; }

    /// <summary>What is to be given in this round.</summary>
    public required Sats Budget { get; set; }

    /// <summary>Largest share of the budget one operator may get, in ppm.</summary>
    public required int CapPpm { get; set; }

    /// <summary>Smallest payment; what is less becomes credit.</summary>
    public required Sats Floor { get; set; }

    /// <summary>Payments are whole multiples of this; the rest stays credit.</summary>
    public required Sats Step { get; set; }

    /// <summary>Most that the transactions of this round may cost in fees, all batches together; part of the manifest.</summary>
    public required Sats MaxFee { get; set; }

    /// <summary>Highest fee rate of any batch, in sat/vB; part of the manifest.</summary>
    public required int MaxFeeRate { get; set; }

    /// <summary>The bytes of the policy this round lives by.</summary>
    public required byte[] PolicyJson { get; set; }

    /// <summary>The line-based text that admins approve; null until allocated. A change makes a new one without approvals.</summary>
    public string? Manifest { get; set; }

    /// <summary>The admin who proposed the round.</summary>
    public required Guid ProposedBy { get; init; }

    /// <summary>Raised by every change: the optimistic concurrency token.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<Round>
    {
        public void Configure(EntityTypeBuilder<Round> builder)
        {
            builder.ToTable("rounds");
            builder.HasKey(r => r.Number);
            builder.Property(r => r.Number).ValueGeneratedNever();
            builder.Property(r => r.Version).IsConcurrencyToken();
        }
    }
}

/// <summary>The life of a round.</summary>
public enum RoundState
{
    /// <summary>Being written; nothing is public.</summary>
    Draft,

    /// <summary>Announced; its period runs.</summary>
    Open,

    /// <summary>The period is over and its scores are copied.</summary>
    Frozen,

    /// <summary>Amounts are computed; the manifest exists; operators may object.</summary>
    Allocated,

    /// <summary>Enough admins approved the manifest.</summary>
    Approved,

    /// <summary>Batches are being built.</summary>
    Building,

    /// <summary>At least one PSBT is out for signatures.</summary>
    Signing,

    /// <summary>Every batch was handed to the network.</summary>
    Broadcast,

    /// <summary>Every batch is confirmed.</summary>
    Confirmed,

    /// <summary>Every batch is final and the books are closed.</summary>
    Closed,

    /// <summary>Given up before any payment; its money is back in the pool.</summary>
    Cancelled,
}
