using System.Globalization;
using DigitalResistance.Platform;

namespace DigitalResistance.Treasury;

/// <summary>
/// A fee rate. Kept in satoshi per 1,000 vbytes, so that 1.5 sat/vB is exact, and never as a floating-point number.
/// </summary>
/// <param name="SatsPerKvb">Satoshi per 1,000 virtual bytes.</param>
public readonly record struct VByteRate(long SatsPerKvb) : IComparable<VByteRate>
{
    /// <summary>How many weight units make a virtual byte (<see href="https://github.com/bitcoin/bips/blob/master/bip-0141.mediawiki#transaction-size-calculations">BIP-141</see>).</summary>
    public const int WeightPerVByte = 4;

    /// <summary>A whole number of satoshi per virtual byte.</summary>
    public static VByteRate PerVByte(long sats) => new(checked(sats * 1000));

    /// <summary>The virtual size of a weight, rounded up as BIP-141 says.</summary>
    public static long VBytes(long weight) => (weight + WeightPerVByte - 1) / WeightPerVByte;

    /// <summary>The fee of a transaction of this weight, rounded up to a whole satoshi: rounding down could miss a node's minimum.</summary>
    public Sats FeeFor(long weight) => new((checked(VBytes(weight) * SatsPerKvb) + 999) / 1000);

    /// <summary>The rate that a fee means for a transaction of this weight, rounded down.</summary>
    public static VByteRate Of(Sats fee, long weight) => new((long)((Int128)fee.Value * 1000 / VBytes(weight)));

    /// <summary>This rate, not below <paramref name="min"/> and not above <paramref name="max"/>.</summary>
    public VByteRate Clamp(VByteRate min, VByteRate max) => new(Math.Clamp(SatsPerKvb, min.SatsPerKvb, max.SatsPerKvb));

    /// <inheritdoc/>
    public int CompareTo(VByteRate other) => SatsPerKvb.CompareTo(other.SatsPerKvb);

    /// <summary>Whether the first rate is lower.</summary>
    public static bool operator <(VByteRate a, VByteRate b) => a.SatsPerKvb < b.SatsPerKvb;

    /// <summary>Whether the first rate is higher.</summary>
    public static bool operator >(VByteRate a, VByteRate b) => a.SatsPerKvb > b.SatsPerKvb;

    /// <summary>Whether the first rate is lower or equal.</summary>
    public static bool operator <=(VByteRate a, VByteRate b) => a.SatsPerKvb <= b.SatsPerKvb;

    /// <summary>Whether the first rate is higher or equal.</summary>
    public static bool operator >=(VByteRate a, VByteRate b) => a.SatsPerKvb >= b.SatsPerKvb;

    /// <summary>Satoshi per virtual byte, as <c>1.5 sat/vB</c>, alike in every culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SatsPerKvb / 1000m:0.###} sat/vB");
}
