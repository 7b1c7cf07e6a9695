using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DigitalResistance.Testing.Rounds;

/// <summary>A money database of its own for each test, on this project's engine.</summary>
internal static class RoundsEngine
{
    // SQLite's schema is made once and copied: most of a test's time would go into making it.
    private static readonly Lazy<byte[]> Empty = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("dr-rounds-").FullName;
        var file = Path.Combine(folder, "empty.db");
        var options = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={file};Pooling=False").UseSnakeCaseNamingConvention().Options;
        // Closing the only connection brings the log into the file, which is then whole.
        using (var db = new SqliteMoneyDb(options)) db.Database.Migrate();
        var bytes = File.ReadAllBytes(file);
        Directory.Delete(folder, recursive: true);
        return bytes;
    });

    public static async Task<(Func<MoneyDb> Open, Action Delete)> CreateAsync(IInterceptor interceptor)
    {
        if (await Engine.CreateAsync() is { } connection)
        {
            var options = new DbContextOptionsBuilder<PostgresMoneyDb>().UseNpgsql(connection).UseSnakeCaseNamingConvention().AddInterceptors(interceptor).Options;
            await using var db = new PostgresMoneyDb(options);
            await db.Database.MigrateAsync();
            return (() => new PostgresMoneyDb(options), () => { });
        }

        var folder = Directory.CreateTempSubdirectory("dr-rounds-").FullName;
        var file = Path.Combine(folder, "money.db");
        await File.WriteAllBytesAsync(file, Empty.Value);
        return (Sqlite(file, interceptor), () => Directory.Delete(folder, recursive: true));
    }

    // Nothing in these files is to survive a power cut, so they are not flushed.
    private static Func<MoneyDb> Sqlite(string file, IInterceptor interceptor)
    {
        var options = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={file};Pooling=False;Default Timeout=30")
            .UseSnakeCaseNamingConvention().AddInterceptors(new SqlitePragmas("OFF"), interceptor).Options;
        return () => new SqliteMoneyDb(options);
    }
}
