using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Testing.Ledger;

/// <summary>The sealer on this project's engine: stopped at every write, several at once, and after somebody touched a row.</summary>
public sealed class SealerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private MoneyDatabase _database = null!;
    private LedgerState _state = new();
    private int _donations;

    public async ValueTask InitializeAsync() => _database = await MoneyDatabase.CreateAsync();

    public async ValueTask DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Stopped_at_every_write_the_next_process_goes_on_without_fork_or_gap()
    {
        await DonateAsync(230);
        await SealAsync();
        var known = new List<Checkpoint> { Published() };
        var steps = new List<string>();
        for (var (stopAt, stopped) = (0, true); stopped; stopAt++)
        {
            // Some of these cross the end of a tile.
            await DonateAsync(3);
            steps.Clear();
            stopped = await Record.ExceptionAsync(() => SealAsync(step =>
            {
                steps.Add(step);
                if (steps.Count > stopAt) throw new IOException($"stopped before: {step}");
            })) is IOException;

            // Whatever moment it was, readers see a sound log that still holds all they ever saw.
            var seen = await VerifyAsync(known);
            Assert.Null(seen.Fault);
            known.Add(seen.Head!);
            _state = new LedgerState();
            await SealAsync();
            var after = await VerifyAsync(known);
            Assert.Null(after.Fault);
            Assert.Equal(_donations + 1, after.Head!.Size);
            await using var db = _database.Open();
            Assert.Equal(_donations + 1, await db.Set<LedgerLine>().CountAsync());
            Assert.Equal(_donations * (_donations + 1) / 2 * 1000L, (await db.Set<LedgerHead>().SingleAsync()).Balance.Value);
        }

        Assert.True(steps.Count > 15, $"only {steps.Count} steps were tried");
        Assert.Contains("commit lines", steps);
    }

    [Fact]
    public async Task Several_sealers_and_writers_at_once_make_one_log_that_holds_every_entry_once()
    {
        await SealAsync();
        for (var round = 0; round < 5; round++)
        {
            var writers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => DonateAsync(4)));
            var sealers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                // A loser may meet a locked or changed row: it gives up and breaks nothing.
                Assert.IsNotType<LedgerRefusedException>(await Record.ExceptionAsync(() => SealAsync(state: new LedgerState())));
            }));
            await Task.WhenAll([.. writers, .. sealers]);
        }

        await SealAsync(state: new LedgerState());
        Assert.Null((await VerifyAsync([])).Fault);
        Assert.Equal(61, Published().Size);
        await using var db = _database.Open();
        Assert.Equal(61, await db.Set<LedgerLine>().CountAsync());
        Assert.Equal(60, await db.Set<LedgerLine>().Where(l => l.Txid != null).Select(l => l.Txid).Distinct().CountAsync());
    }

    [Theory]
    [InlineData("UPDATE ledger_entries SET bytes = (SELECT bytes FROM ledger_entries WHERE \"index\" = 5) WHERE \"index\" = 7", "The entry 7 in the database is not the one that was signed")]
    [InlineData("UPDATE ledger_entries SET \"index\" = 1000000 WHERE \"index\" = 7; UPDATE ledger_entries SET \"index\" = 7 WHERE \"index\" = 8; UPDATE ledger_entries SET \"index\" = 8 WHERE \"index\" = 1000000", "The entry 7 in the database is not the one that was signed")]
    [InlineData("DELETE FROM ledger_entries WHERE \"index\" = 7", "The entry 7 is missing in the database")]
    [InlineData("DELETE FROM ledger_entries WHERE \"index\" > 15; UPDATE ledger_head SET assigned = 16, published = 16", "The database ends at entry 15, but a checkpoint of 21 entries was signed")]
    [InlineData("UPDATE ledger_head SET assigned = 22", "The database says that it has 22 entries, and has 21")]
    public async Task A_touched_row_stops_it_and_is_named(string sql, string found)
    {
        await DonateAsync(20);
        await SealAsync();
        var before = Published();
        await using (var db = _database.Open()) await db.Database.ExecuteSqlRawAsync(sql);
        await DonateAsync(1);
        var refusal = await Assert.ThrowsAsync<LedgerRefusedException>(() => SealAsync(state: new LedgerState()));
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refusal.Remedy);
        Assert.Equal(before, Published());
    }

    private async Task DonateAsync(int count)
    {
        await using var db = _database.Open();
        for (; count > 0; count--)
        {
            var number = Interlocked.Increment(ref _donations);
            db.Append(new DonationConfirmed(new Sats(number * 1000L), number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture), 0, number, number), _time.GetUtcNow());
        }

        await db.SaveChangesAsync();
    }

    private async Task<int> SealAsync(Action<string>? beforeStep = null, LedgerState? state = null)
    {
        await using var db = _database.Open();
        var folders = new LedgerFolders(LogFolder, KeyFolder);
        folders.Log.BeforeStep = folders.Keys.BeforeStep = beforeStep;
        var options = Options.Create(new LedgerOptions { Origin = "ledger.example/dr" });
        return await new SealingPass(db, folders, state ?? _state, options, _time, NullLogger<SealingPass>.Instance) { BeforeStep = beforeStep }.RunAsync(default);
    }

    private string LogFolder => Path.Combine(_database.Folder, "ledger");

    private string KeyFolder => Path.Combine(_database.Folder, "keys");

    private NoteVerifier Key => LedgerKeys.Read(new DurableFolder(KeyFolder), LedgerKeys.Current, "ledger.example/dr")!.Verifier;

    private Checkpoint Published() => Checkpoint.Open(File.ReadAllBytes(Path.Combine(LogFolder, "checkpoint")), Key);

    private Task<LogReport> VerifyAsync(IReadOnlyCollection<Checkpoint> older) => new LogVerifier(new FolderLogSource(LogFolder), [Key]).VerifyAsync(older);
}
