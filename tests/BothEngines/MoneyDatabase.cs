using DigitalResistance.Accounts;
using DigitalResistance.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DigitalResistance.Testing;

/// <summary>A money database of its own for a test, with the schema that the migrations make, and a folder for what is kept beside it.</summary>
internal sealed class MoneyDatabase : IAsyncDisposable
{
    // SQLite's schema is made once and copied: most of a test's time would go into making it.
    private static readonly Lazy<byte[]> Empty = new(MakeEmpty);
    private readonly Func<MoneyDb> _open;
    private readonly Action? _close;

    private MoneyDatabase(string folder, Func<MoneyDb> open, Action? close = null) => (Folder, _open, _close) = (folder, open, close);

    public string Folder { get; }

    public MoneyDb Open() => _open();

    /// <summary>What an admin's button on the set-up page leaves: most tests are of an installation that is open. <paramref name="at"/> null closes it again.</summary>
    public static Task OpenSiteAsync(MoneyDb db, DateTimeOffset? at) => db.Set<SiteState>().ExecuteUpdateAsync(set => set.SetProperty(s => s.OpenedAt, at));

    /// <summary>When the installations of tests were opened.</summary>
    public static DateTimeOffset OpenedAt { get; } = new(2018, 4, 17, 0, 0, 0, TimeSpan.Zero);

    /// <summary>On this project's engine.</summary>
    public static async Task<MoneyDatabase> CreateAsync(params IInterceptor[] interceptors) =>
        await Engine.CreateAsync() is { } connection ? await PostgresAsync(connection, interceptors) : Sqlite(interceptors);

    /// <summary>In a folder of the caller's, where it may have been made before.</summary>
    public static async Task<MoneyDatabase> AtAsync(string folder) =>
        await Engine.CreateAsync() is { } connection ? await PostgresAsync(connection, [], folder) : Sqlite(folder);

    /// <summary>On SQLite, whatever this project's engine is.</summary>
    public static MoneyDatabase Sqlite(params IInterceptor[] interceptors) => Sqlite(NewFolder(), interceptors);

    private static MoneyDatabase Sqlite(string folder, params IInterceptor[] interceptors)
    {
        var file = Path.Combine(folder, "money.db");
        if (!File.Exists(file)) File.WriteAllBytes(file, Empty.Value);
        // Nothing in these files is to survive a power cut, so they are not flushed.
        // Kept open between uses, as in the product: an opened file reads its whole schema first.
        var source = $"Data Source={file};Default Timeout=30";
        var options = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite(source)
            .UseSnakeCaseNamingConvention().AddInterceptors([new SqlitePragmas("OFF"), .. interceptors]).Options;
        return new MoneyDatabase(folder, () => new SqliteMoneyDb(options), () => ClearPool(source));
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

    private static async Task<MoneyDatabase> PostgresAsync(string connection, IInterceptor[] interceptors, string? folder = null)
    {
        var options = new DbContextOptionsBuilder<PostgresMoneyDb>().UseNpgsql(connection).UseSnakeCaseNamingConvention().AddInterceptors(interceptors).Options;
        await using var db = new PostgresMoneyDb(options);
        await db.Database.MigrateAsync();
        await OpenSiteAsync(db, OpenedAt);
        return new MoneyDatabase(folder ?? NewFolder(), () => new PostgresMoneyDb(options));
    }

    public ValueTask DisposeAsync()
    {
        _close?.Invoke();
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string NewFolder() => Directory.CreateTempSubdirectory("dr-money-").FullName;

    private static void ClearPool(string source)
    {
        using var connection = new SqliteConnection(source);
        SqliteConnection.ClearPool(connection);
    }

    private static byte[] MakeEmpty()
    {
        var folder = NewFolder();
        var file = Path.Combine(folder, "empty.db");
        var options = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={file};Pooling=False").UseSnakeCaseNamingConvention().Options;
        // Closing the only connection brings the log into the file, which is then whole.
        using (var db = new SqliteMoneyDb(options))
        {
            db.Database.Migrate();
            db.Set<SiteState>().ExecuteUpdate(set => set.SetProperty(s => s.OpenedAt, OpenedAt));
        }

        var bytes = File.ReadAllBytes(file);
        Directory.Delete(folder, recursive: true);
        return bytes;
    }
}
