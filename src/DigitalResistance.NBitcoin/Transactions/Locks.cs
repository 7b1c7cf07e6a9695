using System.Globalization;

namespace NBitcoin;

/// <summary>An input's sequence number: whether it may be replaced, and how long it must wait after its coin.</summary>
public readonly struct Sequence : IEquatable<Sequence>
{
    private const uint NoRelativeLock = 1u << 31;
    private const uint LastReplaceable = 0xfffffffd;

    /// <summary>That number.</summary>
    public Sequence(uint value) => Value = value;

    /// <summary>A wait of so many blocks.</summary>
    public Sequence(int lockHeight)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lockHeight);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lockHeight, 0xffff);
        Value = (uint)lockHeight;
    }

    /// <summary>Neither replaceable nor locked.</summary>
    public static Sequence Final => new(uint.MaxValue);

    /// <summary>Announces that the transaction may be replaced (BIP-125).</summary>
    public static Sequence OptInRBF => new(LastReplaceable);

    /// <summary>Allows a lock time, without announcing replacement.</summary>
    public static Sequence FeeSnipping => new(uint.MaxValue - 1);

    /// <summary>The number.</summary>
    public uint Value { get; }

    /// <summary>True when it announces replacement.</summary>
    public bool IsRBF => Value <= LastReplaceable;

    /// <summary>True when it makes the input wait (BIP-68).</summary>
    public bool IsRelativeLock => (Value & NoRelativeLock) == 0;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool Equals(Sequence other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Sequence other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>Same number.</summary>
    public static bool operator ==(Sequence a, Sequence b) => a.Value == b.Value;

    /// <summary>Another number.</summary>
    public static bool operator !=(Sequence a, Sequence b) => a.Value != b.Value;

    /// <summary>The number.</summary>
    public static implicit operator uint(Sequence a) => a.Value;

    /// <summary>That number.</summary>
    public static implicit operator Sequence(uint a) => new(a);
}

/// <summary>From which block or time on a transaction may be mined.</summary>
public readonly struct LockTime : IEquatable<LockTime>
{
    private const uint FirstTime = 500_000_000;

    /// <summary>That number.</summary>
    public LockTime(uint valueOrHeight) => Value = valueOrHeight;

    /// <summary>That number.</summary>
    public LockTime(int valueOrHeight) => Value = (uint)valueOrHeight;

    /// <summary>That time.</summary>
    public LockTime(DateTimeOffset dateTime)
    {
        Value = checked((uint)dateTime.ToUnixTimeSeconds());
        ArgumentOutOfRangeException.ThrowIfLessThan(Value, FirstTime, nameof(dateTime));
    }

    /// <summary>At once.</summary>
    public static LockTime Zero { get; }

    /// <summary>The number.</summary>
    public uint Value { get; }

    /// <summary>True when it counts blocks.</summary>
    public bool IsHeightLock => Value < FirstTime;

    /// <summary>True when it is a time.</summary>
    public bool IsTimeLock => !IsHeightLock;

    /// <summary>The block.</summary>
    public int Height => IsHeightLock ? (int)Value : throw new InvalidOperationException("This is not a Height lock");

    /// <summary>The time.</summary>
    public DateTimeOffset Date => IsTimeLock ? DateTimeOffset.FromUnixTimeSeconds(Value) : throw new InvalidOperationException("This is not a Date lock");

    /// <inheritdoc/>
    public override string ToString() => IsHeightLock ? "Height : " + Value.ToString(CultureInfo.InvariantCulture) : "Date : " + Date.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool Equals(LockTime other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LockTime other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>Same number.</summary>
    public static bool operator ==(LockTime a, LockTime b) => a.Value == b.Value;

    /// <summary>Another number.</summary>
    public static bool operator !=(LockTime a, LockTime b) => a.Value != b.Value;

    /// <summary>That number.</summary>
    public static implicit operator LockTime(int valueOrHeight) => new(valueOrHeight);

    /// <summary>That number.</summary>
    public static implicit operator LockTime(uint valueOrHeight) => new(valueOrHeight);

    /// <summary>The number.</summary>
    public static implicit operator uint(LockTime lockTime) => lockTime.Value;
}
