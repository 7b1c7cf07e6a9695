using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class DurableFolderTests
{
    /// <summary>Two replicas that start on an empty folder each make a key: one of the two is the key, for ever.</summary>
    [Fact]
    public async Task Of_many_who_give_a_file_its_name_at_once_one_does_and_the_name_keeps_what_he_wrote()
    {
        const int rivals = 8;
        var folder = Directory.CreateTempSubdirectory("dr-names-").FullName;
        for (var round = 0; round < 300; round++)
        {
            var file = Path.Combine(folder, $"{round}.key");
            var besides = Enumerable.Range(0, rivals).Select(i => $"{file}.{i}").ToArray();
            foreach (var beside in besides) await File.WriteAllTextAsync(beside, beside, TestContext.Current.CancellationToken);
            using var line = new Barrier(rivals);
            var won = await Task.WhenAll(besides.Select(beside => Task.Factory.StartNew(
                () =>
                {
                    line.SignalAndWait();
                    return DurableFolder.TryName(beside, file) ? beside : null;
                },
                default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            var winner = Assert.Single(won.OfType<string>());
            Assert.Equal(winner, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }

        Assert.Equal(300, Directory.EnumerateFileSystemEntries(folder).Count());
        Directory.Delete(folder, recursive: true);
    }
}
