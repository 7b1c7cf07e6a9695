using System.Buffers.Binary;
using DigitalResistance.Prober;

namespace DigitalResistance.Probing;

/// <summary>What a slot counts as.</summary>
public enum SlotState : byte
{
    /// <summary>No result was recorded: the slot was missed and counts neither way.</summary>
    None = 0,

    /// <summary>The server carried traffic.</summary>
    Ok = 1,

    /// <summary>It did not.</summary>
    Fail = 2,

    /// <summary>Our own fault: counts neither way.</summary>
    Invalid = 3,

    /// <summary>Announced maintenance: counts neither way.</summary>
    Maintenance = 4,
}

/// <summary>
/// One slot in five bytes, as raw rows and packed days hold it. Layout (docs/specs/evidence.md): state (3 bits), stage of a failure or
/// level of a success (3), target was the canary (1), retried (1); reason; reason of the first try where there was a retry; latency in
/// milliseconds (u16be, 65535 for more).
/// </summary>
/// <param name="State">What it counts as.</param>
/// <param name="Stage">The stage that failed; for a success the level that was reached.</param>
/// <param name="AtCanary">Whether the counted try went to the canary.</param>
/// <param name="Reason">Number of the reason in <see cref="Reasons"/>; 0 for none.</param>
/// <param name="FirstReason">Why the first try failed, where there was a retry; 0 where there was none.</param>
/// <param name="LatencyMilliseconds">How long the counted try took.</param>
public readonly record struct SlotRecord(SlotState State, byte Stage, bool AtCanary, byte Reason, byte FirstReason, ushort LatencyMilliseconds)
{
    /// <summary>Bytes of one record.</summary>
    public const int Size = 5;

    /// <summary>Whether there was a second try.</summary>
    public bool Retried => FirstReason != 0;

    /// <summary>The stage that failed; null for a success or a missed slot.</summary>
    public Stage? FailedStage => State is SlotState.Fail or SlotState.Invalid ? (Stage)Stage : null;

    /// <summary>The same slot, in which the vantage was blind.</summary>
    public SlotRecord Blind() => this with
    {
        State = SlotState.Invalid, Stage = State == SlotState.Ok ? (byte)Prober.Stage.Proof : Stage, Reason = Reasons.Number(Reasons.VantageBlind),
    };

    /// <summary>Writes the five bytes.</summary>
    public void Write(Span<byte> to)
    {
        to[0] = (byte)(((byte)State << 5) | (Stage << 2) | (AtCanary ? 2 : 0) | (Retried ? 1 : 0));
        to[1] = Reason;
        to[2] = FirstReason;
        BinaryPrimitives.WriteUInt16BigEndian(to[3..], LatencyMilliseconds);
    }

    /// <summary>The five bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Write(bytes);
        return bytes;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static SlotRecord Read(ReadOnlySpan<byte> from) => new(
        (SlotState)(from[0] >> 5), (byte)((from[0] >> 2) & 7), (from[0] & 2) != 0, from[1], from[2], BinaryPrimitives.ReadUInt16BigEndian(from[3..]));
}
