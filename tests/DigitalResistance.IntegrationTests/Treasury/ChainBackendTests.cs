using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Treasury;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NBitcoin;

namespace DigitalResistance.IntegrationTests.Treasury;

/// <summary>What a chain backend promises, kept by a node over RPC and by an Esplora server in front of the same node.</summary>
public sealed class ChainBackendTests
{
    [Theory]
    [InlineData("core")]
    [InlineData("esplora")]
    public async Task Tip_hashes_and_blocks_are_those_of_the_node(string backend)
    {
        await using var world = await World.StartAsync(backend);
        var tip = await world.Chain.GetTipAsync(Cancel);
        Assert.Equal((await world.Node.HeightAsync(), (string)(await world.Node.CallAsync("getbestblockhash"))!), (tip.Height, tip.Hash.ToString()));
        Assert.Equal(Network.RegTest.GenesisHash, await world.Chain.GetBlockHashAsync(0, Cancel));
        Assert.Null(await world.Chain.GetBlockHashAsync(tip.Height + 1, Cancel));
        Assert.Null(await world.Chain.GetBlockAsync(uint256.One, Cancel));

        var block = Block.Load((await world.Chain.GetBlockAsync(tip.Hash, Cancel))!, Network.RegTest);
        Assert.Equal(tip.Hash, block.GetHash());
        Assert.True(block.CheckMerkleRoot());
    }

    [Theory]
    [InlineData("core")]
    [InlineData("esplora")]
    public async Task A_transaction_may_be_handed_over_again_and_again(string backend)
    {
        await using var world = await World.StartAsync(backend);
        var transaction = await world.PaymentAsync();
        await world.Node.ForgetMempoolAsync();
        Assert.False(await world.Chain.IsWaitingAsync(transaction.GetHash(), Cancel));

        Assert.IsType<ChainVerdict.Accepted>(await world.Chain.TestAsync(transaction, Cancel));
        Assert.IsType<ChainVerdict.Accepted>(await world.Chain.SendAsync(transaction, Cancel));
        Assert.True(await world.Chain.IsWaitingAsync(transaction.GetHash(), Cancel));
        Assert.IsNotType<ChainVerdict.Refused>(await world.Chain.SendAsync(transaction, Cancel));

        await world.Node.MineAsync();
        Assert.IsType<ChainVerdict.AlreadyKnown>(await world.Chain.SendAsync(transaction, Cancel));
        Assert.False(await world.Chain.IsWaitingAsync(transaction.GetHash(), Cancel));
    }

    [Theory]
    [InlineData("core")]
    [InlineData("esplora")]
    public async Task A_refusal_carries_the_nodes_own_word(string backend)
    {
        await using var world = await World.StartAsync(backend);
        var foreign = await world.PaymentAsync();
        foreign.Inputs[0].PrevOut = new OutPoint(uint256.One, 0);
        var verdict = Assert.IsType<ChainVerdict.Refused>(await world.Chain.SendAsync(foreign, Cancel));
        Assert.Contains("bad-txns-inputs-missingorspent", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_tests_nothing_beforehand_says_it_when_a_transaction_is_sent()
    {
        await using var world = await World.StartAsync("core");
        await world.Node.PretendAsync("testmempoolaccept");
        var foreign = await world.PaymentAsync();
        foreign.Inputs[0].PrevOut = new OutPoint(uint256.One, 0);
        Assert.IsType<ChainVerdict.Accepted>(await world.Chain.TestAsync(foreign, Cancel));
        Assert.IsType<ChainVerdict.Refused>(await world.Chain.SendAsync(foreign, Cancel));
    }

    [Fact]
    public async Task A_node_that_is_still_starting_is_away()
    {
        await using var world = await World.StartAsync("core");
        foreach (var method in new[] { "getblockchaininfo", "getblockhash", "sendrawtransaction" }) await world.Node.PretendAsync(method, -28, "Loading block index…");
        await Assert.ThrowsAsync<ChainUnavailableException>(() => world.Chain.GetTipAsync(Cancel));
        await world.Node.PretendAsync("getblockchaininfo", 0);
        await world.Node.PretendAsync("getblockhash", 0);
        var payment = await world.PaymentAsync();
        await Assert.ThrowsAsync<ChainUnavailableException>(() => world.Chain.SendAsync(payment, Cancel));
        await world.Node.PretendAsync("sendrawtransaction", 0);
        Assert.IsNotType<ChainVerdict.Refused>(await world.Chain.SendAsync(payment, Cancel));
    }

    [Theory]
    [InlineData("core")]
    [InlineData("esplora")]
    public async Task A_backend_that_is_away_is_said_to_be_away(string backend)
    {
        await using var world = await World.StartAsync(backend);
        await world.Chain.GetTipAsync(Cancel);
        await world.LeaveAsync();
        await Assert.ThrowsAsync<ChainUnavailableException>(() => world.Chain.GetTipAsync(Cancel));
        await Assert.ThrowsAsync<ChainUnavailableException>(() => world.Chain.IsWaitingAsync(uint256.One, Cancel));
    }

    [Theory]
    [InlineData("core")]
    [InlineData("esplora")]
    public async Task A_backend_on_another_network_is_refused_everywhere(string backend)
    {
        await using var world = await World.StartAsync(backend, network: "main");
        await Assert.ThrowsAsync<ChainMismatchException>(() => world.Chain.GetTipAsync(Cancel));
        await Assert.ThrowsAsync<ChainMismatchException>(() => world.Chain.GetBlockHashAsync(1, Cancel));
        await Assert.ThrowsAsync<ChainMismatchException>(() => world.Chain.IsWaitingAsync(uint256.One, Cancel));
    }

    [Theory]
    [InlineData("core")]
    [InlineData("esplora")]
    public async Task A_backend_whose_network_has_our_name_but_another_first_block_is_refused_everywhere(string backend)
    {
        await using var world = await World.StartAsync(backend);
        await world.Node.AnswerInsteadAsync("getblockhash", new string('7', 64));
        var refusal = await Assert.ThrowsAsync<ChainMismatchException>(() => world.Chain.GetTipAsync(Cancel));
        Assert.Contains("first block", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ChainMismatchException>(() => world.Chain.GetBlockHashAsync(1, Cancel));
        await Assert.ThrowsAsync<ChainMismatchException>(() => world.Chain.IsWaitingAsync(uint256.One, Cancel));
    }

    [Fact]
    public async Task An_esplora_server_cannot_put_a_coin_into_a_true_block()
    {
        await using var world = await World.StartAsync("esplora");
        var tip = await world.Chain.GetTipAsync(Cancel);
        Assert.NotNull(await world.Chain.GetBlockAsync(tip.Hash, Cancel));
        world.Esplora.Lies = true;
        await Assert.ThrowsAsync<ChainUnavailableException>(() => world.Chain.GetBlockAsync(tip.Hash, Cancel));
    }

    [Fact]
    public async Task An_esplora_estimate_is_the_cheapest_that_is_not_later_than_asked()
    {
        await using var world = await World.StartAsync("esplora");
        Assert.Equal(new VByteRate(12_500), await world.Chain.EstimateRateAsync(2, Cancel));
        Assert.Equal(new VByteRate(7_001), await world.Chain.EstimateRateAsync(6, Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed class World(BcoinPeer node, EsploraFacade esplora, ServiceProvider services) : IAsyncDisposable
    {
        public BcoinPeer Node => node;

        public EsploraFacade Esplora => esplora;

        public IChain Chain { get; } = services.GetRequiredService<IChain>();

        public static async Task<World> StartAsync(string backend, string network = "regtest")
        {
            var node = await BcoinPeer.StartAsync();
            var esplora = new EsploraFacade(node);
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Bitcoin:Network"] = network, ["Bitcoin:Backend"] = backend, ["Bitcoin:EsploraUrl"] = esplora.Url,
                ["Bitcoin:NodeUrl"] = node.Url.ToString(), ["Bitcoin:NodeUser"] = node.User, ["Bitcoin:NodePassword"] = node.Password,
            }).Build();
            return new World(node, esplora, new ServiceCollection().AddLogging().AddTreasury(configuration).BuildServiceProvider());
        }

        /// <summary>A valid payment that the node knows.</summary>
        public async Task<Transaction> PaymentAsync()
        {
            var txid = await node.FundAsync("0014751e76e8199196d454941c45d1b3a323f1433bd6", 1_000_000);
            return Transaction.Parse((string)(await node.CallAsync("getrawtransaction", txid))!, Network.RegTest);
        }

        public async Task LeaveAsync()
        {
            await esplora.DisposeAsync();
            await node.InterruptAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await services.DisposeAsync();
            await esplora.DisposeAsync();
            await node.DisposeAsync();
        }
    }
}
