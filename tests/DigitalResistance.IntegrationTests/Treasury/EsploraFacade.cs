using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.IntegrationTests.Treasury;

/// <summary>Esplora's REST words, answered out of a real node: no Esplora server can be installed from packages. It can be told to lie.</summary>
internal sealed class EsploraFacade : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly BcoinPeer _node;

    public EsploraFacade(BcoinPeer node)
    {
        _node = node;
        Url = $"http://127.0.0.1:{PeerProcess.FreePort()}/api";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    /// <summary>Changes the last transaction of a block while its header stays true.</summary>
    public bool Lies { get; set; }

    public ValueTask DisposeAsync()
    {
        _listener.Close();
        return ValueTask.CompletedTask;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var (status, body) = await AnswerAsync(context.Request);
                context.Response.StatusCode = status;
                context.Response.Close(body, willBlock: true);
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task<(int Status, byte[] Body)> AnswerAsync(HttpListenerRequest request)
    {
        try
        {
            return request.Url!.AbsolutePath["/api/".Length..].Split('/') switch
            {
                ["blocks", "tip", "height"] => Text($"{await _node.HeightAsync()}"),
                ["block-height", var height] => Text((string)(await _node.CallAsync("getblockhash", int.Parse(height, System.Globalization.CultureInfo.InvariantCulture)))!),
                ["block", var hash, "raw"] => (200, Falsify(Convert.FromHexString((string)(await _node.CallAsync("getblock", hash, 0))!))),
                ["fee-estimates"] => Text("""{"1":12.5,"3":7.001,"144":1.0}"""),
                ["tx", var txid, "status"] => Text(new JsonObject { ["confirmed"] = ((await _node.CallAsync("getrawtransaction", txid, true))!["confirmations"] ?? 0).GetValue<int>() > 0 }.ToJsonString()),
                ["tx"] => Text((string)(await _node.CallAsync("sendrawtransaction", await new StreamReader(request.InputStream).ReadToEndAsync()))!),
                _ => (404, []),
            };
        }
        catch (InvalidOperationException refusal) when (request.HttpMethod == "POST")
        {
            var words = refusal.Message["sendrawtransaction: ".Length..].Split(' ', 2);
            return (400, Encoding.UTF8.GetBytes($$"""sendrawtransaction RPC error: {"code":{{words[0]}},"message":"{{words[1]}}"}"""));
        }
        catch (InvalidOperationException)
        {
            return (404, "Not found"u8.ToArray());
        }
    }

    private byte[] Falsify(byte[] block)
    {
        // The last four bytes are the lock time of the last transaction.
        if (Lies) block[^1] ^= 1;
        return block;
    }

    private static (int Status, byte[] Body) Text(string text) => (200, Encoding.UTF8.GetBytes(text));
}
