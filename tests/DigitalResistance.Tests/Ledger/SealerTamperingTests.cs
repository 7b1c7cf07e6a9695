using DigitalResistance.Ledger;
using DigitalResistance.Testing;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Ledger;

/// <summary>Somebody was at the sealer's files or rows: it signs nothing, says where, or puts back what it knows to be right.</summary>
public sealed class SealerTamperingTests : IAsyncLifetime
{
    private readonly LedgerWorld _world = new();
    private readonly Random _random = new(20260);

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
    public async Task One_flipped_bit_in_any_published_file_is_refused_and_placed()
    {
        var files = Directory.GetFiles(_world.LogFolder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).ToArray();
        for (var i = 0; i < Needs.Depth(ci: 60, @long: 1000); i++)
        {
            var file = files[_random.Next(files.Length)];
            var (good, path) = (File.ReadAllBytes(file), Path.GetRelativePath(_world.LogFolder, file));
            var bad = Flip(good);
            File.WriteAllBytes(file, bad);
            var refusal = await _world.RefusalAsync();
            // A changed entry shows as a tile that no longer fits it.
            Assert.True(refusal.Message.Contains(path, StringComparison.Ordinal) || refusal.Message.Contains(path.Replace("entries", "0", StringComparison.Ordinal), StringComparison.Ordinal), $"{path} was reported as {refusal.Message}");
            Assert.NotEmpty(refusal.Remedy);
            File.WriteAllBytes(file, good);
        }

        _world.Restart();
        await _world.SealAsync();
        Assert.Null((await _world.VerifyAsync()).Fault);
    }

    [Fact]
    public async Task One_flipped_bit_in_any_entry_of_the_database_is_refused_and_named()
    {
        for (var i = 0; i < Needs.Depth(ci: 30, @long: 1000); i++)
        {
            var index = _random.NextInt64(300);
            await using var db = _world.NewDb();
            var good = await db.Set<LedgerEntry>().Where(e => e.Index == index).Select(e => e.Bytes).SingleAsync();
            var bad = Flip(good);
            await db.Database.ExecuteSqlAsync($"UPDATE ledger_entries SET bytes = {bad} WHERE \"index\" = {index}");
            Assert.Contains($"The entry {index} in the database is not the one that was signed", (await _world.RefusalAsync()).Message, StringComparison.Ordinal);
            await db.Database.ExecuteSqlAsync($"UPDATE ledger_entries SET bytes = {good} WHERE \"index\" = {index}");
        }
    }

    [Fact]
    public async Task A_replayed_older_checkpoint_is_replaced_by_the_newest_and_nothing_is_signed_twice()
    {
        var checkpoint = Path.Combine(_world.LogFolder, "checkpoint");
        var older = File.ReadAllBytes(checkpoint);
        await _world.DonateAsync(300, 5);
        await _world.SealAsync();
        var newest = File.ReadAllBytes(checkpoint);
        File.WriteAllBytes(checkpoint, older);
        _world.Restart();
        await _world.SealAsync();
        Assert.Equal(newest, File.ReadAllBytes(checkpoint));
        Assert.Null((await _world.VerifyAsync()).Fault);
    }

    [Fact]
    public async Task A_fork_signed_by_our_own_key_elsewhere_is_refused()
    {
        // Somebody started a copy of the data folder, which then sealed something else at the same size.
        using var copy = _world.Copy();
        await copy.DonateAsync(900, 5);
        await copy.SealAsync();
        await _world.DonateAsync(300, 5);
        await _world.SealAsync();
        var before = _world.Published;

        foreach (var file in Directory.GetFiles(copy.LogFolder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(_world.LogFolder, Path.GetRelativePath(copy.LogFolder, file)), overwrite: true);
        Assert.NotEqual(before.Root, _world.Published.Root);
        var refusal = await _world.RefusalAsync();
        Assert.Contains("The entry 300 in the database is not the one that was signed", refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("forked", (await _world.VerifyAsync(before)).Fault!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncated_files_are_refused()
    {
        var bundle = Path.Combine(_world.LogFolder, "tile/entries/001.p/44");
        var bytes = File.ReadAllBytes(bundle);
        File.WriteAllBytes(bundle, bytes[..^1]);
        Assert.Contains("tile/entries/001.p/44", (await _world.RefusalAsync()).Message, StringComparison.Ordinal);
        File.Delete(bundle);
        Assert.Contains("tile/entries/001.p/44", (await _world.RefusalAsync()).Message, StringComparison.Ordinal);
        File.WriteAllBytes(bundle, bytes);
        _world.Restart();
        await _world.DonateAsync(300, 1);
        await _world.SealAsync();
        Assert.Equal(301, _world.Published.Size);
    }

    private byte[] Flip(byte[] good)
    {
        var bad = good.ToArray();
        var bit = _random.Next(bad.Length * 8);
        bad[bit / 8] ^= (byte)(1 << (bit % 8));
        return bad;
    }
}
