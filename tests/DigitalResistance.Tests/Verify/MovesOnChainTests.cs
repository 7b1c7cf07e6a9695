using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Site;
using DigitalResistance.Tests.Transparency;
using DigitalResistance.Transparency;
using DigitalResistance.Verify;
using DigitalResistance.Verify.Bitcoin;
using DigitalResistance.Verify.Chain;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Verify;

/// <summary>
/// The log of a treasury that paid bills, lost a coin to its own key holders, gathered its coins and changed its keys, against its chain: the honest one holds
/// before a node and before an explorer, and each sentence of a forged one is found.
/// </summary>
public sealed class MovesOnChainTests(MovesOnChainTests.Moved moved) : IClassFixture<MovesOnChainTests.Moved>
{
    private static readonly Bill Hosting = new(CostPurpose.Hosting, new Sats(200_000), PayoutWorld.Address(1)), Audit = new(CostPurpose.Audit, new Sats(300_000), PayoutWorld.Address(2));

    [Fact]
    public async Task Moves_hold_before_a_node_and_before_an_explorer()
    {
        using var node = new NodeReader(new Uri(moved.Node.Url), null);
        await using var explorer = new LyingExplorer(moved.World.World.World.Chain);
        using var esplora = new EsploraReader(explorer.Url);
        foreach (var chain in new IChainReader[] { node, esplora })
        {
            var verdict = await moved.CheckAsync(moved.Entries, chain, moved.Manifests);
            Assert.True(verdict.Outcome == Outcome.Ok, verdict.ToString());
            Assert.Equal(["running_costs", "consolidation", "rotation"], verdict.Moves.Select(m => m.Kind));
            Assert.All(verdict.Moves, m => Assert.Equal(("Closed", 1L, 1L, 1L), (m.Stage, m.SshApprovals, m.SshVerified, m.SignedInApprovals)));
            Assert.Equal((500_000, 500_000), (verdict.PaidSat, verdict.CostsSat));
            Assert.Equal(await moved.World.World.HoldsAsync(), verdict.BalanceSat);
        }
    }

    [Theory]
    [InlineData(CoreMood.Ready, ScriptedCore.Password, nameof(Outcome.Ok), "entries compared with the chain as the node has it")]
    [InlineData(CoreMood.Ready, "guessed", nameof(Outcome.Partial), "refuses us \\(status 401\\)")]
    [InlineData(CoreMood.Loading, ScriptedCore.Password, nameof(Outcome.Partial), "the node answered 'getblockhash' with error -28")]
    [InlineData(CoreMood.Pruned, ScriptedCore.Password, nameof(Outcome.Partial), "does not have a block any more \\(it is pruned\\)")]
    [InlineData(CoreMood.Scanning, ScriptedCore.Password, nameof(Outcome.Partial), "whether the treasury has other coins than the log says, which the node cannot tell")]
    [InlineData(CoreMood.WorkQueueFull, ScriptedCore.Password, nameof(Outcome.Partial), "answered with status 503")]
    public async Task A_node_that_answers_as_Bitcoin_Core_is_documented_to_is_understood(CoreMood mood, string password, string outcome, string words)
    {
        await using var core = new ScriptedCore(moved.World.World.World.Chain) { Mood = mood };
        using var node = new NodeReader(core.As(password), null);
        var verdict = await moved.CheckAsync(moved.Entries, node, moved.Manifests);
        Assert.Equal(outcome, verdict.Outcome.ToString());
        Assert.Matches(words, verdict.ToString());
    }

    [Fact]
    public async Task Bitcoin_Core_finds_the_coin_that_a_log_leaves_out_and_the_one_that_it_invents()
    {
        await using var core = new ScriptedCore(moved.World.World.World.Chain);
        using var node = new NodeReader(core.As(ScriptedCore.Password), null);
        var invented = moved.Entries.Select(e => e.Contains("donation.confirmed", StringComparison.Ordinal) ? e.Replace("\"amount_sat\":1000000,", "\"amount_sat\":1000001,", StringComparison.Ordinal) : e).ToList();
        Assert.Matches("the chain's transaction [0-9a-f]{64} has no output [0-9]+ of 1000001 sat", (await moved.CheckAsync(invented, node, moved.Manifests)).Failure!);
        // The last entries but one donation: what the log had said before stays as it was.
        var late = moved.Entries.ToList().FindLastIndex(e => e.Contains("\"amount_sat\":33000,", StringComparison.Ordinal));
        Assert.Matches("the treasury has the coin [0-9a-f]{64}:[0-9]+ of 33000 sat in block [0-9]+, which the log leaves out", (await moved.CheckAsync([.. moved.Entries.Where((_, i) => i != late)], node, moved.Manifests)).Failure!);
    }

    [Fact]
    public async Task Without_the_manifests_what_rests_on_them_is_named()
    {
        using var node = new NodeReader(new Uri(moved.Node.Url), null);
        var verdict = await moved.CheckAsync(moved.Entries, node, []);
        Assert.Equal(Outcome.Partial, verdict.Outcome);
        Assert.Contains("move 1: the addresses that its costs were paid to, for which its manifest is needed", verdict.NotChecked);
        Assert.Equal(4, verdict.NotChecked.Count);
    }

    [Fact]
    public async Task A_bill_that_was_paid_elsewhere_is_found_although_every_amount_is_right()
    {
        // Another manifest from the beginning on: its hash stands in the log, and nobody signed it with a key.
        var manifest = Encoding.ASCII.GetString(moved.Manifests[1]).Replace(Audit.Address!, PayoutWorld.Address(3), StringComparison.Ordinal);
        var (old, fresh) = (MoveManifest.Hash(Encoding.ASCII.GetString(moved.Manifests[1])), MoveManifest.Hash(manifest));
        var forged = moved.Entries.Select(e => e.Replace(old, fresh, StringComparison.Ordinal)).ToList();
        var index = forged.FindIndex(e => e.Contains("\"kind\":\"sshsig\"", StringComparison.Ordinal) && e.Contains(fresh, StringComparison.Ordinal));
        forged[index] = Regex.Replace(forged[index].Replace("\"sshsig\"", "\"signed_in\"", StringComparison.Ordinal), ",\"signature\":\"[^\"]+\"", "", RegexOptions.None, TimeSpan.FromSeconds(1));
        var approved = forged.FindIndex(e => e.Contains("move.approved", StringComparison.Ordinal) && e.Contains("\"move\":1,", StringComparison.Ordinal));
        forged[approved] = forged[approved].Replace("\"signed_in\":1,\"sshsig\":1", "\"signed_in\":2,\"sshsig\":0", StringComparison.Ordinal);
        var manifests = new Dictionary<int, byte[]>(moved.Manifests) { [1] = Encoding.ASCII.GetBytes(manifest) };

        // The money commits to the log that was honest: on a chain that does not, only the address tells.
        using var node = new NodeReader(new Uri(moved.Node.Url), null);
        var verdict = await moved.CheckAsync(forged, node, manifests);
        Assert.Matches("does not commit to the checkpoint of [0-9]+ entries", verdict.Failure!);
        var unbound = await moved.CheckAsync(forged, new CommittedTo(node, moved.Entries, forged), manifests);
        Assert.Matches($"^entry [0-9]+: the transaction does not pay 300000 sat to {PayoutWorld.Address(3)}, as was approved$", unbound.Failure!);
    }

    [Theory]
    [InlineData("psbt.created", "(?<=\"inputs\":\\[\"[0-9a-f]{64}:)[0-9]+", "77", "the transaction spends other coins than were announced")]
    [InlineData("treasury.spent_external", "(?<=\"inputs\":\\[\"[0-9a-f]{64}:)[0-9]+", "77", "the chain's transaction does not spend these coins")]
    [InlineData("treasury.spent_external", "\"spent_sat\":250000", "\"spent_sat\":250001", "these coins are 250000 sat, not 250001")]
    [InlineData("treasury.spent_external", "\"returned_sat\":40000", "\"returned_sat\":39999", "40000 sat of it came back to the treasury, not 39999")]
    [InlineData("donation.confirmed", "^.*$", """{"name":"x","policy":"sha256:0000000000000000000000000000000000000000000000000000000000000000","time":"2018-04-30T00:00:00Z","type":"policy.updated","v":1}""", "the transaction spends a coin that the treasury did not have")]
    public async Task Each_sentence_of_the_log_is_compared_with_the_chain(string type, string what, string instead, string finding)
    {
        var forged = moved.Entries.ToList();
        var index = forged.FindIndex(e => e.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal));
        forged[index] = Regex.Replace(forged[index], what, instead, RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.NotEqual(moved.Entries[index], forged[index]);
        // The log alone tells nothing: who signed it had every freedom.
        Assert.NotEqual(Outcome.Failed, (await moved.CheckAsync(forged, null, moved.Manifests)).Outcome);
        using var node = new NodeReader(new Uri(moved.Node.Url), null);
        var verdict = await moved.CheckAsync(forged, node, moved.Manifests);
        Assert.Equal(Outcome.Failed, verdict.Outcome);
        Assert.Matches($"^entry [0-9]+: {finding}$", verdict.Failure!);
    }

    [Fact]
    public async Task A_coin_that_is_called_lost_must_have_lost_to_a_transaction_that_is_there()
    {
        var paid = CanonicalObject.Parse(Encoding.ASCII.GetBytes(moved.Entries.First(e => e.Contains("tx.confirmed", StringComparison.Ordinal))));
        var input = CanonicalObject.Parse(Encoding.ASCII.GetBytes(moved.Entries.First(e => e.Contains(paid.Text("txid"), StringComparison.Ordinal) && e.Contains("psbt.created", StringComparison.Ordinal)))).Texts("inputs")[0].Split(':');
        using var node = new NodeReader(new Uri(moved.Node.Url), null);
        Assert.Equal(Outcome.Ok, (await CheckAsync(long.Parse(input[1], System.Globalization.CultureInfo.InvariantCulture))).Outcome);
        Assert.Matches($"^entry {moved.Entries.Count}: the chain's transaction {paid.Text("txid")} does not spend {input[0]}:77$", (await CheckAsync(77)).Failure!);

        Task<Verdict> CheckAsync(long output) => moved.CheckAsync([.. moved.Entries, new CanonicalObject().Add("v", 1).Add("type", "treasury.coin_lost").Add("time", "2020-01-01T00:00:00Z").Add("amount_sat", 5)
            .Add("txid", new string('e', 64)).Add("vout", 0).Add("input_txid", input[0]).Add("input_vout", output).Add("by", paid.Text("txid")).Add("height", paid.Integer("height")).ToString()], node, moved.Manifests);
    }

    /// <summary>A chain whose payments commit to the forged log instead of the honest one, and are the same in all else.</summary>
    private sealed class CommittedTo(IChainReader chain, IReadOnlyList<string> honest, IReadOnlyList<string> forged) : IChainReader
    {
        public string Name => chain.Name;

        public void Dispose() => chain.Dispose();

        public Task<long> OpenAsync(string network, CancellationToken cancellation) => chain.OpenAsync(network, cancellation);

        public async Task<MinedTransaction?> FindAsync(string txid, long height, CancellationToken cancellation)
        {
            if (await chain.FindAsync(txid, height, cancellation) is not { } mined) return null;
            var outputs = mined.Transaction.Outputs.Select(o => Enumerable.Range(1, honest.Count).Where(size => o.Script is [0x6a, 32, .. var hash] && hash.AsSpan().SequenceEqual(Moved.Commitment(honest, size)))
                .Select(size => o with { Script = [0x6a, 32, .. Moved.Commitment(forged, size)] }).FirstOrDefault(o));
            return mined with { Transaction = mined.Transaction with { Outputs = [.. outputs] } };
        }

        public Task<IReadOnlyList<UnspentCoin>?> UnspentAsync(WatchedDescriptor descriptor, IReadOnlyList<byte[]> scripts, CancellationToken cancellation) => chain.UnspentAsync(descriptor, scripts, cancellation);
    }

    /// <summary>Three moves, and a coin that key holders spent past the product, each final and in the log.</summary>
    public sealed class Moved : IAsyncLifetime
    {
        private static readonly NoteSigner Signer = new("localhost/ledger", new byte[32]);

        internal MovesWorld World { get; private set; } = null!;

        internal SandboxNode Node { get; private set; } = null!;

        internal IReadOnlyList<string> Entries { get; private set; } = [];

        internal Dictionary<int, byte[]> Manifests { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            World = await MovesWorld.FundedAsync(250_000, 1_000_000, 300_000);
            var txid = await World.World.SpendElsewhereAsync(backTo: (await World.World.World.DonateAsync()).Address, back: 40_000);
            World.World.World.Chain.Mine(3);
            await World.World.TurnAsync();
            foreach (var admin in new[] { World.Alice, World.Boris }) await World.World.ExplainAsync(txid, ForeignSpendReason.Theft, admin);
            await FinishAsync(1, await World.PayAsync(Hosting, Audit));
            await FinishAsync(2, await World.ConsolidateAsync());
            await FinishAsync(3, await World.RotateAsync(TestTreasuries.TwoOfThree.Replace("sortedmulti(2,", "sortedmulti(3,", StringComparison.Ordinal)));
            // Two coins that no move spends, the older of which a forger could leave out.
            await World.World.FundAsync(33_000);
            await World.World.FundAsync(44_000);
            await World.World.World.SealAsync();
            Entries = [.. (await World.World.World.Read(db => db.Set<LedgerEntry>().Where(e => e.Index != null).OrderBy(e => e.Index).ToListAsync())).Select(e => Encoding.ASCII.GetString(e.Bytes))];
            Manifests = (await World.World.World.Read(db => db.Set<Move>().ToListAsync())).ToDictionary(m => m.Number, m => Encoding.ASCII.GetBytes(m.Manifest));
            Node = new SandboxNode(World.World.World.Chain);
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await World.DisposeAsync();
        }

        internal async Task<Verdict> CheckAsync(IReadOnlyList<string> entries, IChainReader? chain, Dictionary<int, byte[]> manifests)
        {
            using var folder = new TemporaryFolder();
            LogFiles.Write(folder.Path, Signer, [.. entries.Select(Encoding.ASCII.GetBytes)]);
            return await new Verification(new FolderLogSource(folder.Path), [Signer.Verifier])
            {
                Chain = chain, MoveManifest = (number, _) => Task.FromResult(manifests.GetValueOrDefault((int)number)),
            }.RunAsync();
        }

        internal static byte[] Commitment(IReadOnlyList<string> entries, int size) => System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(
            new Checkpoint(Signer.Verifier.Name, size, MerkleTree.Root([.. entries.Take(size).Select(e => MerkleTree.Leaf(Encoding.ASCII.GetBytes(e)))])).Text));

        private async Task FinishAsync(int number, MoveResult proposed)
        {
            await World.ApprovedAsync(proposed);
            Assert.IsType<BuildResult.Built>(await World.BuildAsync(number));
            await World.FinishAsync(number);
        }
    }
}
