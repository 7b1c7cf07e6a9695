using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NBitcoin;

/// <summary>An amount of something that coins can carry.</summary>
public interface IMoney : IComparable, IComparable<IMoney>, IEquatable<IMoney>
{
}

/// <summary>Names for multiples of a satoshi.</summary>
[SuppressMessage("Design", "CA1008", Justification = "NBitcoin's values.")]
public enum MoneyUnit
{
    /// <summary>100,000,000 satoshi.</summary>
    BTC = 100_000_000,

    /// <summary>100,000 satoshi.</summary>
    MilliBTC = 100_000,

    /// <summary>100 satoshi.</summary>
    Bit = 100,

    /// <summary>The smallest amount there is.</summary>
    Satoshi = 1,
}

/// <summary>An amount of bitcoin in whole satoshi. All arithmetic is checked.</summary>
public class Money : IComparable<Money>, IEquatable<Money>, IMoney
{
    /// <summary>Satoshi in a bitcoin.</summary>
    public const long COIN = 100_000_000;

    private const NumberStyles Style = NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite
        | NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    /// <summary>That many satoshi.</summary>
    public Money(int satoshis) => Satoshi = satoshis;

    /// <summary>That many satoshi.</summary>
    public Money(uint satoshis) => Satoshi = satoshis;

    /// <summary>That many satoshi.</summary>
    public Money(long satoshis) => Satoshi = satoshis;

    /// <summary>That many satoshi.</summary>
    public Money(ulong satoshis) => Satoshi = checked((long)satoshis);

    /// <summary>That many of a unit; what is smaller than a satoshi is cut off.</summary>
    public Money(decimal amount, MoneyUnit unit) => Satoshi = checked((long)(amount * (int)unit));

    /// <summary>Nothing.</summary>
    public static Money Zero { get; } = new(0L);

    /// <summary>The amount in satoshi.</summary>
    public long Satoshi { get; }

    /// <summary>That many bitcoin.</summary>
    public static Money Coins(decimal coins) => new(coins, MoneyUnit.BTC);

    /// <summary>That many satoshi.</summary>
    public static Money Satoshis(long sats) => new(sats);

    /// <summary>That many satoshi.</summary>
    public static Money Satoshis(ulong sats) => new(sats);

    /// <summary>That many satoshi; a fraction is cut off.</summary>
    public static Money Satoshis(decimal sats) => new(sats, MoneyUnit.Satoshi);

    /// <summary>Reads an amount in bitcoin, as <c>0.001</c>.</summary>
    public static Money Parse(string bitcoin) =>
        TryParse(bitcoin, out var money) ? money : throw new FormatException("This is not an amount in bitcoin, such as 0.001.");

    /// <summary>Reads an amount in bitcoin, as <c>0.001</c>, or says that it cannot.</summary>
    public static bool TryParse(string bitcoin, [MaybeNullWhen(false)] out Money nRet)
    {
        nRet = null;
        if (!decimal.TryParse(bitcoin, Style, CultureInfo.InvariantCulture, out var value)) return false;
        if (Math.Abs(value) > long.MaxValue / COIN) return false;
        nRet = new Money(value, MoneyUnit.BTC);
        return true;
    }

    /// <summary>The amount in a unit.</summary>
    public decimal ToUnit(MoneyUnit unit) => Satoshi / (decimal)(int)unit;

    /// <summary>The amount in a unit.</summary>
    public decimal ToDecimal(MoneyUnit unit) => ToUnit(unit);

    /// <summary>The same amount without its sign.</summary>
    public Money Abs() => new(Math.Abs(Satoshi));

    /// <summary>Parts that differ by at most one satoshi and add up to the whole; the larger ones come first.</summary>
    public IEnumerable<Money> Split(int parts)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parts);
        var (share, rest) = Math.DivRem(Satoshi, parts);
        for (var i = 0; i < parts; i++) yield return new Money(share + (i < rest ? 1 : 0));
    }

    /// <summary>In bitcoin with eight decimals.</summary>
    public override string ToString() => ToString(false, false);

    /// <summary>In bitcoin, with a plus sign or without, with eight decimals or at least two.</summary>
    public string ToString(bool fplus, bool trimExcessZero = true)
    {
        var digits = ToUnit(MoneyUnit.BTC).ToString(trimExcessZero ? "0.00########" : "0.00000000", CultureInfo.InvariantCulture);
        return fplus && Satoshi > 0 ? "+" + digits : digits;
    }

    /// <summary>The smaller one.</summary>
    public static Money Min(Money a, Money b) => a <= b ? a : b;

    /// <summary>The larger one.</summary>
    public static Money Max(Money a, Money b) => a >= b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Money? other) => other is null ? 1 : Satoshi.CompareTo(other.Satoshi);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj is null ? 1 : obj is Money other ? CompareTo(other) : Satoshi.CompareTo((long)obj);

    int IComparable<IMoney>.CompareTo(IMoney? other) => CompareTo(other);

    /// <inheritdoc/>
    public bool Equals(Money? other) => other is not null && Satoshi == other.Satoshi;

    bool IEquatable<IMoney>.Equals(IMoney? other) => Equals(other as Money);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Money other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Satoshi.GetHashCode();

    /// <summary>Sum.</summary>
    public static Money operator +(Money left, Money right) => new(checked(Sats(left) + Sats(right)));

    /// <summary>Difference.</summary>
    public static Money operator -(Money left, Money right) => new(checked(Sats(left) - Sats(right)));

    /// <summary>The same amount owed.</summary>
    public static Money operator -(Money left) => new(checked(-Sats(left)));

    /// <summary>Multiple.</summary>
    public static Money operator *(int left, Money right) => new(checked(left * Sats(right)));

    /// <summary>Multiple.</summary>
    public static Money operator *(Money right, int left) => new(checked(left * Sats(right)));

    /// <summary>Multiple.</summary>
    public static Money operator *(long left, Money right) => new(checked(left * Sats(right)));

    /// <summary>Multiple.</summary>
    public static Money operator *(Money right, long left) => new(checked(left * Sats(right)));

    /// <summary>Part, rounded towards nothing.</summary>
    public static Money operator /(Money left, long right) => new(checked(Sats(left) / right));

    /// <summary>Order.</summary>
    public static bool operator <(Money left, Money right) => Sats(left) < Sats(right);

    /// <summary>Order.</summary>
    public static bool operator >(Money left, Money right) => Sats(left) > Sats(right);

    /// <summary>Order.</summary>
    public static bool operator <=(Money left, Money right) => Sats(left) <= Sats(right);

    /// <summary>Order.</summary>
    public static bool operator >=(Money left, Money right) => Sats(left) >= Sats(right);

    /// <summary>Same amount.</summary>
    public static bool operator ==(Money? a, Money? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another amount.</summary>
    public static bool operator !=(Money? a, Money? b) => !(a == b);

    /// <summary>That many satoshi.</summary>
    public static implicit operator Money(long value) => new(value);

    /// <summary>That many satoshi.</summary>
    public static implicit operator Money(int value) => new(value);

    /// <summary>That many satoshi.</summary>
    public static implicit operator Money(uint value) => new(value);

    /// <summary>That many satoshi.</summary>
    public static implicit operator Money(ulong value) => new(value);

    /// <summary>The amount in satoshi.</summary>
    public static implicit operator long(Money value) => Sats(value);

    private static long Sats(Money money)
    {
        ArgumentNullException.ThrowIfNull(money);
        return money.Satoshi;
    }
}

/// <summary>Sums.</summary>
public static class MoneyExtensions
{
    /// <summary>Adds amounts up, checked.</summary>
    public static Money Sum(this IEnumerable<Money> moneys) => new(moneys.Aggregate(0L, (sum, m) => checked(sum + m.Satoshi)));
}
