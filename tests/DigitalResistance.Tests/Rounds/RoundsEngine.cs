using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DigitalResistance.Tests.Rounds;

/// <summary>The database these tests run on: here a SQLite file. The integration suite compiles the same tests with PostgreSQL in its place.</summary>
internal static class RoundsEngine
{
    // The schema is made once and copied: most of a test's time would go into making it.
    private static readonly Lazy<byte[]> Empty = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("dr-rounds-").FullName;
        var file = Path.Combine(folder, "empty.db");
        using (var db = On(file, "journal_mode=DELETE")()) db.Database.EnsureCreated();
        var bytes = File.ReadAllBytes(file);
        Directory.Delete(folder, recursive: true);
        return bytes;
    });

    public static async Task<(Func<MoneyDb> Open, Action Delete)> CreateAsync(IInterceptor interceptor)
    {
        var folder = Directory.CreateTempSubdirectory("dr-rounds-").FullName;
        var file = Path.Combine(folder, "money.db");
        await File.WriteAllBytesAsync(file, Empty.Value);
        return (On(file, "journal_mode=WAL", interceptor), () => Directory.Delete(folder, recursive: true));
    }

    // Nothing in these files is to survive a power cut, so they are not flushed.
    private static Func<MoneyDb> On(string file, string journal, params IInterceptor[] interceptors)
    {
        var options = new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={file};Pooling=False;Default Timeout=30")
            .UseSnakeCaseNamingConvention().AddInterceptors([new SqlitePragmas($"OFF; PRAGMA {journal}"), .. interceptors]).Options;
        return () => new SqliteMoneyDb(options);
    }
}
