using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// A bitcoin node on regtest: npm's bcoin with the answers of Bitcoin Core (<c>bcoin/node.js</c>), on a free loopback port.
/// It starts with enough mature coins of the miner's own to fund any address.
/// </summary>
internal sealed class BcoinPeer : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly string _folder = Directory.CreateTempSubdirectory("dr-bcoin-").FullName;
    private readonly int _port = PeerProcess.FreePort();
    private readonly string[] _policy;
    private PeerProcess? _process;

    private BcoinPeer(bool standard)
    {
        _policy = standard ? ["standard"] : [];
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}")));
    }

    public Uri Url => new($"http://127.0.0.1:{_port}/");

    public string User { get; } = "regtest";

    public string Password { get; } = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());

    /// <summary>Starts a node whose miner has coins; <paramref name="standard"/> makes it relay by the rules of the main network.</summary>
    public static async Task<BcoinPeer> StartAsync(bool standard = false)
    {
        var peer = new BcoinPeer(standard);
        await peer.ResumeAsync();
        await peer.MineAsync(130);
        return peer;
    }

    /// <summary>Kills the node, as a power cut would.</summary>
    public async Task InterruptAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it again at the same address with its chain and, as after any crash, an empty mempool.</summary>
    public async Task ResumeAsync()
    {
        var here = Path.GetDirectoryName(Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/bcoin/node.js"))!;
        if (!Directory.Exists(Path.Combine(here, "node_modules"))) throw Needs.Missing($"bcoin is not installed (npm ci --ignore-scripts in {here})");
        _process = PeerProcess.Start(Needs.Program("node"), [Path.Combine(here, "node.js"), $"{_port}", Password, Path.Combine(_folder, "blocks"), .. _policy], here);
        await _process.WaitForTextAsync("READY");
    }

    /// <summary>Mines blocks and returns their hashes; what waited in the mempool is confirmed by the first.</summary>
    public async Task<string[]> MineAsync(int blocks = 1) => Strings(await CallAsync("mine", blocks));

    /// <summary>Pays an address (or a script in hex) out of the miner's coins; the payment is unconfirmed.</summary>
    public async Task<string> FundAsync(string addressOrScript, long satoshis) => (string)(await CallAsync("fund", addressOrScript, satoshis))!;

    /// <summary>The same for several scripts in hex, each paid as much, in one transaction, which is returned whole.</summary>
    public async Task<string> FundAllAsync(IEnumerable<string> scripts, long satoshis) =>
        (string)(await CallAsync("getrawtransaction", (string)(await CallAsync("fund", scripts.ToArray(), satoshis))!))!;

    /// <summary>Mines a branch from below the block; the chain changes over to it when it grows longer. What the old branch confirmed waits again.</summary>
    public async Task<string[]> ForkAsync(string lastCommonBlock, int blocks, bool empty = true) =>
        Strings(await CallAsync("fork", lastCommonBlock, blocks, empty ? "empty" : ""));

    /// <summary>Empties the mempool, as a node does that is short of memory or was restarted.</summary>
    public Task ForgetMempoolAsync() => CallAsync("forgetmempool");

    /// <summary>Makes a method of its RPC answer with an error of Bitcoin Core's, or be missing where there is no code; code 0 brings it back.</summary>
    public Task PretendAsync(string method, int? code = null, string message = "") =>
        code is { } known ? CallAsync("pretend", method, known, message) : CallAsync("pretend", method);

    /// <summary>Makes a method of its RPC answer with this and nothing else.</summary>
    public Task AnswerInsteadAsync(string method, object result) => CallAsync("instead", method, result);

    public async Task<int> HeightAsync() => (int)(await CallAsync("getblockcount"))!;

    public async Task<string[]> MempoolAsync() => Strings(await CallAsync("getrawmempool"));

    /// <summary>What addresses hold together in the best chain, in satoshi; unconfirmed payments do not count.</summary>
    public async Task<long> HeldAsync(params string[] addresses) => (long)(await CallAsync("held", [addresses]))!;

    /// <summary>Any call of Bitcoin Core's RPC; its error becomes an exception with code and text.</summary>
    public async Task<JsonNode?> CallAsync(string method, params object[] parameters)
    {
        using var response = await _http.PostAsJsonAsync(Url, new { method, @params = parameters, id = 1 });
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        if (answer["error"] is JsonObject error) throw new InvalidOperationException($"{method}: {error["code"]} {error["message"]}");
        return answer["result"];
    }

    public async ValueTask DisposeAsync()
    {
        await InterruptAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string[] Strings(JsonNode? array) => array.Deserialize<string[]>()!;
}
