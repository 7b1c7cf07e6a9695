using DigitalResistance.Data;

namespace DigitalResistance.Ledger;

/// <summary>How an act tells the public log what it did.</summary>
public static class LedgerAppend
{
    /// <summary>
    /// Adds <paramref name="entry"/> to the caller's unit of work: it is stored by the same <c>SaveChanges</c> as the fact, or not at all.
    /// </summary>
    public static LedgerEntry Append(this MoneyDb db, Entry entry, DateTimeOffset at)
    {
        var row = new LedgerEntry { Type = entry.Type, Bytes = entry.ToBytes(at), RoundNumber = entry.RoundNumber, MoveNumber = entry.MoveNumber };
        db.Add(row);
        return row;
    }
}
