namespace DigitalResistance.Prober.Dialing;

/// <summary>A message that a server sends, with its parser over the bytes so far. Total: whatever the bytes, it answers and does not throw.</summary>
public interface IWireMessage<TSelf>
    where TSelf : class, IWireMessage<TSelf>
{
    /// <summary>The longest form that is still honest; a message that is not whole by then is refused.</summary>
    static abstract int MaxLength { get; }

    /// <summary>Reads the message at the start of the bytes.</summary>
    static abstract Parsed<TSelf> Parse(ReadOnlySpan<byte> bytes);
}

/// <summary>The three endings of a parse.</summary>
public readonly record struct Parsed<T>
    where T : class
{
    private Parsed(T? message, int length, Failure? refusal) => (Message, Length, Refusal) = (message, length, refusal);

    /// <summary>The message, when it is whole.</summary>
    public T? Message { get; }

    /// <summary>How many bytes it took.</summary>
    public int Length { get; }

    /// <summary>Why it never will be one, when that is certain.</summary>
    public Failure? Refusal { get; }

    /// <summary>More bytes are needed.</summary>
    public static Parsed<T> Partial => default;

    /// <summary>The message, and its length on the wire.</summary>
    public static Parsed<T> Whole(T message, int length) => new(message, length, null);

    /// <summary>No continuation of these bytes can be the message.</summary>
    public static Parsed<T> Refused(Failure failure = Failure.ReplyMalformed) => new(null, 0, failure);
}
