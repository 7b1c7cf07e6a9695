using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// One day of one server from one vantage with the salt that opens its leaf (<c>docs/specs/evidence.md</c>). What its slots mean is not this
/// library's business.
/// </summary>
/// <param name="Server">Which server of the statement, from 0.</param>
/// <param name="Day">The day in UTC, as <c>2026-03-04</c>.</param>
/// <param name="Vantage">The vantage's number.</param>
/// <param name="SlotSeconds">Length of a slot.</param>
/// <param name="Salt">32 bytes.</param>
/// <param name="Slots">Five bytes for each slot of the day.</param>
public sealed record EvidenceDay(int Server, string Day, int Vantage, int SlotSeconds, byte[] Salt, byte[] Slots)
{
    /// <summary>Bytes of a slot.</summary>
    public const int SlotLength = 5;

    /// <summary>The leaf as it was written down when the day was closed; a row that was changed since does not make it any more.</summary>
    public string? KnownLeaf { get; init; }

    /// <summary>SHA-256("dr/evidence/v1" ‖ 0 ‖ salt ‖ day ‖ u16be vantage ‖ u16be seconds of a slot ‖ slots).</summary>
    public byte[] Leaf()
    {
        byte[] message =
        [
            .. "dr/evidence/v1\0"u8, .. Salt, .. Encoding.ASCII.GetBytes(Day), (byte)(Vantage >> 8), (byte)Vantage, (byte)(SlotSeconds >> 8), (byte)SlotSeconds, .. Slots,
        ];
        return SHA256.HashData(message);
    }

    /// <summary>Reads what <see cref="ToFile"/> writes; throws <see cref="FormatException"/>.</summary>
    public static EvidenceDay Parse(ReadOnlySpan<byte> file)
    {
        var said = CanonicalObject.Parse(file);
        var (seconds, first, slots) = (said.Integer("slot_s"), said.Integer("first"), StrictBase64.Decode(said.Text("slots")));
        var salt = StrictBase64.Decode(said.Text("salt"));
        var day = said.Text("day");
        if (seconds is < 1 or > ushort.MaxValue || 86_400 % seconds != 0 || said.Integer("vantage") is < 0 or > short.MaxValue || said.Integer("server") is < 0 or > int.MaxValue
            || salt.Length != EvidenceStatement.SaltLength || !DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            throw new FormatException("A day of the evidence is not one.");
        var all = new byte[86_400 / seconds * SlotLength];
        if (first < 0 || first > all.Length / SlotLength || slots.Length % SlotLength != 0 || (first * SlotLength) + slots.Length > all.Length) throw new FormatException($"The evidence of {day} has more slots than a day.");
        slots.CopyTo(all.AsSpan((int)first * SlotLength));
        return new((int)said.Integer("server"), day, (int)said.Integer("vantage"), (int)seconds, salt, all) { KnownLeaf = said.Text("leaf") };
    }

    /// <summary>A canonical object; of the slots only those from the first to the last that holds something.</summary>
    public byte[] ToFile()
    {
        var (first, last) = (Slots.AsSpan().IndexOfAnyExcept((byte)0) / SlotLength, Slots.AsSpan().LastIndexOfAnyExcept((byte)0) / SlotLength);
        return new CanonicalObject().Add("server", Server).Add("day", Day).Add("vantage", Vantage).Add("slot_s", SlotSeconds).Add("salt", Convert.ToBase64String(Salt))
            .Add("leaf", KnownLeaf ?? Convert.ToHexStringLower(Leaf())).Add("first", first).Add("slots", Convert.ToBase64String(Slots.AsSpan((first * SlotLength)..((last + 1) * SlotLength)))).ToBytes();
    }
}
