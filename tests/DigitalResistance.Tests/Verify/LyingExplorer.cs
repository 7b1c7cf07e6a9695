using System.Globalization;
using System.Security.Cryptography;
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

/// <summary>Ways in which an explorer may not tell the truth, or anything.</summary>
public enum Lie
{
    None,
    OtherTransaction,
    FalseProof,
    HiddenTransaction,
    Behind,
    OtherNetwork,
    InventedCoin,
    HiddenCoin,
    Stall,
    Trickle,
    Flood,
    SendAway,
    Garbage,
}

/// <summary>A sandbox chain behind Esplora's words.</summary>
internal sealed class LyingExplorer : IAsyncDisposable
{
    private readonly SandboxChain _chain;
    private readonly WebApplication _listener;

    public LyingExplorer(SandboxChain chain)
    {
        _chain = chain;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _listener = builder.Build();
        _listener.Run(AnswerAsync);
        _listener.Start();
    }

    public Uri Url => new(_listener.Urls.Single() + "/api");

    public Lie Lie { get; set; }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (Lie == Lie.SendAway) http.Response.Redirect("http://127.0.0.1:1/");
        else if (Lie is Lie.Stall) await Task.Delay(Timeout.Infinite, http.RequestAborted);
        else if (Lie is Lie.Flood or Lie.Trickle) await PourAsync(http);
        else if (await FindAsync(http.Request.Path.Value!["/api/".Length..].Split('/'), await SandboxIndex.ReadAsync(_chain)) is { } body) await http.Response.Body.WriteAsync(Lie == Lie.Garbage ? [0xff, .. body] : body);
        else http.Response.StatusCode = 404;
    }

    private async Task PourAsync(HttpContext http)
    {
        var drop = new byte[Lie == Lie.Flood ? 1 << 20 : 1];
        for (var i = 0; i < 64; i++)
        {
            await http.Response.Body.WriteAsync(drop, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            if (Lie == Lie.Trickle) await Task.Delay(100, http.RequestAborted);
        }
    }

    private async Task<byte[]?> FindAsync(string[] path, SandboxIndex index)
    {
        switch (path)
        {
            case ["block-height", var height]:
                var hash = await _chain.GetBlockHashAsync(int.Parse(height, CultureInfo.InvariantCulture), default);
                return Text(Lie == Lie.OtherNetwork && height == "0" ? new string('0', 64) : hash?.ToString());
            case ["blocks", "tip", "height"]:
                return Text(Lie == Lie.Behind ? "1" : index.Blocks.Count.ToString(CultureInfo.InvariantCulture));
            case ["block", var block, "header"]:
                return Text(Convert.ToHexStringLower(index.Blocks.Single(b => b.Block.GetHash().ToString() == block).Block.Header.ToBytes()));
            case ["tx", var txid, "raw"]:
                if (Lie == Lie.HiddenTransaction) return null;
                return Lie == Lie.OtherTransaction ? index.Blocks[0].Block.Transactions[0].ToBytes() : index.Transactions.TryGetValue(uint256.Parse(txid), out var found) ? found.Transaction.ToBytes() : null;
            case ["tx", var proven, "merkle-proof"]:
                return Text(Proof(index, uint256.Parse(proven))?.ToJsonString());
            case ["address", var address, "utxo"]:
                return Text(Coins(index, BitcoinAddress.Create(address, Network.RegTest).ScriptPubKey).ToJsonString());
            default:
                return null;
        }
    }

    private JsonObject? Proof(SandboxIndex index, uint256 txid)
    {
        if (!index.Transactions.TryGetValue(txid, out var found)) return null;
        var row = found.Block.Transactions.Select(t => t.GetHash().ToBytes()).ToList();
        var at = found.Block.Transactions.FindIndex(t => t.GetHash() == txid);
        var answer = new JsonObject { ["block_height"] = found.Height, ["pos"] = at };
        var branch = new JsonArray();
        for (; row.Count > 1; at /= 2)
        {
            if (row.Count % 2 == 1) row.Add(row[^1]);
            branch.Add(new uint256(row[at ^ 1]).ToString());
            row = [.. row.Chunk(2).Select(p => SHA256.HashData(SHA256.HashData([.. p[0], .. p[1]])))];
        }

        if (Lie == Lie.FalseProof) branch.Add(new string('1', 64));
        answer["merkle"] = branch;
        return answer;
    }

    private JsonArray Coins(SandboxIndex index, Script script)
    {
        var coins = Lie == Lie.HiddenCoin ? [] : index.Unspent.Where(c => c.Output.ScriptPubKey == script)
            .Select(c => new JsonObject { ["txid"] = c.Outpoint.Hash.ToString(), ["vout"] = c.Outpoint.N, ["value"] = c.Output.Value.Satoshi, ["status"] = new JsonObject { ["confirmed"] = true, ["block_height"] = c.Height } }).ToList();
        if (Lie == Lie.InventedCoin) coins.Add(new JsonObject { ["txid"] = index.Blocks[0].Block.Transactions[0].GetHash().ToString(), ["vout"] = 0, ["value"] = 5, ["status"] = new JsonObject { ["confirmed"] = true, ["block_height"] = 1 } });
        return [.. coins];
    }

    private static byte[]? Text(string? text) => text is null ? null : System.Text.Encoding.ASCII.GetBytes(text);
}
