using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Tests.Transparency;
using DigitalResistance.Transparency;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Tests.Ledger;

/// <summary>A data folder with a money database, a log and its key; <see cref="Restart"/> forgets everything a process holds in memory.</summary>
internal sealed class LedgerWorld : IDisposable
{
    private static readonly Lazy<byte[]> EmptyDatabase = new(MakeEmptyDatabase);
    private readonly TemporaryFolder _folder = new();
    private LedgerState _state = new();

    public LedgerWorld() => File.WriteAllBytes(DatabaseFile, EmptyDatabase.Value);

    private LedgerWorld(LedgerWorld from)
    {
        foreach (var file in Directory.GetFiles(from.Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(from.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    public string Folder => _folder.Path;

    public string DatabaseFile => Path.Combine(Folder, "money.db");

    public string LogFolder => Path.Combine(Folder, "ledger");

    public string KeyFile => Path.Combine(Folder, "keys", "ledger.key");

    public LedgerOptions Options { get; } = new() { Origin = "ledger.example/dr" };

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Called before each step of the sealer, in the database and on the disk.</summary>
    public Action<string>? BeforeStep { get; set; }

    public NoteVerifier Key => LedgerKeys.Read(new DurableFolder(Path.Combine(Folder, "keys")), LedgerKeys.Current, "ledger.example/dr")!.Verifier;

    public Checkpoint Published => Checkpoint.Open(File.ReadAllBytes(Path.Combine(LogFolder, "checkpoint")), Key);

    public LedgerWorld Copy() => new(this);

    public void Restart() => _state = new LedgerState();

    public MoneyDb NewDb() => Open(DatabaseFile);

    /// <summary>Tells the log of donations of 1, 2, 3 … thousand satoshi.</summary>
    public async Task DonateAsync(int from, int count)
    {
        await using var db = NewDb();
        for (var i = from; i < from + count; i++) db.Append(new DonationConfirmed(new Sats(i * 1000), i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture), 0, i, i), Time.GetUtcNow());
        await db.SaveChangesAsync();
    }

    public async Task<int> SealAsync()
    {
        await using var db = NewDb();
        var folders = new LedgerFolders(LogFolder, Path.Combine(Folder, "keys"));
        folders.Log.BeforeStep = folders.Keys.BeforeStep = BeforeStep;
        return await new SealingPass(db, folders, _state, Microsoft.Extensions.Options.Options.Create(Options), Time, NullLogger<SealingPass>.Instance) { BeforeStep = BeforeStep }.RunAsync(default);
    }

    public async Task<long> ReadmitAsync()
    {
        await using var db = NewDb();
        return await new LedgerReadmission(db, new LedgerFolders(LogFolder, Path.Combine(Folder, "keys")), Microsoft.Extensions.Options.Options.Create(Options), Time, []).RunAsync();
    }

    public async Task<(string VerifierKey, bool IsNew)> AddKeyAsync()
    {
        await using var db = NewDb();
        return await new LedgerKeyAdding(db, new LedgerFolders(LogFolder, Path.Combine(Folder, "keys")), Microsoft.Extensions.Options.Options.Create(Options), Time).AddAsync();
    }

    public async Task<string> RevokeKeyAsync()
    {
        await using var db = NewDb();
        return await new LedgerKeyRevoking(db, new LedgerFolders(LogFolder, Path.Combine(Folder, "keys")), Time).RevokeAsync();
    }

    public Task<LogReport> VerifyAsync(params Checkpoint[] older) => new LogVerifier(new FolderLogSource(LogFolder), [Key]).VerifyAsync(older);

    /// <summary>What a process says that shows pages and seals nothing.</summary>
    public async Task<bool> IsStoppedElsewhereAsync()
    {
        await using var db = NewDb();
        return await new LedgerStanding(db, new LedgerState(), Time).IsStoppedAsync(default);
    }

    public async Task<LedgerRefusedException> RefusalAsync()
    {
        Restart();
        return await Assert.ThrowsAsync<LedgerRefusedException>(SealAsync);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var db = NewDb();
        await db.Database.ExecuteSqlRawAsync(sql);
    }

    public void Dispose() => _folder.Dispose();

    private static SqliteMoneyDb Open(string file) => new(new DbContextOptionsBuilder<SqliteMoneyDb>()
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString).UseSnakeCaseNamingConvention()
        .AddInterceptors(new SqlitePragmas("OFF")).Options);

    private static byte[] MakeEmptyDatabase()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "empty.db");
        using (var db = Open(file)) db.Database.EnsureCreated();
        return File.ReadAllBytes(file);
    }
}
