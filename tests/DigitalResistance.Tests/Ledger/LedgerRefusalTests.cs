using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Ledger;

/// <summary>Everything that would make the log contradict itself is refused, with the place and the way on.</summary>
public sealed class LedgerRefusalTests : IAsyncLifetime
{
    private readonly LedgerWorld _world = new();

    public async ValueTask InitializeAsync()
    {
        await _world.SealAsync();
        await _world.DonateAsync(1, 299);
        await _world.SealAsync();
    }

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_process_that_only_shows_pages_learns_that_nothing_is_signed_and_that_all_is_well_again()
    {
        Assert.False(await _world.IsStoppedElsewhereAsync());
        await _world.ExecuteAsync("UPDATE ledger_head SET assigned = assigned + 1");
        await _world.RefusalAsync();
        Assert.True(await _world.IsStoppedElsewhereAsync());
        await _world.ExecuteAsync("UPDATE ledger_head SET assigned = assigned - 1");
        _world.Restart();
        await _world.SealAsync();
        Assert.False(await _world.IsStoppedElsewhereAsync());
    }

    [Fact]
    public async Task Entries_that_wait_while_no_sealer_is_at_work_are_told_too()
    {
        _world.Time.Advance(LedgerStanding.Patience + TimeSpan.FromSeconds(1));
        Assert.False(await _world.IsStoppedElsewhereAsync());
        await _world.DonateAsync(1000, 1);
        Assert.True(await _world.IsStoppedElsewhereAsync());
        await _world.SealAsync();
        await _world.DonateAsync(1001, 1);
        Assert.False(await _world.IsStoppedElsewhereAsync());
    }

    [Fact]
    public async Task A_changed_row_is_named()
    {
        await _world.ExecuteAsync("UPDATE ledger_entries SET bytes = (SELECT bytes FROM ledger_entries WHERE \"index\" = 5) WHERE \"index\" = 57");
        Assert.Contains("The entry 57 in the database is not the one that was signed", (await _world.RefusalAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_row_is_named()
    {
        await _world.ExecuteAsync("DELETE FROM ledger_entries WHERE \"index\" = 57");
        Assert.Contains("The entry 57 is missing", (await _world.RefusalAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_bit_in_a_published_file_is_named_and_the_folder_can_be_written_anew()
    {
        var before = _world.Published;
        var tile = Path.Combine(_world.LogFolder, "tile/0/000");
        var bytes = File.ReadAllBytes(tile);
        bytes[32 * 3] ^= 1;
        File.WriteAllBytes(tile, bytes);
        Assert.Contains("tile/0/000, entry 3", (await _world.RefusalAsync()).Message, StringComparison.Ordinal);

        Directory.Move(_world.LogFolder, _world.LogFolder + ".damaged");
        _world.Restart();
        await _world.SealAsync();
        Assert.Null((await _world.VerifyAsync(before)).Fault);
        Assert.Equal(before, _world.Published);
    }

    [Fact]
    public async Task A_refused_log_is_looked_at_again_later_and_not_every_second()
    {
        await _world.ExecuteAsync("UPDATE ledger_head SET assigned = assigned + 1");
        _world.Restart();
        await Assert.ThrowsAsync<LedgerRefusedException>(_world.SealAsync);
        await _world.ExecuteAsync("UPDATE ledger_head SET assigned = assigned - 1");
        await _world.DonateAsync(300, 1);
        Assert.Equal(0, await _world.SealAsync());
        _world.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, await _world.SealAsync());
    }

    [Fact]
    public async Task A_restored_backup_refuses_and_its_entries_can_be_readmitted()
    {
        await _world.DonateAsync(300, 5);
        File.Copy(_world.DatabaseFile, _world.DatabaseFile + ".backup");
        await _world.DonateAsync(305, 10);
        await _world.SealAsync();
        var published = _world.Published;
        Assert.Equal(315, published.Size);
        File.Move(_world.DatabaseFile + ".backup", _world.DatabaseFile, overwrite: true);
        await _world.DonateAsync(400, 1);

        var refusal = await _world.RefusalAsync();
        Assert.Contains("ends at entry 299, but a checkpoint of 315 entries was signed", refusal.Found, StringComparison.Ordinal);
        Assert.Contains("'ledger readmit' brings the entries 300 to 314 back", refusal.Remedy, StringComparison.Ordinal);

        Assert.Equal(15, await _world.ReadmitAsync());
        _world.Restart();
        await _world.SealAsync();
        Assert.Null((await _world.VerifyAsync(published)).Fault);
        // The five that the backup still held as waiting are not said twice; the new one and the notice follow.
        Assert.Equal(317, _world.Published.Size);
        await using var db = _world.NewDb();
        Assert.Equal(["donation.confirmed", "incident"], await db.Set<LedgerLine>().Where(l => l.Index >= 315).OrderBy(l => l.Index).Select(l => l.Type).ToListAsync());
        Assert.Equal(0, await _world.ReadmitAsync());
    }

    [Fact]
    public async Task A_log_without_its_key_a_key_of_another_log_and_a_key_others_may_read_are_refused()
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_world.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", (await _world.RefusalAsync()).Remedy, StringComparison.Ordinal);
        File.Delete(_world.KeyFile);
        Assert.Contains("ledger.key is missing", (await _world.RefusalAsync()).Found, StringComparison.Ordinal);
        LedgerKeys.Create(new DurableFolder(Path.GetDirectoryName(_world.KeyFile)!), LedgerKeys.Current, "ledger.example/dr");
        Assert.Contains("the log is signed by", (await _world.RefusalAsync()).Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_without_its_database_is_refused()
    {
        using var empty = new LedgerWorld();
        File.Copy(empty.DatabaseFile, _world.DatabaseFile, overwrite: true);
        Assert.Contains("the database has no log", (await _world.RefusalAsync()).Found, StringComparison.Ordinal);
        File.Delete(Path.Combine(_world.Folder, "keys", LedgerFolders.LastSigned));
        Assert.Contains("the database has no log", (await _world.RefusalAsync()).Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_keeps_its_name()
    {
        _world.Options.Origin = "other.example/dr";
        Assert.Contains("correct the setting", (await _world.RefusalAsync()).Remedy, StringComparison.Ordinal);
        _world.Options.Origin = null;
        _world.Restart();
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await _world.SealAsync());
    }

    [Fact]
    public async Task The_memory_outside_the_database_may_be_lost_and_comes_back()
    {
        File.Delete(Path.Combine(_world.Folder, "keys", LedgerFolders.LastSigned));
        _world.Restart();
        await _world.DonateAsync(300, 1);
        await _world.SealAsync();
        Assert.Equal(301, _world.Published.Size);
        Assert.True(File.Exists(Path.Combine(_world.Folder, "keys", LedgerFolders.LastSigned)));
    }
}
