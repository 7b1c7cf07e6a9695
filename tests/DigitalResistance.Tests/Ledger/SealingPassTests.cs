using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Ledger;

public sealed class SealingPassTests : IDisposable
{
    private readonly LedgerWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task An_empty_folder_begins_a_log_whose_first_entry_names_it()
    {
        await _world.SealAsync();
        var read = new List<string>();
        var report = await new LogVerifier(new FolderLogSource(_world.LogFolder), [_world.Key]) { OnEntry = (_, e) => read.Add(System.Text.Encoding.ASCII.GetString(e.Span)) }.VerifyAsync([]);
        Assert.Null(report.Fault);
        Assert.Equal([$$"""{"key":"{{_world.Key}}","origin":"ledger.example/dr","time":"2026-01-01T00:00:00Z","type":"log.created","v":1}"""], read);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_world.KeyFile));
    }

    [Fact]
    public async Task Entries_are_sealed_in_commit_order_with_a_running_balance_that_adds_up()
    {
        await _world.SealAsync();
        await using (var db = _world.NewDb())
        {
            var name = new BatchTransactionName(PaymentOrder.Round(1), 1, 1, new string('a', 64));
            db.Append(new DonationConfirmed(new Sats(5_000_000), new string('b', 64), 0, 100, 0), _world.Time.GetUtcNow());
            db.Append(new TreasuryReceived(new Sats(1_000), new string('c', 64), 0, 100, 0, 9), _world.Time.GetUtcNow());
            db.Append(new TxConfirmed(name, 105, new string('d', 64), new Sats(800_000), new Sats(2_000)), _world.Time.GetUtcNow());
            db.Append(new TxUnconfirmed(name, new Sats(800_000), new Sats(2_000)), _world.Time.GetUtcNow());
            db.Append(new DonationReverted(new Sats(5_000_000), new string('b', 64), 0), _world.Time.GetUtcNow());
            db.Append(new TreasurySpentExternal(new Sats(1_300), new Sats(1_000), new string('e', 64), 106, [$"{new string('c', 64)}:0"], "mistake", 2), _world.Time.GetUtcNow());
            db.Append(new TreasurySpentReverted(new Sats(1_300), new Sats(1_000), new string('e', 64)), _world.Time.GetUtcNow());
            db.Append(new TreasuryReverted(new Sats(1_000), new string('c', 64), 0), _world.Time.GetUtcNow());
            await db.SaveChangesAsync();
        }

        Assert.Equal(8, await _world.SealAsync());
        await using var read = _world.NewDb();
        var lines = await read.Set<LedgerLine>().OrderBy(l => l.Index).ToListAsync();
        Assert.Equal([0, 5_000_000, 5_001_000, 4_199_000, 5_001_000, 1_000, 700, 1_000, 0], lines.Select(l => l.Balance.Value));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], lines.Select(l => l.Index));
        var head = await read.Set<LedgerHead>().SingleAsync();
        Assert.Equal((9, 9, Sats.Zero, Sats.Zero, Sats.Zero, Sats.Zero), (head.Assigned, head.Published, head.Balance, head.Received, head.Paid, head.Fees));
    }

    [Fact]
    public async Task Waiting_entries_are_found_by_their_ids_and_not_each_among_all()
    {
        await using var db = _world.NewDb();
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + SealingPass.ClaimEntries.Replace("{0}", "7", StringComparison.Ordinal).Replace("{1}", "8192", StringComparison.Ordinal);
        await using var reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync()) steps.Add(reader.GetString(3));
        Assert.Equal(["SCAN claimed", "SEARCH ledger_entries USING INTEGER PRIMARY KEY (rowid=?)"], steps[^2..]);
    }

    [Fact]
    public async Task An_entry_is_covered_only_when_its_checkpoint_is_public()
    {
        await _world.SealAsync();
        await _world.DonateAsync(1, 2);
        await using var db = _world.NewDb();
        var ids = await db.Set<LedgerEntry>().Where(e => e.Type == "donation.confirmed").Select(e => e.Id).ToListAsync();
        Assert.Null(await new LedgerSeals(db).CoverAsync(ids));
        _world.BeforeStep = step => { if (step == "publish") throw new IOException("stopped"); };
        await Assert.ThrowsAsync<IOException>(_world.SealAsync);
        Assert.Null(await new LedgerSeals(db).CoverAsync(ids));
        _world.BeforeStep = null;
        await _world.SealAsync();
        await _world.DonateAsync(3, 1);
        await _world.SealAsync();
        Assert.Equal(3, (await new LedgerSeals(db).CoverAsync(ids))!.Size);
        Assert.Equal(_world.Published, await new LedgerSeals(db).LatestAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => new LedgerSeals(db).CoverAsync([999]));
    }

    [Fact]
    public async Task Stopped_at_any_step_the_next_process_goes_on_without_fork_or_gap()
    {
        await _world.SealAsync();
        await _world.DonateAsync(1, 249);
        await _world.SealAsync();
        var first = _world.Published;
        await _world.DonateAsync(250, 8);
        var (steps, stopAt) = (new List<string>(), 0);
        for (var stopped = true; stopped; stopAt++)
        {
            using var world = _world.Copy();
            steps.Clear();
            world.BeforeStep = step =>
            {
                steps.Add(step);
                if (steps.Count > stopAt) throw new IOException($"stopped before: {step}");
            };
            stopped = await Record.ExceptionAsync(world.SealAsync) is IOException;
            var seen = await world.VerifyAsync(first);
            Assert.Null(seen.Fault);

            world.BeforeStep = null;
            world.Restart();
            await world.DonateAsync(258, 1);
            await world.SealAsync();
            var after = await world.VerifyAsync(first, seen.Head!);
            Assert.Null(after.Fault);
            Assert.Equal(259, after.Head!.Size);
            await using var db = world.NewDb();
            Assert.Equal(258 * 259 / 2 * 1000, (await db.Set<LedgerHead>().SingleAsync()).Balance.Value);
            Assert.Equal(259, await db.Set<LedgerLine>().CountAsync());
        }

        Assert.True(stopAt > 20, $"only {stopAt} steps were tried");
        Assert.Contains("remember the signature", steps);
    }

    [Fact]
    public async Task Several_sealers_at_once_make_one_log()
    {
        await _world.SealAsync();
        for (var round = 0; round < 8; round++)
        {
            await _world.DonateAsync(round * 10 + 1, 10);
            var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                // A loser may meet a locked or changed row: it gives up and breaks nothing.
                return await Record.ExceptionAsync(_world.SealAsync);
            })));
            Assert.DoesNotContain(results, r => r is LedgerRefusedException);
        }

        await _world.SealAsync();
        Assert.Null((await _world.VerifyAsync()).Fault);
        Assert.Equal(81, _world.Published.Size);
        await using var db = _world.NewDb();
        Assert.Equal(81, await db.Set<LedgerLine>().CountAsync());
        Assert.Equal(81 * 80 / 2 * 1000, (await db.Set<LedgerHead>().SingleAsync()).Balance.Value);
    }

    [Fact]
    public async Task A_large_backlog_is_sealed_in_batches()
    {
        _world.Options.BatchSize = 100;
        await _world.DonateAsync(1, 250);
        for (var i = 0; i < 3; i++) await _world.SealAsync();
        Assert.Equal(251, _world.Published.Size);
        Assert.Null((await _world.VerifyAsync()).Fault);
    }
}
