using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DigitalResistance.Data;

/// <summary>
/// Durability of a SQLite file: write-ahead log, and <c>synchronous=FULL</c> for money (a committed fact survives a power cut),
/// <c>NORMAL</c> for probes (the last moments may be lost, nothing else).
/// </summary>
internal sealed class SqlitePragmas(string synchronous) : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Text;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Text;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private string Text => $"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=30000;";
}
