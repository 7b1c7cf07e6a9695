namespace DigitalResistance.Ledger;

/// <summary>What a transaction pays and admins approved: a round, or a move of the treasury's own. The log names it by the member <c>round</c> or <c>move</c>.</summary>
public readonly record struct PaymentOrder
{
    private PaymentOrder(int? round, int? move) => (RoundNumber, MoveNumber) = (round, move);

    /// <summary>The round; null for a move.</summary>
    public int? RoundNumber { get; }

    /// <summary>The move; null for a round.</summary>
    public int? MoveNumber { get; }

    /// <summary>Its number among its kind.</summary>
    public int Number => RoundNumber ?? MoveNumber ?? throw new InvalidOperationException("A payment order names a round or a move.");

    /// <summary><c>round</c> or <c>move</c>: the member that names it in the log.</summary>
    public string Member => RoundNumber is null ? "move" : "round";

    /// <summary>A round.</summary>
    public static PaymentOrder Round(int number) => new(number, null);

    /// <summary>A move.</summary>
    public static PaymentOrder Move(int number) => new(null, number);

    /// <summary>Of two columns, of which one is null.</summary>
    public static PaymentOrder Of(int? round, int? move) =>
        round is null == move is null ? throw new InvalidOperationException("A payment is of a round or of a move.") : new(round, move);

    /// <summary>As logs and file names say it: <c>round 7</c>.</summary>
    public override string ToString() => $"{Member} {Number}";
}
