using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Moves;

/// <summary>
/// Something other than a round that the treasury's money is needed for: making few coins of many, going over to new keys, paying what the
/// registry costs. It is approved and signed as a round is, and its transactions are batches like a round's. What is approved never changes:
/// whoever wants something else withdraws it and proposes another.
/// </summary>
public sealed class Move
{
    /// <summary>1, 2, 3 …: the public name.</summary>
    public required int Number { get; init; }

    /// <summary>What it is for.</summary>
    public required MoveKind Kind { get; init; }

    /// <summary>Where it is.</summary>
    public MoveState State { get; internal set; } = MoveState.Proposed;

    /// <summary>The line-based text that admins approve (<see cref="MoveManifest"/>).</summary>
    public required string Manifest { get; init; }

    /// <summary>SHA-256 of <see cref="Manifest"/>, lower-case hex: what every approval is bound to.</summary>
    public required string ManifestSha256 { get; init; }

    /// <summary>Most transactions that it may take.</summary>
    public required int Batches { get; init; }

    /// <summary>What leaves the treasury for others; zero where everything stays its own.</summary>
    public required Sats Paid { get; init; }

    /// <summary>Most that its transactions may cost in fees, all together.</summary>
    public required Sats MaxFee { get; init; }

    /// <summary>Highest fee rate of any of them, in sat/vB.</summary>
    public required int MaxFeeRate { get; init; }

    /// <summary>SHA-256 of the descriptor in force when it was proposed.</summary>
    public required string TreasurySha256 { get; init; }

    /// <summary>SHA-256 of the descriptor to which everything goes that is not paid to others.</summary>
    public required string TargetSha256 { get; init; }

    /// <summary>The new descriptor of a rotation; null for the other kinds.</summary>
    public required string? NewDescriptor { get; init; }

    /// <summary>SHA-256 of the policy whose rules of approval it lives by.</summary>
    public required string PolicySha256 { get; init; }

    /// <summary>Key of the names under which signed-in admins approve it; destroyed when it ends.</summary>
    public byte[]? TokenSecret { get; internal set; }

    /// <summary>The admin who proposed it.</summary>
    public required Guid ProposedBy { get; init; }

    /// <summary>When it was proposed.</summary>
    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>When the last needed approval came.</summary>
    public DateTimeOffset? ApprovedAt { get; internal set; }

    /// <summary>When it was closed or withdrawn.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>Raised by every change: the optimistic concurrency token.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<Move>
    {
        public void Configure(EntityTypeBuilder<Move> builder)
        {
            builder.ToTable("moves");
            builder.HasKey(m => m.Number);
            builder.Property(m => m.Number).ValueGeneratedNever();
            foreach (var hash in new[] { nameof(Move.ManifestSha256), nameof(Move.TreasurySha256), nameof(Move.TargetSha256), nameof(Move.PolicySha256) }) builder.Property(hash).HasMaxLength(64);
            builder.Property(m => m.Version).IsConcurrencyToken();
            builder.HasIndex(m => m.State);
        }
    }
}

/// <summary>What the treasury's money is moved for.</summary>
public enum MoveKind
{
    /// <summary>Few coins are made of many, and what lies with older keys comes to those in force.</summary>
    Consolidation,

    /// <summary>The registry's bills are paid.</summary>
    RunningCosts,

    /// <summary>A new descriptor takes the place of the one in force, and all coins go over to it.</summary>
    Rotation,

    /// <summary>One coin comes back to the treasury, so that the keys are seen to sign. Nobody approves it.</summary>
    Rehearsal,
}

/// <summary>The life of a move. How far its transactions are, its batches tell.</summary>
public enum MoveState
{
    /// <summary>Public, and waiting for approvals.</summary>
    Proposed,

    /// <summary>Enough admins approved its manifest.</summary>
    Approved,

    /// <summary>Its transactions are built; it can no longer be taken back.</summary>
    Built,

    /// <summary>Every transaction is final.</summary>
    Closed,

    /// <summary>Given up before anything was built.</summary>
    Withdrawn,
}
