using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Probing;

/// <summary>
/// The moments and targets of one day, all drawn from its seed: nobody can foresee them without the seed, and we cannot choose them once
/// its hash is public. The bytes are specified in docs/specs/schedule.md, so that an operator can recompute his own.
/// </summary>
public sealed class DaySchedule(ScheduleDay day)
{
    private readonly byte[] _seed = day.Seed;

    /// <summary>Draws what is done in one slot, which begins at <paramref name="slotAt"/> (Unix seconds).</summary>
    public SlotDraw Draw(Guid server, string vantage, long slotAt)
    {
        // HMAC-SHA256(seed, "dr/slot/v1" ‖ 0 ‖ server ‖ u8 length ‖ vantage ‖ u64be slot)
        Span<byte> message = stackalloc byte[11 + 16 + 1 + 64 + 8];
        "dr/slot/v1\0"u8.CopyTo(message);
        server.TryWriteBytes(message[11..], bigEndian: true, out _);
        var name = Encoding.ASCII.GetBytes(vantage, message[28..92]);
        message[27] = (byte)name;
        BinaryPrimitives.WriteInt64BigEndian(message[(28 + name)..], slotAt);
        Span<byte> drawn = stackalloc byte[32];
        HMACSHA256.HashData(_seed, message[..(36 + name)], drawn);

        var slotMilliseconds = (ulong)day.SlotSeconds * 1000;
        return new SlotDraw(
            slotAt,
            TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt64BigEndian(drawn) % slotMilliseconds),
            BinaryPrimitives.ReadUInt32BigEndian(drawn[8..]) % 1_000_000 < day.CanarySharePpm,
            BinaryPrimitives.ReadUInt32BigEndian(drawn[12..]),
            RetryDelay(BinaryPrimitives.ReadUInt32BigEndian(drawn[16..])),
            BinaryPrimitives.ReadUInt32BigEndian(drawn[20..]));
    }

    // From a thirtieth to a tenth of a slot: 20 to 60 s of ten minutes.
    private TimeSpan RetryDelay(uint drawn) => TimeSpan.FromMilliseconds((day.SlotSeconds * 1000L / 30) + (drawn % (day.SlotSeconds * 1000L / 15)));
}

/// <summary>What the seed says about one server, vantage and slot.</summary>
/// <param name="SlotAt">Beginning of the slot, Unix seconds.</param>
/// <param name="Offset">When in the slot the probe starts.</param>
/// <param name="AtCanary">Whether it goes to the canary rather than to a TLS host.</param>
/// <param name="Target">Number of the target, modulo how many there are.</param>
/// <param name="RetryAfter">How long after a failure the one retry starts.</param>
/// <param name="RetryStep">How far from the first target the retry's target is, modulo the others.</param>
public readonly record struct SlotDraw(long SlotAt, TimeSpan Offset, bool AtCanary, uint Target, TimeSpan RetryAfter, uint RetryStep)
{
    /// <summary>When the probe starts.</summary>
    public DateTimeOffset StartsAt => DateTimeOffset.FromUnixTimeSeconds(SlotAt) + Offset;
}
