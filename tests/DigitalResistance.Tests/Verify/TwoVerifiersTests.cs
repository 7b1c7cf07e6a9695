using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Treasury;
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
        static byte[] AtSeven(Entry entry) =>
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
    public async Task Both_name_the_entry_that_a_review_forbids()
    {
        const string one = "aaaaaaaaaaaaaaaa", two = "bbbbbbbbbbbbbbbb";
        var terms = new RoundTerms(Start, Start.AddDays(30), new Sats(1_000_000), 600_000, new Sats(10_000), new Sats(1_000), new Sats(20_000), 50);
        var scores = HashOf("token,weight", $"{one},1", $"{two},1");
        List<Entry> frozen = [new RoundOpened(1, 1, Hash, terms), new RoundFrozen(1, 1, scores, 2), new ScoreFrozen(1, 1, one, 1), new ScoreFrozen(1, 1, two, 1)];
        OperatorHeld held = new(1, 1, one, DecisionReason.SameMachine);
        OperatorExcluded excluded = new(1, 1, one, DecisionReason.SameMachine);
        List<Entry> allocated = [.. frozen, held, .. Amounts(Plan(terms, (one, 1, false), (two, 1, true)))], objected = [.. allocated, new ObjectionRaised(1, 1, one)];
        ObjectionDecided Decided(ObjectionVerdict verdict, int admins = 2) => new(1, 1, one, verdict, admins);
        ApprovalGiven yes = new(1, 1, Hash, "admin-x", null);
        RoundApproved approved = new(1, 1, Hash, 0, 1);
        RoundRevised revised = new(1, 2, Hash, terms, scores);
        List<Entry> upheld = [.. objected, Decided(ObjectionVerdict.Upheld), revised];

        // Each of the good ones is accepted to its end; of each of the bad ones the last entry is named, where nothing else is said.
        List<Entry>[] good =
        [
            [.. allocated, yes, approved], [.. objected, Decided(ObjectionVerdict.Dismissed), yes, approved], [.. frozen, excluded, .. Amounts(Plan(terms, (one, 0, false), (two, 1, true)))],
            [.. upheld, new OperatorCleared(1, 2, one, DecisionReason.ObjectionUpheld)], [.. frozen, held, new OperatorCleared(1, 1, one, DecisionReason.Mistake), held],
            [.. objected, revised, new ObjectionDecided(1, 2, one, ObjectionVerdict.Dismissed, 1), new OperatorCleared(1, 2, one, DecisionReason.Mistake)],
            [.. frozen, held, excluded, new OperatorHeld(1, 1, one, DecisionReason.SameSecret)],
        ];
        var paidAll = Amounts(Plan(terms, (one, 1, true), (two, 1, true)));
        List<Entry>[] bad =
        [
            [.. frozen, held, held], [.. frozen, new OperatorCleared(1, 1, one, DecisionReason.Mistake)], [.. frozen, held, new OperatorCleared(1, 1, one, DecisionReason.ObjectionUpheld)],
            [.. frozen, new ObjectionRaised(1, 1, one)], [.. allocated, new ObjectionRaised(1, 1, two)], [.. objected, new ObjectionRaised(1, 1, one)], [.. allocated, held],
            [.. allocated, new OperatorCleared(1, 1, one, DecisionReason.Mistake)], [.. objected, Decided(ObjectionVerdict.Upheld, 0)], [.. allocated, Decided(ObjectionVerdict.Upheld)],
            [.. objected, Decided(ObjectionVerdict.Dismissed), Decided(ObjectionVerdict.Upheld)], [.. objected, yes, approved], [.. objected, revised, new OperatorCleared(1, 2, one, DecisionReason.Mistake)],
            [.. upheld, new OperatorCleared(1, 2, one, DecisionReason.Mistake)], [.. upheld, Allocated(2, Plan(terms, (one, 1, false), (two, 1, true)))],
            [.. upheld, new OperatorCleared(1, 2, one, DecisionReason.ObjectionUpheld), new OperatorHeld(1, 2, one, DecisionReason.SameSecret)],
            // The held one is paid; what is held is not all credited; the excluded one's weight counts; it is paid out of credit.
            [.. frozen, held, Allocated(1, Plan(terms, (one, 1, true), (two, 1, true)))],
            [.. frozen, held, Allocated(1, Plan(terms, (one, 1, true), (two, 1, false))), new GrantAllocated(1, 1, one, new Sats(500_000))],
            [.. frozen, excluded, Allocated(1, Plan(terms, (one, 1, false), (two, 1, true)))],
        ];
        var (folders, expected, ours) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var (entries, isGood) in good.Select(g => (g, true)).Concat(bad.Select(b => (b, false))).Append(([.. frozen, .. paidAll], true)))
        {
            var beginning = RandomLedger.Make(1, DemoLog.Origin, acts: 0).Entries;
            folders.Add(Path.Combine(_folder.Path, $"{folders.Count}"));
            expected.Add(isGood ? "OK" : $"FAILED entry {beginning.Count + entries.Count - 1}");
            LogFiles.Write(folders[^1], DemoLog.Signer, [.. beginning, .. entries.Select(e => e.ToBytes(Start))]);
            ours.Add(Short(await new Verification(new FolderLogSource(folders[^1]), [DemoLog.Signer.Verifier]).RunAsync()));
        }

        Assert.Equal(expected, ours);
        Assert.Equal(expected, await PythonAsync(folders));
    }

    [Fact]
    public async Task Both_name_the_entry_that_was_confirmed_or_rehearsed_by_others_than_the_holders()
    {
        var (text, key) = (TestTreasuries.TwoOfThree + "#abcdefgh", new string('b', 64));
        var sha = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        string[] holders = ["4ba43603", "8dfc9b34", "56c4fac3"], two = ["4ba43603", "56c4fac3"];
        TreasuryRotated told = new("regtest", sha, text), secret = new("regtest", sha, null);
        TreasuryConfirmed confirmed = new(sha, 2, holders);
        MoveProposed proposed = new(1, MoveKind.Rehearsal, Hash, new MoveTerms(sha, sha, Hash, [], 1, new MoveFees(new Sats(900), 20)));
        MoveApproved approved = new(1, Hash, 0, 0);
        BatchTransactionName name = new(PaymentOrder.Move(1), 1, 1, key);
        List<Entry> Closed(Entry treasury, params Entry[] more)
        {
            List<Entry> before = [treasury, .. more, proposed, approved];
            var built = new PsbtCreated(name, before.Count + 1, Hash, [$"{Hash}:0"], new Sats(5_000), Sats.Zero, new Sats(400), 0);
            return [.. before, built, new TxConfirmed(name, 9, Hash, Sats.Zero, new Sats(400)), new MoveClosed(1, Sats.Zero, new Sats(400))];
        }

        TreasuryRehearsed rehearsed = new(sha, 1, key, new Sats(4_600), new Sats(400), two);
        List<Entry>[] good =
        [
            [told, confirmed], [secret, confirmed], [.. Closed(told, confirmed), rehearsed], [.. Closed(secret, confirmed), rehearsed], [.. Closed(told), rehearsed],
            // Nobody said whose keys they are.
            [.. Closed(secret), rehearsed with { Fingerprints = ["00000001"] }],
        ];
        List<Entry>[] bad =
        [
            [told, confirmed with { DescriptorSha256 = Hash }], [told, confirmed with { Threshold = 3 }], [told, confirmed with { Fingerprints = [holders[1], holders[0], holders[2]] }], [told, confirmed, confirmed],
            [told, confirmed with { Fingerprints = two }], [secret, confirmed with { Threshold = 4 }], [secret, confirmed with { Threshold = 0 }], [secret, confirmed with { Fingerprints = ["4ba43603", "4ba43603"] }],
            [secret, confirmed with { Fingerprints = ["4BA43603"] }], [secret, confirmed with { Fingerprints = [] }],
            [.. Closed(told, confirmed), rehearsed, rehearsed], [.. Closed(told, confirmed)[..^1], rehearsed], [.. Closed(told, confirmed), rehearsed with { Move = 2 }], [.. Closed(told, confirmed), rehearsed with { DescriptorSha256 = Hash }],
            [.. Closed(told, confirmed), rehearsed with { Txid = Hash }], [.. Closed(told, confirmed), rehearsed with { Amount = new Sats(5_000) }], [.. Closed(told, confirmed), rehearsed with { Fee = new Sats(1) }],
            [.. Closed(told, confirmed), rehearsed with { Fingerprints = ["4ba43603"] }], [.. Closed(told, confirmed), rehearsed with { Fingerprints = holders }], [.. Closed(secret, confirmed), rehearsed with { Fingerprints = ["4ba43603", "00000001"] }],
            [.. Closed(told), rehearsed with { Fingerprints = ["4ba43603", "00000001"] }],
            // It pays somebody, takes two transactions, or was approved by somebody.
            [told, new MoveProposed(1, MoveKind.Rehearsal, Hash, new MoveTerms(sha, sha, Hash, [], 2, new MoveFees(new Sats(900), 20)))], [told, new MoveProposed(1, MoveKind.Rehearsal, Hash, new MoveTerms(sha, Hash, Hash, [], 1, new MoveFees(new Sats(900), 20)))],
            [told, new MoveProposed(1, MoveKind.Rehearsal, Hash, new MoveTerms(sha, sha, Hash, [new MoveCost { MoveNumber = 1, Line = 1, Purpose = CostPurpose.Audit, Amount = new Sats(1), Address = "" }], 1, new MoveFees(new Sats(900), 20)))],
            [told, proposed, new MoveApprovalGiven(1, Hash, "admin-x", null), approved with { SignedIn = 1 }], [told, proposed with { Kind = MoveKind.Consolidation }, approved],
            [told, proposed, approved, new PsbtCreated(name, 3, Hash, [$"{Hash}:0"], new Sats(5_000), Sats.Zero, new Sats(400), 0)],
        ];
        var (folders, expected, ours) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var (entries, isGood) in good.Select(g => (g, true)).Concat(bad.Select(b => (b, false))))
        {
            folders.Add(Path.Combine(_folder.Path, $"{folders.Count}"));
            expected.Add(isGood ? "OK" : $"FAILED entry {entries.Count}");
            LogFiles.Write(folders[^1], DemoLog.Signer, [.. entries.Prepend(new LogCreated(DemoLog.Origin, $"{DemoLog.Origin}+00000000+AQ==")).Select(e => e.ToBytes(Start))]);
            ours.Add(Short(await new Verification(new FolderLogSource(folders[^1]), [DemoLog.Signer.Verifier]).RunAsync()));
        }

        Assert.Equal(expected, ours);
        Assert.Equal(expected, await PythonAsync(folders));
    }

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string Hash = new('a', 64);

    private static RoundPlan Plan(RoundTerms terms, params (string Token, long Weight, bool HasAddress)[] claimants) =>
        RoundPlan.Create(1, terms, [.. claimants.Select(c => new Claimant(c.Token, c.Weight, Sats.Zero, c.HasAddress))]);

    private static IEnumerable<Entry> Amounts(RoundPlan plan) => [Allocated(1, plan), .. plan.Lines.Where(l => l.Paid > Sats.Zero).Select(l => new GrantAllocated(1, 1, l.Token, l.Paid))];

    private static RoundAllocated Allocated(int revision, RoundPlan plan) =>
        new(1, revision, Hash, HashOf("token,amount_sat", [.. plan.Lines.Where(l => l.Paid > Sats.Zero).Select(l => $"{l.Token},{l.Paid.Value}")]), plan);

    private static string HashOf(string header, params string[] rows) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(rows.Prepend(header).Select(r => r + "\n")))));

    [Fact]
    public async Task Long_work_tells_how_far_it_is()
    {
        var entries = RandomLedger.Make(2, DemoLog.Origin, acts: 60).Entries;
        LogFiles.Write(_folder.Path, DemoLog.Signer, [.. entries]);
        var told = new List<(long Read, long All)>();
        await new Verification(new FolderLogSource(_folder.Path), [DemoLog.Signer.Verifier]) { OnProgress = (read, all) => told.Add((read, all)) }.RunAsync();
        // After every bundle of 256 entries, and at the end of what is left.
        Assert.True(entries.Count > 256 && told.Count == (entries.Count + 255) / 256, $"{entries.Count} entries, told {told.Count} times");
        Assert.Equal(told.Order(), told);
        Assert.Equal((entries.Count, entries.Count), told[^1]);
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
