using System.Text;
using System.Text.Json.Nodes;
using DigitalResistance.Tests.Site;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NBitcoin;

namespace DigitalResistance.Tests.Verify;

/// <summary>How a Bitcoin Core node can be unable to answer.</summary>
public enum CoreMood
{
    Ready,
    Loading,
    Pruned,
    Scanning,
    WorkQueueFull,
}

/// <summary>
/// A sandbox chain that answers as Bitcoin Core 29's documentation of its RPC says (https://bitcoincore.org/en/doc/29.0.0/rpc/): with its statuses, its
/// error codes and every member of its results, amounts with eight digits. It stands for a real Core, which is not among the peers of these tests.
/// </summary>
internal sealed class ScriptedCore : IAsyncDisposable
{
    public const string User = "reader", Password = "p:w@rd";
    private readonly SandboxChain _chain;
    private readonly WebApplication _listener;

    public ScriptedCore(SandboxChain chain)
    {
        _chain = chain;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _listener = builder.Build();
        _listener.Run(AnswerAsync);
        _listener.Start();
    }

    public CoreMood Mood { get; set; }

    /// <summary>Its address, with a password.</summary>
    public Uri As(string password) => new UriBuilder(_listener.Urls.Single()) { UserName = User, Password = Uri.EscapeDataString(password) }.Uri;

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var given = http.Request.Headers.Authorization.ToString();
        if (given != $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"))}")
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"jsonrpc\"";
            http.Response.StatusCode = 401;
            return;
        }

        if (Mood == CoreMood.WorkQueueFull)
        {
            http.Response.StatusCode = 503;
            await http.Response.WriteAsync("Work queue depth exceeded");
            return;
        }

        var call = (await JsonNode.ParseAsync(http.Request.Body))!;
        var (result, code, message) = Mood == CoreMood.Loading ? (null, -28, "Loading block index…") : await FindAsync((string)call["method"]!, call["params"]!.AsArray());
        var error = result is null ? $$"""{"code":{{code}},"message":"{{message}}"}""" : "null";
        http.Response.StatusCode = result is not null ? 200 : code == -32601 ? 404 : 500;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync($$"""{"result":{{result ?? "null"}},"error":{{error}},"id":{{call["id"]!.ToJsonString()}}}""" + "\n");
    }

    private async Task<(string? Result, int Code, string Message)> FindAsync(string method, JsonArray parameters)
    {
        var tip = await _chain.GetTipAsync(default);
        switch (method)
        {
            case "getblockchaininfo":
                return ($$"""{"chain":"regtest","blocks":{{tip.Height}},"headers":{{tip.Height}},"bestblockhash":"{{tip.Hash}}","bits":"207fffff","target":"7fffff{{new string('0', 58)}}","difficulty":4.656542373906925e-10,"time":1525089600,"mediantime":1525089600,"verificationprogress":1,"initialblockdownload":false,"chainwork":"{{new string('0', 64)}}","size_on_disk":1,"pruned":false,"warnings":[]}""", 0, "");
            case "getblockhash":
                return await _chain.GetBlockHashAsync((int)parameters[0]!, default) is { } hash ? ($"\"{hash}\"", 0, "") : (null, -8, "Block height out of range");
            case "getblock" when Mood == CoreMood.Pruned:
                return (null, -1, "Block not available (pruned data)");
            case "getblock" when (int)parameters[1]! == 0:
                return await _chain.GetBlockAsync(uint256.Parse((string)parameters[0]!), default) is { } block ? ($"\"{Convert.ToHexStringLower(block)}\"", 0, "") : (null, -5, "Block not found");
            case "scantxoutset" when Mood == CoreMood.Scanning:
                return (null, -8, "Scan already in progress, use action \\\"abort\\\" or \\\"status\\\"");
            case "scantxoutset" when (string)parameters[0]! == "start":
                return (await ScanAsync(tip, [.. parameters[1]!.AsArray().Select(d => (string)d!)]), 0, "");
            default:
                return (null, -32601, "Method not found");
        }
    }

    private async Task<string> ScanAsync(ChainTip tip, HashSet<string> wanted)
    {
        var index = await SandboxIndex.ReadAsync(_chain);
        var found = index.Unspent.Where(c => wanted.Contains($"raw({c.Output.ScriptPubKey.ToHex()})")).ToList();
        var coins = found.Select(c => FormattableString.Invariant(
            $$"""{"txid":"{{c.Outpoint.Hash}}","vout":{{c.Outpoint.N}},"scriptPubKey":"{{c.Output.ScriptPubKey.ToHex()}}","desc":"raw({{c.Output.ScriptPubKey.ToHex()}})#00000000","amount":{{c.Output.Value.ToDecimal(MoneyUnit.BTC):0.00000000}},"coinbase":false,"height":{{c.Height}},"blockhash":"{{new string('0', 64)}}","confirmations":{{tip.Height - c.Height + 1}}}"""));
        return FormattableString.Invariant($$"""{"success":true,"txouts":{{index.Unspent.Count}},"height":{{tip.Height}},"bestblock":"{{tip.Hash}}","unspents":[{{string.Join(',', coins)}}],"total_amount":{{found.Sum(c => c.Output.Value.ToDecimal(MoneyUnit.BTC)):0.00000000}}}""");
    }
}
