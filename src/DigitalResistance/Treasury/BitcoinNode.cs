using System.Text.Json;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// A Bitcoin Core node, spoken to over JSON-RPC (<see href="https://developer.bitcoin.org/reference/rpc/"/>). It needs no wallet and no
/// index; a pruned one serves as far back as it goes. The only file that knows the node's words.
/// </summary>
public sealed class BitcoinNode(NodeConnection connection, IOptions<BitcoinOptions> options) : IChain
{
    // Error codes of Bitcoin Core, rpc/protocol.h.
    private const int InvalidAddressOrKey = -5;
    private const int InvalidParameter = -8;
    private const int VerifyRejected = -26;
    private const int VerifyError = -25;
    private const int AlreadyInChain = -27;
    private const int MiscError = -1;
    private const int MethodNotFound = -32601;

    private readonly Network _network = options.Value.ChainNetwork;
    private bool _genesisAgrees;

    /// <inheritdoc/>
    public async Task<ChainTip> GetTipAsync(CancellationToken cancellation)
    {
        var info = await connection.CallAsync("getblockchaininfo", [], cancellation);
        await RefuseOtherNetworkAsync(info.GetProperty("chain").GetString(), cancellation);
        return new ChainTip(info.GetProperty("blocks").GetInt32(), uint256.Parse(info.GetProperty("bestblockhash").GetString()!));
    }

    /// <inheritdoc/>
    public async Task<ChainProgress?> ProgressAsync(CancellationToken cancellation)
    {
        var info = await connection.CallAsync("getblockchaininfo", [], cancellation);
        await RefuseOtherNetworkAsync(info.GetProperty("chain").GetString(), cancellation);
        var blocks = info.GetProperty("blocks").GetInt32();
        var headers = info.TryGetProperty("headers", out var known) ? known.GetInt32() : blocks;
        // On regtest a node that was not mined on for a day believes to be downloading for ever.
        var isDownloading = options.Value.Network != "regtest" && info.TryGetProperty("initialblockdownload", out var downloading) && downloading.GetBoolean();
        var newest = info.TryGetProperty("time", out var at) || info.TryGetProperty("mediantime", out at) ? DateTimeOffset.FromUnixTimeSeconds(at.GetInt64()) : (DateTimeOffset?)null;
        return new ChainProgress(blocks, headers, isDownloading || headers > blocks + 2, newest);
    }

    /// <inheritdoc/>
    public async Task<uint256?> GetBlockHashAsync(int height, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        try
        {
            return await HashAtAsync(height, cancellation);
        }
        catch (NodeException refusal) when (refusal.Code == InvalidParameter)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> GetBlockAsync(uint256 hash, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        byte[] block;
        try
        {
            block = Convert.FromHexString((await connection.CallAsync("getblock", [hash.ToString(), 0], cancellation)).GetString()!);
        }
        catch (NodeException refusal) when (refusal.Code is MiscError or InvalidAddressOrKey)
        {
            return null;
        }

        return BlockScan.HashOf(block) == hash ? block : throw new ChainUnavailableException("The node answered with another block than the one asked for.");
    }

    /// <inheritdoc/>
    public async Task<VByteRate?> EstimateRateAsync(int blocks, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        var answer = await connection.CallAsync("estimatesmartfee", [blocks], cancellation);
        // BTC per 1,000 vbytes, absent where the node has seen too little.
        return answer.TryGetProperty("feerate", out var rate) && rate.GetDecimal() is var btc and > 0
            ? new VByteRate((long)Math.Ceiling(btc * 100_000_000m)) : null;
    }

    /// <inheritdoc/>
    public async Task<ChainVerdict> TestAsync(Transaction transaction, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        JsonElement answer;
        try
        {
            answer = (await connection.CallAsync("testmempoolaccept", [new[] { transaction.ToHex() }], cancellation))[0];
        }
        catch (NodeException refusal) when (refusal.Code == MethodNotFound)
        {
            // Not every node can tell beforehand; then it tells when the transaction is sent.
            return new ChainVerdict.Accepted();
        }

        if (answer.GetProperty("allowed").GetBoolean()) return new ChainVerdict.Accepted();
        var reason = answer.TryGetProperty("reject-reason", out var text) ? text.GetString() ?? "" : "";
        return IsKnown(reason) ? new ChainVerdict.AlreadyKnown() : new ChainVerdict.Refused(reason);
    }

    /// <inheritdoc/>
    public async Task<ChainVerdict> SendAsync(Transaction transaction, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        try
        {
            await connection.CallAsync("sendrawtransaction", [transaction.ToHex()], cancellation);
            return new ChainVerdict.Accepted();
        }
        catch (NodeException refusal) when (refusal.Code == AlreadyInChain || IsKnown(refusal.Text))
        {
            return new ChainVerdict.AlreadyKnown();
        }
        catch (NodeException refusal) when (refusal.Code is VerifyRejected or VerifyError)
        {
            return new ChainVerdict.Refused(refusal.Text);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsWaitingAsync(uint256 txid, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        try
        {
            await connection.CallAsync("getmempoolentry", [txid.ToString()], cancellation);
            return true;
        }
        catch (NodeException refusal) when (refusal.Code is InvalidAddressOrKey or MiscError)
        {
            return false;
        }
    }

    internal static bool IsKnown(string reason) =>
        reason.Contains("already-in-mempool", StringComparison.Ordinal) || reason.Contains("already-known", StringComparison.Ordinal)
        || reason.Contains("already in block chain", StringComparison.Ordinal) || reason.Contains("already in utxo set", StringComparison.OrdinalIgnoreCase);

    private async Task<uint256> HashAtAsync(int height, CancellationToken cancellation) =>
        uint256.Parse((await connection.CallAsync("getblockhash", [height], cancellation)).GetString()!);

    private Task AgreeAsync(CancellationToken cancellation) => _genesisAgrees ? Task.CompletedTask : GetTipAsync(cancellation);

    // The name is compared every time the tip is read, since a node may be restarted on another network behind the same address.
    private async Task RefuseOtherNetworkAsync(string? chain, CancellationToken cancellation)
    {
        var ours = options.Value.Network switch { "testnet" => "test", var name => name };
        if (chain != ours)
        {
            _genesisAgrees = false;
            throw new ChainMismatchException($"The bitcoin node follows '{chain}', but Bitcoin:Network is '{options.Value.Network}'. Payments stay stopped until both agree.");
        }

        if (_genesisAgrees) return;
        var genesis = await HashAtAsync(0, cancellation);
        _genesisAgrees = genesis == _network.GenesisHash
            ? true : throw new ChainMismatchException($"The bitcoin node's first block is {genesis}, but that of '{options.Value.Network}' is {_network.GenesisHash}. Payments stay stopped until both agree.");
    }
}
