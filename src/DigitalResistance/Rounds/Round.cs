using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Scoring;
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
    public required int Number { get; init; }

    /// <summary>Where the round is.</summary>
    public RoundState State { get; internal set; } = RoundState.Draft;

    /// <summary>
    /// Raised by every change of terms after the opening. It stands in the manifest and in every ledger entry of the round, so that a
    /// changed round never has an old manifest, and only entries of the highest revision count.
    /// </summary>
    public int Revision { get; internal set; } = 1;

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

    /// <summary>The bytes of the policy this round lives by; replaced by the current ones when it is opened, and final then.</summary>
    public required byte[] PolicyJson { get; set; }

    /// <summary>What follows when its period ends.</summary>
    public NextRound Next { get; set; }

    /// <summary>Key of the round's public tokens; null before the first freeze, destroyed when the round is closed or cancelled.</summary>
    public byte[]? TokenSecret { get; internal set; }

    /// <summary>SHA-256 of the public scores file; null until frozen.</summary>
    public string? ScoresSha256 { get; internal set; }

    /// <summary>Carry because of the cap; zero until allocated.</summary>
    public Sats CarryCap { get; internal set; }

    /// <summary>Carry because of rounding; zero until allocated.</summary>
    public Sats CarryRounding { get; internal set; }

    /// <summary>Carry because nobody had any weight; zero until allocated.</summary>
    public Sats CarryEmpty { get; internal set; }

    /// <summary>The line-based text that admins approve; null until allocated. A change makes a new one without approvals.</summary>
    public string? Manifest { get; internal set; }

    /// <summary>SHA-256 of <see cref="Manifest"/>, lower-case hex: what every approval is bound to.</summary>
    public string? ManifestSha256 { get; internal set; }

    /// <summary>The admin who proposed its terms as they are: whoever wrote or changed them last. That admin's approval alone never suffices.</summary>
    public required Guid ProposedBy { get; set; }

    /// <summary>When it was announced.</summary>
    public DateTimeOffset? OpenedAt { get; internal set; }

    /// <summary>When its scores were copied.</summary>
    public DateTimeOffset? FrozenAt { get; internal set; }

    /// <summary>When its amounts were computed; the time to object starts here.</summary>
    public DateTimeOffset? AllocatedAt { get; internal set; }

    /// <summary>When the last needed approval came; from then on its credits count.</summary>
    public DateTimeOffset? ApprovedAt { get; internal set; }

    /// <summary>When credits made by this round return to the pool; set by the approval.</summary>
    public DateTimeOffset? CreditsExpireAt { get; internal set; }

    /// <summary>When it was closed or cancelled.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>Raised by every change: the optimistic concurrency token.</summary>
    public long Version { get; set; }

    /// <summary>What admins decided, as one value.</summary>
    public RoundTerms Terms
    {
        get => new(StartsAt, EndsAt, Budget, CapPpm, Floor, Step, MaxFee, MaxFeeRate);
        internal set => (StartsAt, EndsAt, Budget, CapPpm, Floor, Step, MaxFee, MaxFeeRate) =
            (value.StartsAt, value.EndsAt, value.Budget, value.CapPpm, value.Floor, value.Step, value.MaxFee, value.MaxFeeRate);
    }

    /// <summary>What nobody got.</summary>
    public Carry Carry
    {
        get => new(CarryCap, CarryRounding, CarryEmpty);
        internal set => (CarryCap, CarryRounding, CarryEmpty) = (value.Cap, value.Rounding, value.Empty);
    }

    /// <summary>The policy this round lives by.</summary>
    public Policy Policy => Policy.Read(PolicyJson);

    internal sealed class Mapping : IMoneyMapping<Round>
    {
        public void Configure(EntityTypeBuilder<Round> builder)
        {
            builder.ToTable("rounds");
            builder.HasKey(r => r.Number);
            builder.Property(r => r.Number).ValueGeneratedNever();
            builder.Property(r => r.ScoresSha256).HasMaxLength(64);
            builder.Property(r => r.ManifestSha256).HasMaxLength(64);
            builder.Property(r => r.Version).IsConcurrencyToken();
            builder.Ignore(r => r.Terms).Ignore(r => r.Carry).Ignore(r => r.Policy);
        }
    }
}

/// <summary>What follows a round without anybody doing anything, so that no uptime falls between two.</summary>
public enum NextRound
{
    /// <summary>Nothing: an admin proposes the next one.</summary>
    None,

    /// <summary>A round of the same length under the same terms.</summary>
    SameLength,

    /// <summary>A round under the same terms, to the end of a calendar month.</summary>
    CalendarMonth,
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
