using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Ledger;
using DigitalResistance.Tests.Transparency;
using DigitalResistance.Transparency;
using DigitalResistance.Verify;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Tests.Verify;

/// <summary>Two programs written apart from each other, in two languages, say the same of every history, honest or forged, and name the same entry.</summary>
public sealed partial class TwoVerifiersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task They_agree_on_random_histories()
    {
        var folders = new List<string>();
        for (var i = 0; i < Needs.Depth(ci: 200, @long: 2000); i++)
        {
            var random = new Random(i);
            var honest = RandomLedger.Make(i, DemoLog.Origin, acts: random.Next(1, 25)).Entries;
            var entries = i % 4 == 0 ? [.. honest] : Tampering.Of(honest, random);
            folders.Add(Path.Combine(_folder.Path, $"{i}"));
            LogFiles.Write(folders[^1], DemoLog.Signer, entries);
            if (i % 10 == 3) Damage(folders[^1], random);
        }

        var python = await PythonAsync(folders);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < folders.Count; i++)
        {
            var ours = Short(await new Verification(new FolderLogSource(folders[i]), [DemoLog.Signer.Verifier]).RunAsync());
            Assert.True(python[i] == ours, $"history {i}: Python says {python[i]}, we say {ours}");
            if (i % 4 == 0 && i % 10 != 3) Assert.Equal("OK", ours);
            counts[ours.Split(' ')[0]] = counts.GetValueOrDefault(ours.Split(' ')[0]) + 1;
        }

        // The harness would prove nothing if all histories ended alike.
        Assert.True(counts["OK"] > 40 && counts["FAILED"] > 40 && counts.ContainsKey("PARTIAL"), string.Join(", ", counts));
    }

    [Fact]
    public async Task Both_name_an_entry_that_tells_the_hour_of_a_donation()
    {
        static byte[] AtSeven(DigitalResistance.Ledger.Entry entry) =>
            Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(entry.ToBytes(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero))).Replace("\"time\":\"2026-01-02T00:00:00Z\"", "\"time\":\"2026-01-02T07:00:00Z\"", StringComparison.Ordinal));
        var types = EntryBytesTests.Golden.Select(g => g.Entry).Where(e => EntryShapes.DayOnly.Contains(e.Type)).DistinctBy(e => e.Type).ToList();
        Assert.Equal(EntryShapes.DayOnly.Count, types.Count);
        var (folders, index) = (new List<string>(), new List<string>());
        foreach (var entry in types)
        {
            var origin = RandomLedger.Make(1, DemoLog.Origin, acts: 0).Entries;
            folders.Add(Path.Combine(_folder.Path, entry.Type));
            index.Add($"FAILED entry {origin.Count}");
            LogFiles.Write(folders[^1], DemoLog.Signer, [.. origin, AtSeven(entry)]);
            var verdict = await new Verification(new FolderLogSource(folders[^1]), [DemoLog.Signer.Verifier]).RunAsync();
            Assert.Equal($"entry {origin.Count}: this type of entry tells the day only, never the hour", verdict.Failure);
        }

        Assert.Equal(index, await PythonAsync(folders));
    }

    [Fact]
    public async Task The_command_says_it_all_in_its_last_line_and_its_exit_code()
    {
        LogFiles.Write(_folder.Path, DemoLog.Signer, [.. RandomLedger.Make(1, DemoLog.Origin, acts: 0).Entries]);
        var old = Path.Combine(_folder.Path, "old");
        File.Copy(Path.Combine(_folder.Path, "checkpoint"), old);
        var (code, output) = await RunAsync(_folder.Path, DemoLog.Signer.ToString(), "--since", old);
        Assert.Matches("^OK ledger.example/dr: [0-9]+ entries, balance -?[0-9]+ sat; the chain was not asked$", output.Split('\n')[^1]);
        Assert.Equal(0, code);

        (code, output) = await RunAsync(_folder.Path, DemoLog.Signer.ToString(), "--json");
        Assert.Equal("Ok", System.Text.Json.JsonDocument.Parse(output).RootElement.GetProperty("outcome").GetString());

        (code, output) = await RunAsync(_folder.Path, new NoteSigner(DemoLog.Origin, new byte[32]).ToString());
        Assert.StartsWith("FAILED: checkpoint: The note is not signed by", output.Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(1, code);
        // Nobody listens there: the chain is not checked, and everything else is.
        (code, output) = await RunAsync(_folder.Path, DemoLog.Signer.ToString(), "--node", "http://user:password@127.0.0.1:1/");
        Assert.StartsWith("PARTIAL", output.Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(2, code);
        foreach (var unusable in new string[][] { [_folder.Path, "nonsense"], [_folder.Path], [_folder.Path, DemoLog.Signer.ToString(), "--node", "nonsense"] })
        {
            (code, _) = await RunAsync(unusable);
            Assert.Equal(64, code);
        }

        (code, _) = await RunAsync("--help");
        Assert.Equal(0, code);
    }

    private static string Short(Verdict verdict) => verdict.Outcome switch
    {
        Outcome.Ok => "OK",
        Outcome.Partial => verdict.NotChecked.All(n => n.Contains("SSH", StringComparison.Ordinal)) ? "OK" : "PARTIAL",
        _ => EntryNumber().Match(verdict.Failure!) is { Success: true } match ? $"FAILED {match.Value}" : "FAILED log",
    };

    /// <summary>One Python process reads all of them: starting it takes longer than a check.</summary>
    private static async Task<string[]> PythonAsync(List<string> folders)
    {
        const string script = """
            import re, sys; sys.path.insert(0, sys.argv[1])
            import verify_ledger, verify_books
            keys = [verify_ledger.parse_vkey(sys.argv[2])]
            for line in sys.stdin:
                try:
                    b = verify_books.verify(*verify_ledger.read_log(line.strip(), keys))
                    print("PARTIAL" if b.unknown else "OK")
                except verify_ledger.Bad as bad:
                    m = re.match("entry [0-9]+", str(bad)); print("FAILED " + (m[0] if m else "log"))
            """;
        var scripts = Path.GetDirectoryName(Needs.Beside("src/DigitalResistance.Verify/verify_books.py"))!;
        var start = new ProcessStartInfo(Needs.Program("python3"), ["-c", script, scripts, DemoLog.Signer.ToString()]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(string.Join('\n', folders));
        process.StandardInput.Close();
        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.Equal(folders.Count, lines.Length);
        return lines;
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && path.EndsWith("dotnet", StringComparison.Ordinal) ? path : "dotnet", [typeof(Verification).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await error;
        return (process.ExitCode, output.Trim());
    }

    private static void Damage(string folder, Random random)
    {
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        var file = files[random.Next(files.Length)];
        var bytes = File.ReadAllBytes(file);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(file, bytes);
    }

    [GeneratedRegex("^entry [0-9]+")]
    private static partial Regex EntryNumber();
}
