using System.Globalization;

namespace DigitalResistance.Platform;

/// <summary>
/// An amount of bitcoin in satoshi. Arithmetic is checked: an overflow is a bug that must stop the program before money moves.
/// There is no conversion from or to a number without saying so, and no fraction of a satoshi.
/// </summary>
/// <param name="Value">Satoshi; may be negative in a balance or a difference, never in a payment.</param>
public readonly record struct Sats(long Value) : IComparable<Sats>
{
    /// <summary>All the bitcoin there can ever be, in satoshi.</summary>
    public static readonly Sats Supply = new(2_100_000_000_000_000);

    /// <summary>Nothing.</summary>
    public static readonly Sats Zero;

    /// <inheritdoc/>
    public int CompareTo(Sats other) => Value.CompareTo(other.Value);

    /// <summary>The exact sum; throws <see cref="OverflowException"/> outside 64 bits.</summary>
    public static Sats operator +(Sats a, Sats b) => new(checked(a.Value + b.Value));

    /// <summary>The exact difference; throws <see cref="OverflowException"/> outside 64 bits.</summary>
    public static Sats operator -(Sats a, Sats b) => new(checked(a.Value - b.Value));

    /// <summary>The amount taken from the other side of a balance.</summary>
    public static Sats operator -(Sats a) => new(checked(-a.Value));

    /// <summary>Whether the first amount is smaller.</summary>
    public static bool operator <(Sats a, Sats b) => a.Value < b.Value;

    /// <summary>Whether the first amount is larger.</summary>
    public static bool operator >(Sats a, Sats b) => a.Value > b.Value;

    /// <summary>Whether the first amount is smaller or equal.</summary>
    public static bool operator <=(Sats a, Sats b) => a.Value <= b.Value;

    /// <summary>Whether the first amount is larger or equal.</summary>
    public static bool operator >=(Sats a, Sats b) => a.Value >= b.Value;

    /// <summary>The exact sum of amounts.</summary>
    public static Sats Sum(IEnumerable<Sats> amounts) => amounts.Aggregate(Zero, (sum, next) => sum + next);

    /// <summary>The same amount in bitcoin with eight decimals, as <c>0.00012345</c>, alike in every culture.</summary>
    public string ToBtc()
    {
        var magnitude = Int128.Abs(Value);
        var sign = Value < 0 ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{magnitude / 100_000_000}.{magnitude % 100_000_000:D8}");
    }

    /// <summary>The number of satoshi with its unit, alike in every culture (for logs and tests).</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value} sat");
}
