using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing;

/// <summary>A backup of a whole money database, kept in tables beside the real ones; restoring it makes every row what it was.</summary>
internal static class DatabaseBackup
{
    private static int _taken;

    /// <summary>Takes one; the name restores it.</summary>
    public static async Task<string> TakeAsync(MoneyDb db)
    {
        var name = $"backup_{Interlocked.Increment(ref _taken)}";
        foreach (var table in TablesOf(db)) await RunAsync(db, $"create table \"{name}_{table}\" as select * from \"{table}\"");
        return name;
    }

    /// <summary>Puts it back.</summary>
    public static async Task RestoreAsync(MoneyDb db, string name)
    {
        // Rows go and come in whatever order: the references between them are those of the backup.
        await db.Database.OpenConnectionAsync();
        await RunAsync(db, db.Database.IsNpgsql() ? "set session_replication_role = replica" : "pragma foreign_keys = off");
        await using (var transaction = await db.JoinTransactionAsync())
        {
            foreach (var table in TablesOf(db))
            {
                await RunAsync(db, $"delete from \"{table}\"");
                await RunAsync(db, $"insert into \"{table}\" select * from \"{name}_{table}\"");
            }

            await transaction.CommitAsync();
        }

        await RunAsync(db, db.Database.IsNpgsql() ? "set session_replication_role = default" : "pragma foreign_keys = on");
        await db.Database.CloseConnectionAsync();
    }

    private static IEnumerable<string> TablesOf(MoneyDb db) => db.Model.GetEntityTypes().Select(type => type.GetTableName()!).Distinct(StringComparer.Ordinal);

    private static Task<int> RunAsync(MoneyDb db, string sql) => db.Database.ExecuteSqlRawAsync(sql);
}
