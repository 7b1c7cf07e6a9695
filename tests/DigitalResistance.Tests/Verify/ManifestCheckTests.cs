using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Tests.Transparency;
using DigitalResistance.Transparency;
using DigitalResistance.Verify;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Verify;

/// <summary>The manifest that admins signed, as an outsider reads it: with a rate for readers or without, and nothing else in it.</summary>
public sealed class ManifestCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signed_manifest_holds_with_a_rate_for_readers_and_without_and_only_in_its_one_spelling(bool hasRate)
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var key = TestSshKey.Create("ssh-ed25519");
        Assert.IsType<KeyResult.Enrolled>(await world.EnrolAsync(world.Boris, key.PublicLine));
        var frozen = await world.FrozenAsync();
        var rate = hasRate ? new DisplayRate("RUB", 950_000_000, "example.org", world.Time.GetUtcNow()) : null;
        RoundsWorld.Done(await world.On(db => new RoundAllocating(db, world, world.Time).AllocateAsync(1, frozen.Version, rate)));
        world.Time.Advance(TimeSpan.FromHours(2));
        var round = await world.RoundAsync();
        await world.ApproveAsync(1, round.ManifestSha256!, world.Alice);
        await world.ApproveAsync(1, key.Sign(round.Manifest!, Manifest.SignatureNamespace));
        Assert.Equal(RoundState.Approved, (await world.RoundAsync()).State);
        var told = await world.On(db => db.Set<LedgerEntry>().OrderBy(e => e.Id).Select(e => e.Bytes).ToListAsync());
        string[] entries = [.. new Entry[] { new LogCreated(DemoLog.Origin, DemoLog.Signer.ToString()), new TreasuryRotated("regtest", new string('d', 64), null) }
            .Select(e => e.ToBytes(RoundsWorld.Start)).Concat(told).Select(Encoding.ASCII.GetString)];

        var verdict = await VerifyAsync(entries, round.Manifest!);
        Assert.Equal((Outcome.Ok, null), (verdict.Outcome, verdict.Failure));
        Assert.Equal(1, Assert.Single(verdict.Rounds).SshVerified);

        // An admin may sign anything; what is not a manifest is none, however well it is signed.
        foreach (var other in new[]
                 {
                     round.Manifest + "remark hello\n", round.Manifest + "rate_currency USD\n", round.Manifest!.TrimEnd('\n'),
                     round.Manifest!.Replace("max_fee_sat 20000\n", "max_fee_sat 20000\nmax_fee_sat 20000\n", StringComparison.Ordinal),
                     round.Manifest!.Replace("\nstarts ", "\n starts ", StringComparison.Ordinal),
                 })
        {
            var (hash, signature) = (Sha256(other), Convert.ToBase64String(key.SignBlob(other, Manifest.SignatureNamespace)));
            var forged = entries.Select(e => e.Replace(round.ManifestSha256!, hash, StringComparison.Ordinal)).Select(e =>
                e.IndexOf("\"signature\":\"", StringComparison.Ordinal) is > 0 and var at ? e[..(at + 13)] + signature + e[e.IndexOf('"', at + 13)..] : e);
            verdict = await VerifyAsync(forged, other);
            Assert.Equal("round 1: the manifest's lines are not those of its version", verdict.Failure);
        }
    }

    private async Task<Verdict> VerifyAsync(IEnumerable<string> entries, string manifest)
    {
        var folder = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"));
        LogFiles.Write(folder, DemoLog.Signer, [.. entries.Select(Encoding.ASCII.GetBytes)]);
        return await new Verification(new FolderLogSource(folder), [DemoLog.Signer.Verifier]) { Manifest = (_, _) => Task.FromResult<byte[]?>(Encoding.ASCII.GetBytes(manifest)) }.RunAsync();
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
}
