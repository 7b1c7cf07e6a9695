using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DigitalResistance.Testing;

/// <summary>A money database of its own for a test, with the schema that the migrations make, and a folder for what is kept beside it.</summary>
internal sealed class MoneyDatabase : IAsyncDisposable
{
    // SQLite's schema is made once and copied: most of a test's time would go into making it.
    private static readonly Lazy<byte[]> Empty = new(MakeEmpty);
    private readonly Func<MoneyDb> _open;

    private MoneyDatabase(string folder, Func<MoneyDb> open) => (Folder, _open) = (folder, open);

    public string Folder { get; }

    public MoneyDb Open() => _open();

    /// <summary>On this project's engine.</summary>
    public static async Task<MoneyDatabase> CreateAsync(params IInterceptor[] interceptors) =>
        await Engine.CreateAsync() is { } connection ? await PostgresAsync(connection, interceptors) : Sqlite(interceptors);

    /// <summary>On SQLite, whatever this project's engine is.</summary>
    public static MoneyDatabase Sqlite(params IInterceptor[] interceptors)
    {
        var folder = NewFolder();
        var file = Path.Combine(folder, "money.db");
        File.WriteAllBytes(file, Empty.Value);
        // Nothing in these files is to survive a power cut, so they are not flushed.
        var options = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={file};Pooling=False;Default Timeout=30")
            .UseSnakeCaseNamingConvention().AddInterceptors([new SqlitePragmas("OFF"), .. interceptors]).Options;
        return new MoneyDatabase(folder, () => new SqliteMoneyDb(options));
    }

    /// <summary>How to look into a database that a process made: at a connection string of PostgreSQL, or else a file of SQLite.</summary>
    public static Func<MoneyDb> Existing(string? connection, string file)
    {
        if (connection is not null)
        {
            var postgres = new DbContextOptionsBuilder<PostgresMoneyDb>().UseNpgsql(connection).UseSnakeCaseNamingConvention().Options;
            return () => new PostgresMoneyDb(postgres);
        }

        var sqlite = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={file};Pooling=False;Default Timeout=30").UseSnakeCaseNamingConvention().Options;
        return () => new SqliteMoneyDb(sqlite);
    }

    private static async Task<MoneyDatabase> PostgresAsync(string connection, IInterceptor[] interceptors)
    {
        var options = new DbContextOptionsBuilder<PostgresMoneyDb>().UseNpgsql(connection).UseSnakeCaseNamingConvention().AddInterceptors(interceptors).Options;
        await using var db = new PostgresMoneyDb(options);
        await db.Database.MigrateAsync();
        return new MoneyDatabase(NewFolder(), () => new PostgresMoneyDb(options));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string NewFolder() => Directory.CreateTempSubdirectory("dr-money-").FullName;

    private static byte[] MakeEmpty()
    {
        var folder = NewFolder();
        var file = Path.Combine(folder, "empty.db");
        var options = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={file};Pooling=False").UseSnakeCaseNamingConvention().Options;
        // Closing the only connection brings the log into the file, which is then whole.
        using (var db = new SqliteMoneyDb(options)) db.Database.Migrate();
        var bytes = File.ReadAllBytes(file);
        Directory.Delete(folder, recursive: true);
        return bytes;
    }
}
