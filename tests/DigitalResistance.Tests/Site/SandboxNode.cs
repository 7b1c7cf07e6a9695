using System.Text.Json.Nodes;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NBitcoin;

namespace DigitalResistance.Tests.Site;

/// <summary>A sandbox chain behind the RPC of a bitcoin node, on a port that stays the same when it is stopped and started.</summary>
internal sealed class SandboxNode : IAsyncDisposable
{
    private int _port;
    private WebApplication? _listener;
    private int _sent;

    public SandboxNode(SandboxChain? chain = null)
    {
        Chain = chain ?? new SandboxChain(TimeProvider.System);
        if (chain is null) Chain.Mine(3);
        Start();
    }

    public SandboxChain Chain { get; }

    public string Url => $"http://127.0.0.1:{_port}/";

    /// <summary>How often a transaction was handed over.</summary>
    public int Sent => _sent;

    public void Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        _listener = builder.Build();
        _listener.Run(AnswerAsync);
        _listener.Start();
        _port = new Uri(_listener.Urls.Single()).Port;
    }

    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _listener, null) is { } listener) await listener.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var call = (await JsonNode.ParseAsync(http.Request.Body))!;
        var parameters = call["params"]!.AsArray();
        var answer = (string)call["method"]! switch
        {
            "getblockchaininfo" => await InfoAsync(),
            "getblockhash" => Result((await Chain.GetBlockHashAsync((int)parameters[0]!, default))?.ToString(), -8),
            "getblock" => Result(await Chain.GetBlockAsync(uint256.Parse((string)parameters[0]!), default) is { } block ? Convert.ToHexStringLower(block) : null, -5),
            "scantxoutset" => Result(await ScanAsync([.. parameters[1]!.AsArray().Select(d => (string)d!)])),
            "estimatesmartfee" => Result(new JsonObject { ["feerate"] = 0.00002m, ["blocks"] = 6 }),
            "testmempoolaccept" => Tested(await Chain.TestAsync(Read((string)parameters[0]![0]!), default)),
            "sendrawtransaction" => await SendAsync(Read((string)parameters[0]!)),
            "getmempoolentry" => Result(await Chain.IsWaitingAsync(uint256.Parse((string)parameters[0]!), default) ? new JsonObject() : null, -5),
            var method => Error(-32601, method),
        };
        await http.Response.WriteAsync(answer.ToJsonString());
    }

    private async Task<JsonObject> InfoAsync()
    {
        var tip = await Chain.GetTipAsync(default);
        return Result(new JsonObject { ["chain"] = "regtest", ["blocks"] = tip.Height, ["bestblockhash"] = tip.Hash.ToString() });
    }

    /// <summary>Knows <c>raw(script)</c> alone.</summary>
    private async Task<JsonObject> ScanAsync(HashSet<string> wanted) => new()
    {
        ["unspents"] = new JsonArray([.. (await SandboxIndex.ReadAsync(Chain)).Unspent.Where(c => wanted.Contains($"raw({c.Output.ScriptPubKey.ToHex()})")).Select(c => new JsonObject
        {
            ["txid"] = c.Outpoint.Hash.ToString(), ["vout"] = c.Outpoint.N, ["amount"] = c.Output.Value.ToDecimal(MoneyUnit.BTC), ["height"] = c.Height,
        })]),
    };

    private async Task<JsonObject> SendAsync(Transaction transaction)
    {
        Interlocked.Increment(ref _sent);
        return await Chain.SendAsync(transaction, default) switch
        {
            ChainVerdict.Refused refused => Error(-26, refused.Reason),
            ChainVerdict.AlreadyKnown => Error(-27, "already known"),
            _ => Result(transaction.GetHash().ToString(), 0),
        };
    }

    private static JsonObject Tested(ChainVerdict verdict) => Result(new JsonArray(new JsonObject
    {
        ["allowed"] = verdict is ChainVerdict.Accepted,
        ["reject-reason"] = verdict is ChainVerdict.Refused refused ? refused.Reason : "txn-already-known",
    }));

    private static Transaction Read(string hex) => Transaction.Parse(hex, Network.RegTest);

    private static JsonObject Result(JsonNode? result, int missing = 0) => result is null ? Error(missing, "missing") : new() { ["result"] = result, ["error"] = null, ["id"] = 1 };

    private static JsonObject Error(int code, string text) => new() { ["result"] = null, ["error"] = new JsonObject { ["code"] = code, ["message"] = text }, ["id"] = 1 };
}
