using System.Globalization;

namespace NBitcoin;

/// <summary>A fee rate, kept as whole satoshi for 1,000 virtual bytes.</summary>
public class FeeRate : IEquatable<FeeRate>, IComparable<FeeRate>, IComparable
{
    /// <summary>That much for 1,000 virtual bytes.</summary>
    public FeeRate(Money feePerK)
    {
        ArgumentNullException.ThrowIfNull(feePerK);
        ArgumentOutOfRangeException.ThrowIfNegative(feePerK.Satoshi, nameof(feePerK));
        FeePerK = feePerK;
    }

    /// <summary>What a fee comes to for a size in virtual bytes.</summary>
    public FeeRate(Money feePaid, int size)
    {
        ArgumentNullException.ThrowIfNull(feePaid);
        ArgumentOutOfRangeException.ThrowIfNegative(feePaid.Satoshi, nameof(feePaid));
        FeePerK = size > 0 ? new Money(checked((long)((decimal)feePaid.Satoshi / size * 1000m))) : Money.Zero;
    }

    /// <summary>That many satoshi for each virtual byte.</summary>
    public FeeRate(decimal satoshiPerByte)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(satoshiPerByte);
        FeePerK = Money.Satoshis(satoshiPerByte * 1000);
    }

    /// <summary>No fee.</summary>
    public static FeeRate Zero { get; } = new(Money.Zero);

    /// <summary>For 1,000 virtual bytes.</summary>
    public Money FeePerK { get; }

    /// <summary>For one virtual byte.</summary>
    public decimal SatoshiPerByte => FeePerK.Satoshi / 1000m;

    /// <summary>The fee for a size, rounded down, at least one satoshi.</summary>
    public Money GetFee(int virtualSize)
    {
        var fee = new Money(checked(FeePerK.Satoshi * virtualSize) / 1000);
        return fee == Money.Zero ? new Money(1L) : fee;
    }

    /// <summary>The fee for a transaction as large as this one.</summary>
    public Money GetFee(Transaction tx)
    {
        ArgumentNullException.ThrowIfNull(tx);
        return GetFee(tx.GetVirtualSize());
    }

    /// <summary>The lower one.</summary>
    public static FeeRate Min(FeeRate left, FeeRate right) => left <= right ? left : right;

    /// <summary>The higher one.</summary>
    public static FeeRate Max(FeeRate left, FeeRate right) => left >= right ? left : right;

    /// <inheritdoc/>
    public override string ToString() => SatoshiPerByte.ToString(CultureInfo.InvariantCulture) + " Sat/B";

    /// <inheritdoc/>
    public bool Equals(FeeRate? other) => other is not null && FeePerK == other.FeePerK;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FeeRate);

    /// <inheritdoc/>
    public override int GetHashCode() => FeePerK.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(FeeRate? other) => other is null ? 1 : FeePerK.CompareTo(other.FeePerK);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj is null ? 1 : CompareTo((FeeRate)obj);

    /// <summary>Order.</summary>
    public static bool operator <(FeeRate left, FeeRate right) => Order(left, right) < 0;

    /// <summary>Order.</summary>
    public static bool operator >(FeeRate left, FeeRate right) => Order(left, right) > 0;

    /// <summary>Order.</summary>
    public static bool operator <=(FeeRate left, FeeRate right) => Order(left, right) <= 0;

    /// <summary>Order.</summary>
    public static bool operator >=(FeeRate left, FeeRate right) => Order(left, right) >= 0;

    /// <summary>Same rate.</summary>
    public static bool operator ==(FeeRate? left, FeeRate? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Another rate.</summary>
    public static bool operator !=(FeeRate? left, FeeRate? right) => !(left == right);

    private static int Order(FeeRate left, FeeRate right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return left.CompareTo(right);
    }
}
