using System.ComponentModel.DataAnnotations;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>Which bitcoin network, through which backend, and how deep is deep enough (section <c>Bitcoin</c>).</summary>
public sealed class BitcoinOptions
{
    /// <summary><c>main</c> (default), <c>testnet</c>, <c>testnet4</c>, <c>signet</c> or <c>regtest</c>. Addresses of another network are refused everywhere.</summary>
    [RegularExpression("main|testnet|testnet4|signet|regtest", ErrorMessage = "Bitcoin:Network must be 'main', 'testnet', 'testnet4', 'signet' or 'regtest'.")]
    public string Network { get; set; } = "main";

    /// <summary><c>none</c> (default: addresses are given out, nothing is seen or paid), <c>core</c> (a Bitcoin Core node), <c>esplora</c> (another's Esplora server) or <c>sandbox</c> (an embedded chain on regtest, for the demo and tests).</summary>
    [RegularExpression("none|core|esplora|sandbox", ErrorMessage = "Bitcoin:Backend must be 'none', 'core', 'esplora' or 'sandbox'.")]
    public string Backend { get; set; } = "none";

    /// <summary>Address of the node's RPC, as <c>http://127.0.0.1:8332</c>. Needed by <c>core</c>.</summary>
    public string? NodeUrl { get; set; }

    /// <summary>The node's cookie file, read again whenever the node refuses it; used instead of user and password.</summary>
    public string? NodeCookieFile { get; set; }

    /// <summary>RPC user, where there is no cookie file.</summary>
    public string? NodeUser { get; set; }

    /// <summary>RPC password, where there is no cookie file.</summary>
    public string? NodePassword { get; set; }

    /// <summary>File that holds the RPC password; used instead of <see cref="NodePassword"/>.</summary>
    public string? NodePasswordFile { get; set; }

    /// <summary>Address of the Esplora server's interface, as <c>https://esplora.example/api</c>. Needed by <c>esplora</c>.</summary>
    public string? EsploraUrl { get; set; }

    /// <summary>How long one answer of the node may take, in seconds. Default 30.</summary>
    [Range(1, 600, ErrorMessage = "Bitcoin:NodeTimeoutSeconds must be between 1 and 600.")]
    public int NodeTimeoutSeconds { get; set; } = 30;

    /// <summary>How often the node is asked for new blocks, in seconds. Default 10.</summary>
    [Range(1, 3600, ErrorMessage = "Bitcoin:PollSeconds must be between 1 and 3600.")]
    public int PollSeconds { get; set; } = 10;

    /// <summary>From this depth on a donation is booked and its coin may be spent. Default 3; 1 is the newest block.</summary>
    [Range(1, 100, ErrorMessage = "Bitcoin:Confirmations must be between 1 and 100.")]
    public int Confirmations { get; set; } = 3;

    /// <summary>From this depth on a payment is final: a deeper reorganisation raises an alarm and changes nothing by itself. Default 6.</summary>
    [Range(1, 1000, ErrorMessage = "Bitcoin:FinalConfirmations must be between 1 and 1000.")]
    public int FinalConfirmations { get; set; } = 6;

    /// <summary>The treasury's descriptor, adopted at the first contact with the chain instead of on the page. A different one later stops payments: a treasury is rotated, not replaced.</summary>
    public string? Descriptor { get; set; }

    /// <summary>Height from which blocks are read for <see cref="Descriptor"/>; default: the end of the chain at adoption.</summary>
    [Range(0, 10_000_000, ErrorMessage = "Bitcoin:StartHeight must be between 0 and 10000000.")]
    public int? StartHeight { get; set; }

    /// <summary>
    /// So many addresses beyond the last used one are watched on each branch, default 100: a payment to the next address that some wallet
    /// derives from the published descriptor is seen too.
    /// </summary>
    [Range(1, 10_000, ErrorMessage = "Bitcoin:LookAhead must be between 1 and 10000.")]
    public int LookAhead { get; set; } = 100;

    /// <summary>Whether a treasury of a single key may hold real money. Default no: one lost device would lose everything.</summary>
    public bool AllowSingleKey { get; set; }

    /// <summary>Whether the descriptor itself is published, so that outsiders derive every address (default), or only its hash.</summary>
    public bool PublishDescriptor { get; set; } = true;

    /// <summary>The sandbox chain mines a block this often, in seconds; 0 (default): only on demand.</summary>
    [Range(0, 3600, ErrorMessage = "Bitcoin:SandboxBlockSeconds must be between 0 and 3600.")]
    public int SandboxBlockSeconds { get; set; }

    /// <summary>The network as NBitcoin knows it.</summary>
    public Network ChainNetwork => Network switch
    {
        "testnet" => NBitcoin.Network.TestNet,
        "testnet4" => NBitcoin.Network.TestNet4,
        "signet" => Bitcoin.Instance.Signet,
        "regtest" => NBitcoin.Network.RegTest,
        _ => NBitcoin.Network.Main,
    };

    /// <summary>The network's name in the public ledger.</summary>
    public string LedgerNetwork => Network == "main" ? "bitcoin" : Network;

    internal bool NamesItsNode => Backend != "core" || IsHttp(NodeUrl);

    internal bool NamesItsEsplora => Backend != "esplora" || IsHttp(EsploraUrl);

    internal bool SandboxIsPlay => Backend != "sandbox" || Network == "regtest";

    private static bool IsHttp(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
