using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Ledger;

/// <summary>The log gets another key, and no reader is ever left without one.</summary>
public sealed class LedgerKeyTests : IDisposable
{
    private readonly LedgerWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task While_a_key_is_replaced_a_reader_may_know_either_and_afterwards_only_the_new_one_signs()
    {
        await _world.DonateAsync(1, 3);
        await _world.SealAsync();
        var old = _world.Key;
        var before = _world.Published;

        var (text, isNew) = await _world.AddKeyAsync();
        Assert.True(isNew);
        Assert.Equal((text, false), await _world.AddKeyAsync());
        var next = NoteVerifier.Parse(text);
        await _world.SealAsync();
        Assert.All(new[] { old, next }, key => Checkpoint.Open(Note(), key));

        Assert.Equal(text, await _world.RevokeKeyAsync());
        Assert.False(File.Exists(Path.Combine(_world.Folder, "keys", LedgerKeys.Next)));
        Assert.Equal(text, _world.Key.ToString());
        // What the old key signed stays signed; what holds its revocation it did not sign.
        _world.Restart();
        await _world.SealAsync();
        Assert.Equal(text, Assert.Single(SignedNote.Parse(Note()).VerifiedBy([next])).ToString());
        Assert.Throws<FormatException>(() => Checkpoint.Open(Note(), old));
        Assert.Null((await _world.VerifyAsync(before)).Fault);
        await using var db = _world.NewDb();
        Assert.Equal(["log.key_added", "log.key_revoked"], await db.Set<LedgerLine>().Where(l => l.Index >= before.Size).OrderBy(l => l.Index).Select(l => l.Type).ToListAsync());
    }

    [Fact]
    public async Task The_old_key_is_not_revoked_before_a_published_checkpoint_announces_the_new_one()
    {
        Assert.Contains("no log", (await Assert.ThrowsAsync<LedgerRefusedException>(_world.AddKeyAsync)).Found, StringComparison.Ordinal);
        await _world.SealAsync();
        Assert.Contains("add-key", (await Assert.ThrowsAsync<LedgerRefusedException>(_world.RevokeKeyAsync)).Remedy, StringComparison.Ordinal);
        await _world.AddKeyAsync();
        Assert.Contains("log.key_added", (await Assert.ThrowsAsync<LedgerRefusedException>(_world.RevokeKeyAsync)).Remedy, StringComparison.Ordinal);
        await _world.SealAsync();
        await _world.RevokeKeyAsync();
    }

    [Fact]
    public async Task A_revocation_that_was_interrupted_before_the_file_moved_seals_nothing_and_is_finished_by_the_next_call()
    {
        await _world.SealAsync();
        var (text, _) = await _world.AddKeyAsync();
        await _world.SealAsync();
        var keys = Path.Combine(_world.Folder, "keys");
        foreach (var file in new[] { LedgerKeys.Current, LedgerKeys.Next }) File.Copy(Path.Combine(keys, file), Path.Combine(keys, file + ".before"));
        await _world.RevokeKeyAsync();
        foreach (var file in new[] { LedgerKeys.Current, LedgerKeys.Next }) File.Move(Path.Combine(keys, file + ".before"), Path.Combine(keys, file), overwrite: true);

        Assert.Contains("the log is signed by " + text, (await _world.RefusalAsync()).Found, StringComparison.Ordinal);
        Assert.Equal(text, await _world.RevokeKeyAsync());
        _world.Restart();
        await _world.SealAsync();
        await using var db = _world.NewDb();
        Assert.Equal(1, await db.Set<LedgerLine>().CountAsync(l => l.Type == "log.key_revoked"));
    }

    private byte[] Note() => File.ReadAllBytes(Path.Combine(_world.LogFolder, "checkpoint"));
}
