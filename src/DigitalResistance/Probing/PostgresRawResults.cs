using System.Globalization;
using System.Runtime.CompilerServices;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace DigitalResistance.Probing;

// What only PostgreSQL can do: day partitions, binary COPY, a BRIN index. 52 bytes a row with its header.
internal sealed class PostgresRawResults(ProbesDb db) : RawResults(db)
{
    private const long PartitionLock = 0x70726f6265; // any number of our own: "probe"

    // Partitions that this process has seen; a dropped day is never filled again, since its slots are long over.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string, DateOnly), bool> Seen = [];

    private NpgsqlConnection Connection => (NpgsqlConnection)Db.Database.GetDbConnection();

    protected override async Task EnsureDayAsync(DateOnly day, CancellationToken cancellation)
    {
        var key = (Connection.ConnectionString, day);
        if (Seen.ContainsKey(key)) return;
        await using var transaction = await Db.BeginAsync(cancellation);
        // IF NOT EXISTS alone is not enough: two creators at once collide in the catalogue.
        await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            SELECT pg_advisory_xact_lock({PartitionLock});
            CREATE TABLE IF NOT EXISTS probe_raw (
                slot_at bigint NOT NULL, server integer NOT NULL, started_after integer NOT NULL, vantage smallint NOT NULL, record bytea NOT NULL
            ) PARTITION BY RANGE (slot_at);
            CREATE TABLE IF NOT EXISTS {Name(day)} PARTITION OF probe_raw FOR VALUES FROM ({StartOf(day)}) TO ({StartOf(day.AddDays(1))});
            CREATE INDEX IF NOT EXISTS {Name(day)}_slot ON {Name(day)} USING brin (slot_at) WITH (pages_per_range = 32);
            """), cancellation);
        await transaction.CommitAsync(cancellation);
        Seen[key] = true;
    }

    protected override async Task<long> HoldSettledAsync(CancellationToken cancellation)
    {
        await using var command = await CommandAsync("SELECT until FROM settled_slots FOR SHARE", cancellation);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    protected override async Task InsertAsync(IReadOnlyList<RawResult> results, CancellationToken cancellation)
    {
        // COPY into the parent: the rows find their partitions.
        await using var import = await Connection.BeginBinaryImportAsync(
            "COPY probe_raw (slot_at, server, started_after, vantage, record) FROM STDIN (FORMAT BINARY)", cancellation);
        foreach (var result in results)
        {
            await import.StartRowAsync(cancellation);
            await import.WriteAsync(result.SlotAt, NpgsqlDbType.Bigint, cancellation);
            await import.WriteAsync(result.Server, NpgsqlDbType.Integer, cancellation);
            await import.WriteAsync(result.StartedAfter, NpgsqlDbType.Integer, cancellation);
            await import.WriteAsync(result.Vantage, NpgsqlDbType.Smallint, cancellation);
            await import.WriteAsync(result.Record.ToBytes(), NpgsqlDbType.Bytea, cancellation);
        }

        await import.CompleteAsync(cancellation);
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
        await using var command = await CommandAsync(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('probe_raw') ORDER BY 1", cancellation);
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

    private async Task<NpgsqlCommand> CommandAsync(string sql, CancellationToken cancellation)
    {
        await Db.Database.OpenConnectionAsync(cancellation);
        return new NpgsqlCommand(sql, Connection, (NpgsqlTransaction?)Db.Database.CurrentTransaction?.GetDbTransaction());
    }
}
