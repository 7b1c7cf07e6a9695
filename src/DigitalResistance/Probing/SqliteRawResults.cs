using System.Globalization;
using System.Runtime.CompilerServices;
using DigitalResistance.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace DigitalResistance.Probing;

// The same on SQLite: a table per day, clustered by server so that one server's day is one range, dropped whole.
internal sealed class SqliteRawResults(ProbesDb db) : RawResults(db)
{
    private SqliteConnection Connection => (SqliteConnection)Db.Database.GetDbConnection();

    protected override Task EnsureDayAsync(DateOnly day, CancellationToken cancellation) => ExecuteAsync(
        $"CREATE TABLE IF NOT EXISTS {Name(day)} (server INTEGER NOT NULL, vantage INTEGER NOT NULL, slot_at INTEGER NOT NULL, started_after INTEGER NOT NULL, record BLOB NOT NULL, "
        + "PRIMARY KEY (server, vantage, slot_at, started_after)) WITHOUT ROWID", cancellation);

    // The transaction has the file's only write lock.
    protected override Task<long> HoldSettledAsync(CancellationToken cancellation) => Db.Set<SettledSlots>().Select(s => s.Until).SingleAsync(cancellation);

    protected override async Task InsertAsync(IReadOnlyList<RawResult> results, CancellationToken cancellation)
    {
        foreach (var day in results.GroupBy(r => DayOf(r.SlotAt)))
        {
            await using var command = await CommandAsync($"INSERT OR IGNORE INTO {Name(day.Key)} VALUES ($server, $vantage, $slot, $started, $record)", cancellation);
            var (server, vantage, slot) = (command.Parameters.Add("$server", SqliteType.Integer), command.Parameters.Add("$vantage", SqliteType.Integer), command.Parameters.Add("$slot", SqliteType.Integer));
            var (started, record) = (command.Parameters.Add("$started", SqliteType.Integer), command.Parameters.Add("$record", SqliteType.Blob));
            foreach (var result in day)
            {
                (server.Value, vantage.Value, slot.Value, started.Value, record.Value) = (result.Server, result.Vantage, result.SlotAt, result.StartedAfter, result.Record.ToBytes());
                await command.ExecuteNonQueryAsync(cancellation);
            }
        }
    }

    public override async IAsyncEnumerable<RawResult> ReadAsync(DateOnly day, IReadOnlyCollection<int>? servers, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (servers is { Count: 0 } || !(await DaysAsync(cancellation)).Contains(day)) yield break;
        await using var command = await CommandAsync(Select(day, servers), cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return new(reader.GetInt32(0), reader.GetInt16(1), reader.GetInt64(2), reader.GetInt32(3), SlotRecord.Read(reader.GetFieldValue<byte[]>(4)));
        }
    }

    public override async Task<IReadOnlyList<DateOnly>> DaysAsync(CancellationToken cancellation)
    {
        await using var command = await CommandAsync("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'probe\\_raw\\_%' ESCAPE '\\' ORDER BY 1", cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var days = new List<DateOnly>();
        while (await reader.ReadAsync(cancellation)) days.Add(DateOnly.ParseExact(reader.GetString(0)[^8..], "yyyyMMdd", CultureInfo.InvariantCulture));
        return days;
    }

    public override Task DropAsync(DateOnly day, CancellationToken cancellation) => ExecuteAsync($"DROP TABLE IF EXISTS {Name(day)}", cancellation);

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = await CommandAsync(sql, cancellation);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<SqliteCommand> CommandAsync(string sql, CancellationToken cancellation)
    {
        await Db.Database.OpenConnectionAsync(cancellation);
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = (SqliteTransaction?)Db.Database.CurrentTransaction?.GetDbTransaction();
        return command;
    }
}
