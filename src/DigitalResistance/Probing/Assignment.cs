using DigitalResistance.Servers;

namespace DigitalResistance.Probing;

/// <summary>One server's probe of one slot, claimed by this process.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="Protocol">Its protocol.</param>
/// <param name="Endpoint">Where it is and how to speak to it.</param>
/// <param name="ProvenTags">Tags of the addresses whose control is proven; any other is not ours to probe.</param>
/// <param name="Draw">When and to what.</param>
/// <param name="Times">The times of its day.</param>
public sealed record Assignment(
    Guid ServerId, string Protocol, ServerEndpoint Endpoint, IReadOnlyCollection<byte[]> ProvenTags, SlotDraw Draw, SlotTimes Times);

/// <summary>What came of an assignment.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="SlotAt">Beginning of the slot, Unix seconds.</param>
/// <param name="StartedAfter">Milliseconds from there to the start of the first try.</param>
/// <param name="Record">The result.</param>
/// <param name="Seen">Tags of the addresses it was entered and left by, and of their networks.</param>
public sealed record SlotResult(Guid ServerId, long SlotAt, int StartedAfter, SlotRecord Record, IReadOnlyList<(SightingKind Kind, byte[] Tag)> Seen)
{
    /// <summary>Tag of a machine that asked to be left alone, and was; else null.</summary>
    public byte[]? OptedOut { get; init; }
}
