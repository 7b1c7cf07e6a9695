using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Treasury;

/// <summary>A money database in a folder of its own, gone with it. The schema is made once and copied: that would be most of a test's time.</summary>
internal sealed class SqliteFolder : IDisposable
{
    private static readonly Lazy<byte[]> Empty = new(MakeEmpty);

    public SqliteFolder() => File.WriteAllBytes(DatabaseFile, Empty.Value);

    public string Path { get; } = Directory.CreateTempSubdirectory("dr-treasury-").FullName;

    public string DatabaseFile => System.IO.Path.Combine(Path, "money.db");

    public MoneyDb Open() => Open(DatabaseFile, "WAL");

    public void Dispose() => Directory.Delete(Path, recursive: true);

    // Nothing in these files is to survive a power cut, so they are not flushed.
    private static SqliteMoneyDb Open(string file, string journal) => new(new DbContextOptionsBuilder<SqliteMoneyDb>()
        .UseSqlite($"Data Source={file};Pooling=False;Default Timeout=30").UseSnakeCaseNamingConvention()
        .AddInterceptors(new SqlitePragmas($"OFF; PRAGMA journal_mode={journal}")).Options);

    private static byte[] MakeEmpty()
    {
        var folder = Directory.CreateTempSubdirectory("dr-treasury-").FullName;
        var file = System.IO.Path.Combine(folder, "empty.db");
        using (var db = Open(file, "DELETE")) db.Database.EnsureCreated();
        var bytes = File.ReadAllBytes(file);
        Directory.Delete(folder, recursive: true);
        return bytes;
    }
}
