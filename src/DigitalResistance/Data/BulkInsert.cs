using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace DigitalResistance.Data;

/// <summary>
/// Inserts thousands of rows within the open transaction, by COPY on PostgreSQL and by one prepared statement on SQLite: a tenth of what
/// it costs to track each row. Columns and conversions are the mapping's own, so a column that is added there is written here too.
/// </summary>
internal static class BulkInsert
{
    /// <summary>Inserts rows whose every column has its value already. None of them is tracked.</summary>
    public static async Task InsertAllAsync<T>(this MoneyDb db, IReadOnlyCollection<T> rows, CancellationToken cancellation) where T : class
    {
        var type = db.Model.FindEntityType(typeof(T))!;
        Column[] columns = [.. type.GetProperties().Select(p => new Column(p))];
        var table = Quoted(type.GetTableName()!);
        var names = string.Join(", ", columns.Select(c => Quoted(c.Name)));
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            if (db.Database.IsNpgsql()) await CopyAsync(db, $"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)", columns, rows, cancellation);
            else await PrepareAsync(db, $"INSERT INTO {table} ({names}) VALUES ({string.Join(", ", columns.Select(c => "$" + c.Name))})", columns, rows, cancellation);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static async Task CopyAsync<T>(MoneyDb db, string sql, Column[] columns, IReadOnlyCollection<T> rows, CancellationToken cancellation) where T : class
    {
        await using var import = await ((NpgsqlConnection)db.Database.GetDbConnection()).BeginBinaryImportAsync(sql, cancellation);
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellation);
            foreach (var column in columns)
            {
                if (column.Of(row) is { } value) await import.WriteAsync(value, column.StoreType, cancellation);
                else await import.WriteNullAsync(cancellation);
            }
        }

        await import.CompleteAsync(cancellation);
    }

    private static async Task PrepareAsync<T>(MoneyDb db, string sql, Column[] columns, IReadOnlyCollection<T> rows, CancellationToken cancellation) where T : class
    {
        await using var command = ((SqliteConnection)db.Database.GetDbConnection()).CreateCommand();
        command.CommandText = sql;
        command.Transaction = (SqliteTransaction?)db.Database.CurrentTransaction?.GetDbTransaction();
        SqliteParameter[] parameters = [.. columns.Select(c => command.Parameters.Add(new SqliteParameter { ParameterName = "$" + c.Name }))];
        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Length; i++) parameters[i].Value = columns[i].Of(row) ?? DBNull.Value;
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static string Quoted(string name) => $"\"{name}\"";

    private sealed class Column(IProperty property)
    {
        private readonly Func<object?, object?>? _convert = property.GetTypeMapping().Converter?.ConvertToProvider;

        public string Name { get; } = property.GetColumnName();

        public string StoreType { get; } = property.GetRelationalTypeMapping().StoreTypeNameBase;

        public object? Of(object row)
        {
            var value = property.GetGetter().GetClrValue(row);
            return value is null || _convert is null ? value : _convert(value);
        }
    }
}
