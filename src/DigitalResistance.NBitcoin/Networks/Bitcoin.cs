namespace NBitcoin;

/// <summary>The networks of bitcoin. The numbers are those of Bitcoin Core's <c>chainparams.cpp</c> and <c>chainparamsbase.cpp</c>.</summary>
public class Bitcoin
{
    private static readonly NetworkPrefixes Test = new(111, 196, 239, [0x04, 0x35, 0x87, 0xcf], [0x04, 0x35, 0x83, 0x94], "tb");

    private Bitcoin()
    {
        Mainnet = new Network(
            "Main", ChainName.Mainnet, 8333,
            new Consensus("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", 210_000),
            new NetworkPrefixes(0, 5, 128, [0x04, 0x88, 0xb2, 0x1e], [0x04, 0x88, 0xad, 0xe4], "bc"),
            "mainnet", "btc-mainnet");
        Testnet = new Network(
            "TestNet", ChainName.Testnet, 18333,
            new Consensus("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", 210_000),
            Test, "test", "testnet3", "btc-testnet");
        Testnet4 = new Network(
            "TestNet4", new ChainName("Testnet4"), 48333,
            new Consensus("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043", 210_000),
            Test, "test4", "btc-testnet4");
        Signet = new Network(
            "signet", new ChainName("signet"), 38333,
            new Consensus("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", 210_000),
            Test, "bitcoin-signet", "btc-signet");
        Regtest = new Network(
            "RegTest", ChainName.Regtest, 18444,
            new Consensus("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", 150),
            Test with { SegwitHrp = "bcrt" }, "reg", "regnet", "btc-regtest");
    }

    /// <summary>The one there is.</summary>
    public static Bitcoin Instance { get; } = new();

    /// <summary>The real one.</summary>
    public Network Mainnet { get; }

    /// <summary>The third test network.</summary>
    public Network Testnet { get; }

    /// <summary>The fourth test network.</summary>
    public Network Testnet4 { get; }

    /// <summary>The test network whose blocks are signed.</summary>
    public Network Signet { get; }

    /// <summary>One's own.</summary>
    public Network Regtest { get; }

    internal IEnumerable<Network> All => [Mainnet, Testnet, Testnet4, Signet, Regtest];
}
