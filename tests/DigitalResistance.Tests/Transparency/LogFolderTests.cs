using System.Diagnostics;
using System.Security.Cryptography;
using DigitalResistance.Testing;
using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class LogFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(300)]
    public async Task A_log_is_sound_whatever_the_steps_it_was_written_in(long size)
    {
        DemoLog.Write(_folder.Path, [.. new long[] { 0, 1, 7, 200 }.Where(s => s < size), size]);
        var read = new List<byte[]>();
        var report = await new LogVerifier(new FolderLogSource(_folder.Path), [DemoLog.Signer.Verifier]) { OnEntry = (_, entry) => read.Add(entry.ToArray()) }.VerifyAsync([]);
        Assert.Null(report.Fault);
        Assert.Equal(size, report.Head!.Size);
        Assert.Equal(DemoLog.Entries.Take((int)size), read);
    }

    [Fact]
    public async Task A_log_of_three_levels_is_sound_and_every_kind_of_proof_can_be_made_from_its_tiles()
    {
        const int size = 65_536 + 700;
        var entries = Enumerable.Range(0, size).Select(i => BitConverter.GetBytes(i)).ToArray();
        DemoLog.Write(_folder.Path, entries, 60_000, size);
        var (leaves, tree) = (entries.Select(e => MerkleTree.Leaf(e)).ToArray(), new TiledTree(new FolderLogSource(_folder.Path), size));
        var root = MerkleTree.Root(leaves);

        var older = new Checkpoint(DemoLog.Origin, 60_000, MerkleTree.Root(leaves.AsSpan(0, 60_000)));
        Assert.Null((await DemoLog.VerifyAsync(_folder.Path, older, older with { Size = 59_904, Root = MerkleTree.Root(leaves.AsSpan(0, 59_904)) })).Fault);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "tile/2/000.p/1")));
        foreach (var index in new[] { 0, 255, 256, 59_999, 65_535, 65_536, size - 1 })
        {
            Assert.Equal(entries[index], (await tree.EntryAsync(index)).ToArray());
            Assert.True(InclusionProof.Verify(index, size, leaves[index], await tree.ProveInclusionAsync(index), root));
        }

        foreach (var older2 in new[] { 1, 256, 59_999, 65_536, 65_537, size })
            Assert.True(ConsistencyProof.Verify(older2, size, MerkleTree.Root(leaves.AsSpan(0, older2)), root, await tree.ProveConsistencyAsync(older2)));
        Assert.Equal(root, await tree.RootAsync(size));
    }

    [Fact]
    public void The_independent_Python_verifier_accepts_the_log_and_its_history()
    {
        DemoLog.Write(_folder.Path, 16, 257);
        File.Copy(Path.Combine(_folder.Path, "checkpoint"), Path.Combine(_folder.Path, "older"));
        DemoLog.Write(_folder.Path, 300);
        var (code, output) = RunPython("--since", Path.Combine(_folder.Path, "older"));
        Assert.Equal("OK ledger.example/dr size=300 root=9EZiLvLhfB2zF255Yi5kK6Odo+SIaWFfjVKlP6fyd1E=", output);
        Assert.Equal(0, code);

        var bundle = Path.Combine(_folder.Path, "tile/entries/000");
        var bytes = File.ReadAllBytes(bundle);
        bytes[1000] ^= 1;
        File.WriteAllBytes(bundle, bytes);
        Assert.Equal(1, RunPython().Code);
    }

    [Fact]
    public async Task A_proof_file_leads_an_entry_to_the_signed_checkpoint_and_nothing_else()
    {
        DemoLog.Write(_folder.Path, 300);
        var tree = new TiledTree(new FolderLogSource(_folder.Path), 300);
        var note = SignedNote.Parse(File.ReadAllBytes(Path.Combine(_folder.Path, "checkpoint")));
        var proof = new TlogProof(3, await tree.ProveInclusionAsync(3), note, DemoLog.Entries[3]);

        var read = TlogProof.Parse(proof.ToString());
        Assert.Equal(300, read.Verify(read.Extra, DemoLog.Signer.Verifier).Size);
        Assert.Equal(proof.ToString(), read.ToString());
        Assert.Throws<FormatException>(() => read.Verify(DemoLog.Entries[4], DemoLog.Signer.Verifier));
        Assert.Throws<FormatException>(() => (read with { Index = 4 }).Verify(DemoLog.Entries[3], DemoLog.Signer.Verifier));
        Assert.Throws<FormatException>(() => read.Verify(DemoLog.Entries[3], new NoteSigner(DemoLog.Origin, new byte[32]).Verifier));
    }

    [Fact]
    public async Task One_flipped_bit_anywhere_is_found_and_placed()
    {
        DemoLog.Write(_folder.Path, 300);
        var files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).ToArray();
        for (var i = 0; i < Needs.Depth(ci: 200, @long: 1000); i++)
        {
            var file = files[RandomNumberGenerator.GetInt32(files.Length)];
            var (good, path) = (File.ReadAllBytes(file), Path.GetRelativePath(_folder.Path, file));
            var bad = good.ToArray();
            var bit = RandomNumberGenerator.GetInt32(bad.Length * 8);
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(file, bad);

            var fault = (await DemoLog.VerifyAsync(_folder.Path)).Fault;
            Assert.NotNull(fault);
            // A changed entry shows as a tile that no longer fits it, so the tile of the same number may be named.
            Assert.True(fault.Path == path || fault.Path == path.Replace("entries", "0", StringComparison.Ordinal), $"bit {bit} of {path} was reported as {fault}");
            if (path.StartsWith("tile/0", StringComparison.Ordinal))
            {
                Assert.Equal((path.Contains("001", StringComparison.Ordinal) ? 256 : 0) + bit / 8 / 32, fault.Index);
                Assert.Contains("this tile was changed", fault.Problem, StringComparison.Ordinal);
            }

            File.WriteAllBytes(file, good);
        }

        Assert.Null((await DemoLog.VerifyAsync(_folder.Path)).Fault);
    }

    [Fact]
    public async Task A_changed_swapped_repeated_or_dropped_entry_is_named()
    {
        byte[][] swapped = [.. DemoLog.Entries];
        (swapped[260], swapped[261]) = (swapped[261], swapped[260]);
        byte[][] repeated = [.. DemoLog.Entries[..100], DemoLog.Entries[99], .. DemoLog.Entries[100..299]];
        byte[][] dropped = [.. DemoLog.Entries[..40], .. DemoLog.Entries[41..], DemoLog.Entries[0]];
        foreach (var (entries, first) in new[] { (swapped, 260), (repeated, 100), (dropped, 40) })
        {
            using var honest = new TemporaryFolder();
            DemoLog.Write(honest.Path, 300);
            using var forged = new TemporaryFolder();
            DemoLog.Write(forged.Path, entries, 300);
            Directory.Delete(Path.Combine(honest.Path, "tile/entries"), recursive: true);
            Directory.Move(Path.Combine(forged.Path, "tile/entries"), Path.Combine(honest.Path, "tile/entries"));
            var fault = (await DemoLog.VerifyAsync(honest.Path)).Fault!;
            Assert.Equal(first, fault.Index);
            Assert.Contains("do not lead to the signed root either", fault.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_cut_bundle_and_a_missing_file_are_named()
    {
        DemoLog.Write(_folder.Path, 300);
        var last = Path.Combine(_folder.Path, "tile/entries/001.p/44");
        var bundle = EntryBundle.Read(File.ReadAllBytes(last)).Select(e => e.ToArray()).ToArray();
        File.WriteAllBytes(last, EntryBundle.Write(bundle[..43]));
        Assert.Equal(new LogFault("tile/entries/001.p/44", 299, "the bundle holds 43 entries instead of 44"), (await DemoLog.VerifyAsync(_folder.Path)).Fault);
        File.Delete(last);
        Assert.Equal(new LogFault("tile/entries/001.p/44", null, "the file is missing"), (await DemoLog.VerifyAsync(_folder.Path)).Fault);
        File.Delete(Path.Combine(_folder.Path, "checkpoint"));
        Assert.Equal(new LogFault("checkpoint", null, "the file is missing"), (await DemoLog.VerifyAsync(_folder.Path)).Fault);
    }

    [Fact]
    public async Task A_fork_a_roll_back_and_another_logs_checkpoint_are_told_apart()
    {
        using var fork = new TemporaryFolder();
        byte[][] forked = [.. DemoLog.Entries];
        forked[120] = DemoLog.Entries[0];
        DemoLog.Write(fork.Path, forked, 250);
        DemoLog.Write(_folder.Path, 300);

        var fromFork = Checkpoint.Open(File.ReadAllBytes(Path.Combine(fork.Path, "checkpoint")), DemoLog.Signer.Verifier);
        Assert.StartsWith("forked", (await DemoLog.VerifyAsync(_folder.Path, fromFork)).Fault!.Problem, StringComparison.Ordinal);
        Assert.StartsWith("rolled back", (await DemoLog.VerifyAsync(_folder.Path, fromFork with { Size = 301 })).Fault!.Problem, StringComparison.Ordinal);
        Assert.Contains("another log", (await DemoLog.VerifyAsync(_folder.Path, fromFork with { Origin = "other.example" })).Fault!.Problem, StringComparison.Ordinal);
        var wrongKey = new LogVerifier(new FolderLogSource(_folder.Path), [new NoteSigner(DemoLog.Origin, new byte[32]).Verifier]);
        Assert.Contains("not signed by", (await wrongKey.VerifyAsync([])).Fault!.Problem, StringComparison.Ordinal);
    }

    private (int Code, string Output) RunPython(params string[] more)
    {
        var start = new ProcessStartInfo(Needs.Program("python3"), [Needs.Beside("shared/prototype/verify_ledger.py"), _folder.Path, DemoLog.Signer.ToString(), .. more]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(20_000));
        return (process.ExitCode, output.Trim());
    }
}
