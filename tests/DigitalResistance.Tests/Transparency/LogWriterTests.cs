using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class LogWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stopped_at_any_write_a_restart_continues_without_fork_or_gap()
    {
        DemoLog.Write(_folder.Path, 250);
        var first = Checkpoint.Open(File.ReadAllBytes(Path.Combine(_folder.Path, "checkpoint")), DemoLog.Signer.Verifier);
        var steps = 0;
        for (var stopAt = 0; ; stopAt++)
        {
            var copy = Directory.CreateDirectory(Path.Combine(_folder.Path, $"copy-{stopAt}")).FullName;
            CopyLog(_folder.Path, copy);
            steps = 0;
            var stopped = false;
            try
            {
                Grow(new DurableFolder(copy) { BeforeStep = step => { if (steps++ == stopAt) throw new IOException($"stopped before: {step}"); } });
            }
            catch (IOException)
            {
                stopped = true;
            }

            // Whatever moment it was, readers see a sound log of the old or of the new size.
            var seen = await DemoLog.VerifyAsync(copy, first);
            Assert.Null(seen.Fault);
            Assert.Contains(seen.Head!.Size, new long[] { 250, 300 });
            Grow(new DurableFolder(copy));
            var after = await DemoLog.VerifyAsync(copy, first, seen.Head);
            Assert.Null(after.Fault);
            Assert.Equal("9EZiLvLhfB2zF255Yi5kK6Odo+SIaWFfjVKlP6fyd1E=", after.Head!.Root.ToBase64());
            if (!stopped) break;
        }

        Assert.True(steps > 10, $"only {steps} steps were tried");
    }

    [Fact]
    public void Of_two_writers_one_publishes()
    {
        DemoLog.Write(_folder.Path, 10);
        var (left, right) = (LogWriter.Open(new DurableFolder(_folder.Path), DemoLog.Signer.Verifier), LogWriter.Open(new DurableFolder(_folder.Path), DemoLog.Signer.Verifier));
        foreach (var writer in new[] { left, right })
        {
            writer.Append(DemoLog.Entries[10]);
            writer.Save();
        }

        right.Append(DemoLog.Entries[11]);
        right.Save();
        Assert.True(right.Publish(new Checkpoint(DemoLog.Origin, 12, right.Root).Sign(DemoLog.Signer)));
        Assert.False(left.Publish(new Checkpoint(DemoLog.Origin, 11, left.Root).Sign(DemoLog.Signer)));
    }

    [Theory]
    [InlineData("tile/entries/001.p/44")]
    [InlineData("tile/0/001.p/44")]
    [InlineData("tile/1/000.p/1")]
    public void A_damaged_edge_is_not_built_upon(string path)
    {
        DemoLog.Write(_folder.Path, 300);
        var file = Path.Combine(_folder.Path, path);
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Throws<LogFaultException>(() => LogWriter.Open(new DurableFolder(_folder.Path), DemoLog.Signer.Verifier));
        File.WriteAllBytes(file, bytes[..^1]);
        Assert.Throws<LogFaultException>(() => LogWriter.Open(new DurableFolder(_folder.Path), DemoLog.Signer.Verifier));
        File.Delete(file);
        Assert.Throws<LogFaultException>(() => LogWriter.Open(new DurableFolder(_folder.Path), DemoLog.Signer.Verifier));
    }

    [Fact]
    public void Partial_files_go_when_the_full_one_is_public()
    {
        DemoLog.Write(_folder.Path, 100, 300);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "tile/0/000.p")));
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "tile/entries/000.p")));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "tile/0/001.p/44")));
    }

    [Fact]
    public void A_checkpoint_of_another_tree_cannot_be_published()
    {
        var writer = LogWriter.Open(new DurableFolder(_folder.Path), DemoLog.Signer.Verifier);
        writer.Append(DemoLog.Entries[0]);
        Assert.Throws<ArgumentException>(() => writer.Publish(new Checkpoint(DemoLog.Origin, 1, MerkleTree.EmptyRoot).Sign(DemoLog.Signer)));
    }

    private static void Grow(DurableFolder folder)
    {
        var writer = LogWriter.Open(folder, DemoLog.Signer.Verifier);
        while (writer.Size < 300) writer.Append(DemoLog.Entries[writer.Size]);
        writer.Save();
        Assert.True(writer.Publish(new Checkpoint(DemoLog.Origin, writer.Size, writer.Root).Sign(DemoLog.Signer)));
    }

    private static void CopyLog(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(f => !f.Contains("copy-", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
