using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Accounts;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Site;
using DigitalResistance.Tests.Transparency;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using DigitalResistance.Verify;
using DigitalResistance.Verify.Chain;
using DigitalResistance.Verify.Receipts;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Verify;

/// <summary>A whole site's log against its chain: the honest one holds, and neither a log nor an explorer gets away with a lie.</summary>
public sealed partial class ChainCheckTests(PopulatedApp app) : IClassFixture<PopulatedApp>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Every_coin_payment_and_the_balance_are_found_in_the_readers_own_node()
    {
        using var log = new WebLogSource(app.Origin);
        using var node = new NodeReader(new Uri(app.Node.Url), null);
        var verdict = await new Verification(log, [await KeyAsync()]) { Chain = node }.RunAsync();
        Assert.Equal(Outcome.Ok, verdict.Outcome);
        // Eight coins and one payment at least.
        Assert.True(verdict.Chain!.EntriesCompared >= 9);
        Assert.Contains("entries compared with the chain as the node has it", verdict.ToString(), StringComparison.Ordinal);
        Assert.True(verdict.BalanceSat is > 0 and < 8_000_000);
    }

    [Theory]
    [InlineData(Lie.None, nameof(Outcome.Ok), "")]
    [InlineData(Lie.OtherTransaction, nameof(Outcome.Partial), "another transaction than the one asked for")]
    [InlineData(Lie.FalseProof, nameof(Outcome.Partial), "does not lead the transaction into its block")]
    [InlineData(Lie.HiddenTransaction, nameof(Outcome.Failed), "has no transaction")]
    [InlineData(Lie.Behind, nameof(Outcome.Partial), "no further than block 1")]
    [InlineData(Lie.OtherNetwork, nameof(Outcome.Partial), "on another network")]
    [InlineData(Lie.InventedCoin, nameof(Outcome.Partial), "a coin that it cannot prove")]
    [InlineData(Lie.HiddenCoin, nameof(Outcome.Partial), "spent in the chain and not yet in the log")]
    [InlineData(Lie.Stall, nameof(Outcome.Partial), "did not finish its answer")]
    [InlineData(Lie.Trickle, nameof(Outcome.Partial), "did not finish its answer")]
    [InlineData(Lie.Flood, nameof(Outcome.Partial), "which it cannot have")]
    [InlineData(Lie.SendAway, nameof(Outcome.Partial), "send us elsewhere")]
    [InlineData(Lie.Garbage, nameof(Outcome.Partial), "the chain:")]
    public async Task An_explorer_cannot_make_a_false_log_true_or_a_true_one_false(Lie lie, string outcome, string words)
    {
        using var log = new WebLogSource(app.Origin);
        await using var explorer = new LyingExplorer(app.Node.Chain) { Lie = lie };
        using var chain = new EsploraReader(explorer.Url, lie is Lie.Stall or Lie.Trickle ? Patience : null);
        var verdict = await new Verification(log, [await KeyAsync()]) { Chain = chain }.RunAsync();
        Assert.Equal(outcome, verdict.Outcome.ToString());
        Assert.Contains(words, verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_holds_the_key_and_rewrites_the_log_is_found_out_by_the_chain()
    {
        var entries = await EntriesAsync();
        var received = Array.FindLastIndex(entries, e => Type(e) == "treasury.received");
        var confirmed = Array.FindIndex(entries, e => Type(e) == "tx.confirmed");
        var built = Array.FindIndex(entries, e => Type(e) == "psbt.created");
        await FailsAsync(entries, [(received, e => Change(e, "amount_sat", n => n - 1))], $"entry {received}: the chain's transaction .* has no output");
        await FailsAsync(entries, [(received, e => Change(e, "vout", n => n + 7))], $"entry {received}: the chain's transaction .* has no output");
        await FailsAsync(entries, [(received, e => Change(e, "height", n => n - 1))], $"entry {received}: the node has no transaction");
        await FailsAsync(entries, [(received, e => Change(e, "address_index", n => n + 1))], $"entry {received}: the coin is not at the treasury's address");
        await FailsAsync(entries, [(confirmed, e => e.Replace("\"block\":\"", "\"block\":\"00", StringComparison.Ordinal).Remove(e.IndexOf("\"block\":\"", StringComparison.Ordinal) + 11, 2))], $"entry {confirmed}: the transaction is in the block");

        await FailsAsync(entries, [(received, e => Change(e, "address_index", _ => 1L << 40))], $"entry {received}: the coin is not at the treasury's address");
        var rotated = Array.FindIndex(entries, e => Type(e) == "treasury.rotated");
        await FailsAsync(entries, [(rotated, _ => $$"""{"name":"x","policy":"sha256:{{new string('0', 64)}}","time":"2026-01-01T00:00:00Z","type":"policy.updated","v":1}""")], "never named a treasury");

        await FailsAsync(entries, [(built, e => Change(e, "recipients", n => n + 1))], $"entry {confirmed}: the transaction pays [0-9]+ sat to 1 recipients, not [0-9]+ to 2");

        // A fee that is said to be larger everywhere hides what went elsewhere.
        var closed = Array.FindIndex(entries, e => Type(e) == "round.closed");
        string Dearer(string e) => Change(e, "fee_sat", n => n + 100);
        await FailsAsync(entries, [(built, Dearer), (confirmed, Dearer), (closed, Dearer)], $"entry {confirmed}: the transaction's fee is");

        // Another history before the approval: every sum holds, and the money itself says that it was paid for another reason.
        var early = Array.FindIndex(entries, e => Type(e) == "round.opened");
        await FailsAsync(entries, [(early, e => e.Replace("\"time\":\"20", "\"time\":\"19", StringComparison.Ordinal))], $"entry {confirmed}: the transaction does not commit to the checkpoint");
    }

    [Fact]
    public async Task A_coin_that_the_log_leaves_out_is_named()
    {
        var treasury = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
        foreach (var index in new[] { 3u, 4u })
        {
            app.Node.Chain.Pay(treasury.Derive(Branch.Receive, index).ScriptPubKey, new Sats(77_000));
            app.Node.Chain.Mine();
            await app.TurnAsync();
        }

        // Everything that a payment commits to stays as it was: only the chain knows of the coin.
        var entries = await EntriesAsync();
        var both = Enumerable.Range(0, entries.Length).Where(i => Encoding.ASCII.GetString(entries[i]).Contains("\"amount_sat\":77000,", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, both.Length);
        await FailsAsync(entries, [(both[0], _ => null)], "the treasury has the coin [0-9a-f]{64}:[0-9]+ of 77000 sat in block [0-9]+, which the log leaves out");
    }

    [Fact]
    public async Task A_receipt_is_checked_alone_and_followed_through_the_log()
    {
        var key = await KeyAsync();
        var entries = await EntriesAsync();
        var donation = Array.FindIndex(entries, e => Type(e) == "donation.confirmed");
        var proof = await GetAsync($"/ledger/{donation}.tlog-proof");
        var alone = await ReceiptCheck.RunAsync(proof, [key], null, default);
        Assert.Equal(Outcome.Partial, alone.Outcome);
        Assert.Contains($"entry {donation}, a donation of 1000000 sat", alone.ToString(), StringComparison.Ordinal);

        using var log = new WebLogSource(app.Origin);
        var followed = await ReceiptCheck.RunAsync(proof, [key], older => new Verification(log, [key]) { Older = [older] }, default);
        Assert.Equal(Outcome.Ok, followed.Outcome);
        Assert.Matches("it lies in the treasury|it was spent for round 1, in the transaction [0-9a-f]{64}, which paid [0-9]+ sat to 1 recipients", followed.ToString());

        // Another amount, another place, another key, another log.
        var text = Encoding.UTF8.GetString(proof);
        var extra = ExtraLine().Match(text).Groups[1].Value;
        var forged = Convert.ToBase64String(Encoding.ASCII.GetBytes(Change(Encoding.ASCII.GetString(Convert.FromBase64String(extra)), "amount_sat", n => n * 2)));
        foreach (var bad in new[] { text.Replace(extra, forged, StringComparison.Ordinal), text.Replace($"index {donation}", $"index {donation + 1}", StringComparison.Ordinal), "nonsense", "" })
            Assert.Equal(Outcome.Failed, (await ReceiptCheck.RunAsync(Encoding.UTF8.GetBytes(bad), [key], null, default)).Outcome);
        Assert.Equal(Outcome.Failed, (await ReceiptCheck.RunAsync(proof, [new NoteSigner(key.Name, new byte[32]).Verifier], null, default)).Outcome);
        using var other = new TemporaryFolder();
        var signer = new NoteSigner(key.Name, new byte[32]);
        LogFiles.Write(other.Path, signer, [.. entries[..^1], entries[^2]]);
        var elsewhere = await ReceiptCheck.RunAsync(proof, [key, signer.Verifier], older => new Verification(new FolderLogSource(other.Path), [key, signer.Verifier]) { Older = [older] }, default);
        Assert.Contains("forked", elsewhere.Failure!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operators_bundle_proves_the_weight_and_the_amount_and_is_nobody_elses()
    {
        var key = await KeyAsync();
        using (var stranger = app.NewVisitor()) Assert.NotEqual(200, (await stranger.GetAsync("/en/my/grants/1/bundle")).Status);
        Assert.Equal(404, (await app.Alice.Browser.GetAsync("/en/my/grants/1/bundle")).Status);
        var file = Encoding.UTF8.GetBytes((await app.Operator.Browser.GetAsync("/en/my/grants/1/bundle")).Html);
        var alone = await BundleCheck.RunAsync(file, [key], null, default);
        Assert.Equal(Outcome.Partial, alone.Outcome);
        Assert.Matches("bundle: round 1, token [a-z2-7]{16}, weight [0-9]+, [0-9]+ sat", alone.ToString());

        using var log = new WebLogSource(app.Origin);
        var whole = await BundleCheck.RunAsync(file, [key], older => new Verification(log, [key]) { Older = older }, default);
        // This site's scores are a test's word: no server was probed. The rest follows from the log.
        Assert.Equal(Outcome.Partial, whole.Outcome);
        Assert.Equal(["server 1: why 700 of its 750 are left: its owner's other servers would leave 750, and who else shares its machine or network is the registry's word",
            "server 1: its availability: the log committed to no days of it, because its key was destroyed before the freeze"], whole.NotChecked);
        Assert.Contains("evidence: 1 servers, whose weights add up to 700 (750 before the caps of shared machines and networks)", whole.ToString(), StringComparison.Ordinal);
        Assert.Matches("its weight is ([0-9]+) of \\1;", whole.ToString());
        Assert.Matches("the round is Closed: ([0-9]+) of \\1 sat are confirmed", whole.ToString());

        var text = Encoding.UTF8.GetString(file);
        var other = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes((await app.Operator.Browser.GetAsync("/en/my/grants/2/bundle")).Html));
        var (second, evidence, policy) = (text.LastIndexOf("\nproof ", StringComparison.Ordinal) + 1, text.IndexOf("\nevidence ", StringComparison.Ordinal) + 1, text.IndexOf("}policy ", StringComparison.Ordinal) + 1);
        var (otherEvidence, otherPolicy) = (other.IndexOf("\nevidence ", StringComparison.Ordinal) + 1, other.IndexOf("}policy ", StringComparison.Ordinal) + 1);
        async Task<string> WithoutAsync(string part)
        {
            var verdict = await BundleCheck.RunAsync(Encoding.UTF8.GetBytes(part), [key], older => new Verification(log, [key]) { Older = older }, default);
            Assert.Equal(Outcome.Partial, verdict.Outcome);
            return Assert.Single(verdict.NotChecked);
        }

        Assert.Equal("how the weight was made: its evidence is not in the bundle", await WithoutAsync(text[..evidence]));
        Assert.Equal("that its servers' numbers follow from their slots: the policy is not in the bundle", await WithoutAsync(text[..policy]));
        var salt = text.IndexOf('\n', evidence) + 1;
        foreach (var bad in new[]
        {
            text[..^1], text + text[evidence..], text + text[second..evidence], "",
            // The weight of one round and the amount of another; the amount twice; the weight twice.
            text[..second] + other[(other.LastIndexOf("\nproof ", StringComparison.Ordinal) + 1)..otherEvidence] + text[evidence..], text[..evidence] + text[second..],
            text[..second] + text[text.IndexOf("proof ", StringComparison.Ordinal)..], text.Replace("index ", "index 1", StringComparison.Ordinal),
            // Another server, another salt, another round's, a policy twice, and one of no evidence.
            text[..evidence] + text[evidence..].Replace("995000", "995001", StringComparison.Ordinal), text[..salt] + (text[salt] == '0' ? '1' : '0') + text[(salt + 1)..],
            text[..evidence] + other[otherEvidence..otherPolicy] + text[policy..], text + text[policy..], text[..evidence] + text[policy..],
        })
            Assert.Equal(Outcome.Failed, (await BundleCheck.RunAsync(Encoding.UTF8.GetBytes(bad), [key], null, default)).Outcome);
    }

    [Fact]
    public async Task The_whole_archive_is_accepted_by_each_of_four_verifiers()
    {
        using var folder = new TemporaryFolder();
        await using (var archive = new GZipStream(new MemoryStream(await GetAsync("/ledger/snapshot.tar.gz")), CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(archive, folder.Path, overwriteFiles: false);
        var (log, key) = (Path.Combine(folder.Path, "ledger"), await KeyAsync());
        foreach (var script in new[] { "shared/prototype/verify_ledger.py", "src/DigitalResistance.Verify/verify_ledger.py", "src/DigitalResistance.Verify/verify_books.py" })
        {
            using var python = Process.Start(new ProcessStartInfo(Needs.Program("python3"), [Needs.Beside(script), log, key.ToString()]) { RedirectStandardOutput = true })!;
            var output = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            Assert.True(python.ExitCode == 0 && output.TrimEnd().Split('\n')[^1].StartsWith("OK ", StringComparison.Ordinal), $"{script}: {output}");
        }

        Assert.Equal(Outcome.Ok, (await new Verification(new FolderLogSource(log), [key]).RunAsync()).Outcome);
    }

    [Fact]
    public async Task The_pages_of_a_donor_and_of_a_round_lead_to_the_proofs()
    {
        using var visitor = app.NewVisitor();
        // Without a first admin the front page would be the set-up page.
        await app.AskAsync(db => db.Set<SiteState>().ExecuteUpdateAsync(set => set.SetProperty(s => s.FirstAdminAt, DateTimeOffset.UnixEpoch)));
        foreach (var language in new[] { "en", "ru" })
        {
            var receipt = await visitor.OpenAsync($"/{language}/d/{app.DonationToken}");
            Assert.Contains(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Text, receipt.Text, StringComparison.Ordinal);
            var link = Regex.Match(receipt.Html, "href=\"(/ledger/[0-9]+\\.tlog-proof)\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;
            var (_, _, entry) = ReceiptCheck.Open(await GetAsync(link), [await KeyAsync()]);
            Assert.Equal("donation.confirmed", entry.Text("type"));
            var paid = Encoding.ASCII.GetString((await EntriesAsync()).First(e => Type(e) == "tx.confirmed")).Contains(entry.Text("txid"), StringComparison.Ordinal);
            Assert.False(paid);

            var round = await visitor.OpenAsync($"/{language}/rounds/1");
            Assert.Contains(CanonicalObject.Parse((await EntriesAsync()).First(e => Type(e) == "tx.confirmed")).Text("txid"), round.Text, StringComparison.Ordinal);
            Assert.Contains("/rounds/1/distribution.png", round.Html, StringComparison.Ordinal);
            Assert.Contains("<dl class=\"figures\">", (await visitor.OpenAsync($"/{language}/")).Html, StringComparison.Ordinal);
            Assert.Matches(language == "en" ? "Below [0-9\u202f]+ sat" : "меньше [0-9\u202f]+ sat", (await visitor.OpenAsync($"/{language}/donate")).Text);
        }

        var picture = await GetAsync("/rounds/1/distribution.png");
        Assert.Equal<byte>([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], picture[..8]);
        Assert.Equal(404, (await visitor.GetAsync("/rounds/5/distribution.png")).Status);
    }

    private async Task FailsAsync(byte[][] entries, (int Index, Func<string, string?> Change)[] changes, string words)
    {
        var forged = entries.Select(e => (string?)Encoding.ASCII.GetString(e)).ToArray();
        foreach (var (index, change) in changes) forged[index] = change(forged[index]!);
        var signer = new NoteSigner((await KeyAsync()).Name, new byte[32]);
        using var folder = new TemporaryFolder();
        LogFiles.Write(folder.Path, signer, [.. forged.OfType<string>().Select(Encoding.ASCII.GetBytes)]);
        // The log alone tells nothing: who signed it had every freedom.
        Assert.Equal(Outcome.Ok, (await new Verification(new FolderLogSource(folder.Path), [signer.Verifier]).RunAsync()).Outcome);
        using var node = new NodeReader(new Uri(app.Node.Url), null);
        var verdict = await new Verification(new FolderLogSource(folder.Path), [signer.Verifier]) { Chain = node }.RunAsync();
        Assert.Equal(Outcome.Failed, verdict.Outcome);
        Assert.Matches(words, verdict.Failure!);
    }

    private async Task<NoteVerifier> KeyAsync() => NoteVerifier.Parse(await app.AskAsync(db => db.Set<LedgerHead>().Select(h => h.VerifierKey).SingleAsync()));

    private Task<byte[][]> EntriesAsync() => app.AskAsync(db => db.Set<LedgerEntry>().Where(e => e.Index != null).OrderBy(e => e.Index).Select(e => e.Bytes).ToArrayAsync());

    private async Task<byte[]> GetAsync(string path)
    {
        using var asking = new Asking(app.Origin);
        return (await asking.GetAsync(path.TrimStart('/'), 1 << 20, default))!;
    }

    private static string Type(byte[] entry) => CanonicalObject.Parse(entry).Text("type");

    private static string Change(string entry, string member, Func<long, long> change) =>
        Regex.Replace(entry, $"(?<=\"{member}\":)[0-9]+", m => FormattableString.Invariant($"{change(long.Parse(m.Value, System.Globalization.CultureInfo.InvariantCulture))}"), RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex("^extra (.+)$", RegexOptions.Multiline)]
    private static partial Regex ExtraLine();
}
