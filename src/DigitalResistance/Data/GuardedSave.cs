using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DigitalResistance.Data;

/// <summary>The one save of an act: what somebody else did at the same moment is an ordinary ending, not an exception.</summary>
internal static class GuardedSave
{
    /// <summary>Saves everything or nothing. After anything but <see cref="SaveOutcome.Saved"/> the context has forgotten what it held.</summary>
    public static async Task<SaveOutcome> TrySaveAsync(this MoneyDb db, CancellationToken cancellation)
    {
        try
        {
            await db.SaveChangesAsync(cancellation);
            return SaveOutcome.Saved;
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return SaveOutcome.ChangedMeanwhile;
        }
        catch (DbUpdateException exception) when (IsUniqueViolation(exception.InnerException))
        {
            db.ChangeTracker.Clear();
            return SaveOutcome.AlreadyThere;
        }
    }

    private static bool IsUniqueViolation(Exception? exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState == PostgresErrorCodes.UniqueViolation,
        // https://www.sqlite.org/rescode.html: SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode is 1555 or 2067,
        _ => false,
    };
}

/// <summary>How a save ended.</summary>
internal enum SaveOutcome
{
    /// <summary>Everything is stored.</summary>
    Saved,

    /// <summary>A row was changed by somebody else since it was read.</summary>
    ChangedMeanwhile,

    /// <summary>A row with the same unique value was there first.</summary>
    AlreadyThere,
}
