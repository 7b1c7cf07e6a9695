namespace NBitcoin;

/// <summary>What begins a text of each kind on a network.</summary>
internal sealed record NetworkPrefixes(byte PubKeyAddress, byte ScriptAddress, byte SecretKey, byte[] ExtPubKey, byte[] ExtSecretKey, string SegwitHrp);

/// <summary>Something that a network writes as text.</summary>
public interface IBitcoinString
{
    /// <summary>The network it belongs to.</summary>
    Network Network { get; }
}

/// <summary>The name of a chain, whatever the letters' case.</summary>
public class ChainName
{
    private readonly string _name;

    /// <summary>Of that name.</summary>
    public ChainName(string chainName)
    {
        ArgumentException.ThrowIfNullOrEmpty(chainName);
        _name = char.ToUpperInvariant(chainName[0]) + chainName[1..].ToLowerInvariant();
    }

    /// <summary>The real one.</summary>
    public static ChainName Mainnet { get; } = new("Mainnet");

    /// <summary>The third test network.</summary>
    public static ChainName Testnet { get; } = new("Testnet");

    /// <summary>One's own.</summary>
    public static ChainName Regtest { get; } = new("Regtest");

    /// <inheritdoc/>
    public override string ToString() => _name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChainName other && _name == other._name;

    /// <inheritdoc/>
    public override int GetHashCode() => _name.GetHashCode(StringComparison.Ordinal);

    /// <summary>Same name.</summary>
    public static bool operator ==(ChainName? a, ChainName? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another name.</summary>
    public static bool operator !=(ChainName? a, ChainName? b) => !(a == b);
}

/// <summary>The rules of a chain that payouts ask for.</summary>
public class Consensus
{
    internal Consensus(string genesis, int halving)
    {
        HashGenesisBlock = uint256.Parse(genesis);
        SubsidyHalvingInterval = halving;
    }

    /// <summary>The first block.</summary>
    public uint256 HashGenesisBlock { get; }

    /// <summary>Blocks on top of a mined coin before it can be spent.</summary>
    public int CoinbaseMaturity => 100;

    /// <summary>Blocks after which the reward is halved.</summary>
    public int SubsidyHalvingInterval { get; }

    /// <summary>Makes empty blocks and transactions.</summary>
    public ConsensusFactory ConsensusFactory { get; } = new();
}

/// <summary>Makes empty blocks and transactions.</summary>
public class ConsensusFactory
{
    internal ConsensusFactory()
    {
    }

    /// <summary>A block without transactions.</summary>
    public Block CreateBlock() => new(CreateBlockHeader());

    /// <summary>An empty header.</summary>
    public BlockHeader CreateBlockHeader() => new();

    /// <summary>A transaction without inputs and outputs.</summary>
    public Transaction CreateTransaction() => new();
}

/// <summary>A bitcoin network.</summary>
public class Network
{
    private readonly string[] _aliases;

    internal Network(string name, ChainName chain, int port, Consensus consensus, NetworkPrefixes prefixes, params string[] aliases)
    {
        Name = name;
        ChainName = chain;
        DefaultPort = port;
        Consensus = consensus;
        Prefixes = prefixes;
        _aliases = aliases;
    }

    /// <summary>The real one.</summary>
    public static Network Main => Bitcoin.Instance.Mainnet;

    /// <summary>The third test network.</summary>
    public static Network TestNet => Bitcoin.Instance.Testnet;

    /// <summary>The fourth test network.</summary>
    public static Network TestNet4 => Bitcoin.Instance.Testnet4;

    /// <summary>One's own.</summary>
    public static Network RegTest => Bitcoin.Instance.Regtest;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The name of its chain.</summary>
    public ChainName ChainName { get; }

    /// <summary>Where its nodes listen.</summary>
    public int DefaultPort { get; }

    /// <summary>Where a node's owner asks it.</summary>
    public int RPCPort => DefaultPort - 1;

    /// <summary>Its rules.</summary>
    public Consensus Consensus { get; }

    /// <summary>Its first block.</summary>
    public uint256 GenesisHash => Consensus.HashGenesisBlock;

    internal NetworkPrefixes Prefixes { get; }

    /// <summary>All of them.</summary>
    public static IEnumerable<Network> GetNetworks() => Bitcoin.Instance.All;

    /// <summary>By one of its names (<c>main</c>, <c>testnet</c>, <c>testnet4</c>, <c>signet</c>, <c>regtest</c>, …); null for any other.</summary>
    public static Network? GetNetwork(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return GetNetworks().FirstOrDefault(n => n.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || n._aliases.Contains(name.ToLowerInvariant()));
    }

    /// <summary>Reads an address or an extended public key of this network.</summary>
    public T Parse<T>(string str)
        where T : IBitcoinString
    {
        ArgumentNullException.ThrowIfNull(str);
        IBitcoinString parsed = typeof(T).IsAssignableFrom(typeof(BitcoinExtPubKey)) ? new BitcoinExtPubKey(str, this) : BitcoinAddress.Create(str, this);
        return parsed is T wanted ? wanted : throw new FormatException($"This is another kind of text than {typeof(T).Name}.");
    }

    /// <summary>Reads an address of this network.</summary>
    public BitcoinAddress CreateBitcoinAddress(string base58) => BitcoinAddress.Create(base58, this);

    /// <summary>Writes an extended public key.</summary>
    public BitcoinExtPubKey CreateBitcoinExtPubKey(ExtPubKey pubkey) => new(pubkey, this);

    /// <summary>A transaction without inputs and outputs.</summary>
    public Transaction CreateTransaction() => Consensus.ConsensusFactory.CreateTransaction();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
