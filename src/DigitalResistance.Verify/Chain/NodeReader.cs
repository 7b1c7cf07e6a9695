using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DigitalResistance.Verify.Bitcoin;

namespace DigitalResistance.Verify.Chain;

/// <summary>
/// The reader's own Bitcoin Core node over JSON-RPC: needs no wallet and no index; a pruned one serves as far back as it goes. It is
/// believed about which chain is the best.
/// </summary>
internal sealed class NodeReader : IChainReader
{
    private const int LongestAnswer = 9_000_000;
    private const int LongestSet = 64_000_000;
    private const int NotThere = -5;
    private const int BeyondTip = -8;
    private const int MethodNotFound = -32601;
    private const int PrunedOrOther = -1;

    private readonly Asking _asking;
    private (string Block, Dictionary<string, RawTransaction> Transactions)? _last;

    /// <summary>The address may carry user and password; a cookie file holds both.</summary>
    public NodeReader(Uri address, string? cookieFile, TimeSpan? patience = null)
    {
        var pair = cookieFile is not null ? File.ReadAllText(cookieFile).Trim() : Uri.UnescapeDataString(address.UserInfo);
        var bare = new UriBuilder(address) { UserName = "", Password = "" }.Uri;
        // A scan of all coins takes minutes.
        _asking = new Asking(bare, pair.Length > 0 ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))) : null, patience ?? TimeSpan.FromMinutes(20));
    }

    public string Name => "the node";

    public void Dispose() => _asking.Dispose();

    public async Task<long> OpenAsync(string network, CancellationToken cancellation)
    {
        var genesis = (await CallAsync("getblockhash", [0], LongestAnswer, cancellation)).Text();
        if (genesis != Genesis.Blocks.GetValueOrDefault(network)) throw new ChainSilentException($"the node is on another network than the log, which is on '{network}'");
        return (await CallAsync("getblockchaininfo", [], LongestAnswer, cancellation)).Member("blocks").Whole();
    }

    public async Task<MinedTransaction?> FindAsync(string txid, long height, CancellationToken cancellation)
    {
        if (await TryAsync("getblockhash", [height], cancellation) is not { } answer) return null;
        var hash = answer.Text();
        if (_last?.Block != hash) _last = (hash, await ReadBlockAsync(hash, cancellation));
        return _last.Value.Transactions.TryGetValue(txid, out var found) ? new MinedTransaction(found, hash) : null;
    }

    public async Task<IReadOnlyList<UnspentCoin>?> UnspentAsync(WatchedDescriptor descriptor, IReadOnlyList<byte[]> scripts, CancellationToken cancellation)
    {
        var wanted = scripts.Select(s => $"raw({Convert.ToHexStringLower(s)})").ToArray();
        if (await TryAsync("scantxoutset", ["start", wanted], cancellation, LongestSet) is not { } answer) return null;
        return [.. answer.Member("unspents").Items().Select(u => new UnspentCoin(
            FormattableString.Invariant($"{u.Member("txid").Text()}:{u.Member("vout").Whole()}"), u.Member("amount").Satoshi(), u.Member("height").Whole()))];
    }

    private async Task<Dictionary<string, RawTransaction>> ReadBlockAsync(string hash, CancellationToken cancellation)
    {
        var hex = (await TryAsync("getblock", [hash, 0], cancellation) ?? throw new ChainSilentException("the node does not have a block any more (it is pruned)")).Text();
        try
        {
            return BlockTransactions(Convert.FromHexString(hex), hash).ToDictionary(t => t.Txid, StringComparer.Ordinal);
        }
        catch (FormatException malformed)
        {
            throw new ChainSilentException($"the node's block cannot be read: {malformed.Message}");
        }
    }

    private static List<RawTransaction> BlockTransactions(ReadOnlySpan<byte> block, string hash)
    {
        if (block.Length < 81 || RawTransaction.Hash(block[..80]) != hash) throw new FormatException("it is not the block that was asked for");
        var rest = block[80..];
        var (count, width) = rest[0] switch
        {
            0xfd => ((long)System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(rest[1..]), 3),
            0xfe => (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(rest[1..]), 5),
            0xff => throw new FormatException("it has too many transactions"),
            var few => (few, 1),
        };
        rest = rest[width..];
        var transactions = new List<RawTransaction>();
        for (; count > 0; count--)
        {
            transactions.Add(RawTransaction.Read(rest, out var length));
            rest = rest[length..];
        }

        return rest.Length == 0 ? transactions : throw new FormatException("there are bytes behind it");
    }

    /// <summary>Null where the node says that there is no such thing, or that it knows no such question.</summary>
    private async Task<JsonElement?> TryAsync(string method, object[] parameters, CancellationToken cancellation, int most = LongestAnswer)
    {
        try
        {
            return await CallAsync(method, parameters, most, cancellation);
        }
        catch (NodeSaysNoException refusal) when (refusal.Code is NotThere or BeyondTip or MethodNotFound or PrunedOrOther)
        {
            return null;
        }
    }

    private async Task<JsonElement> CallAsync(string method, object[] parameters, int most, CancellationToken cancellation)
    {
        var body = await Told.JsonAsync(() => _asking.PostAsync(Question(method, parameters), most, cancellation)!);
        if (body.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object) throw new NodeSaysNoException(method, (int)error.Member("code").Whole());
        return body.Member("result");
    }

    private static byte[] Question(string method, object[] parameters)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "1.0");
            json.WriteNumber("id", 1);
            json.WriteString("method", method);
            json.WriteStartArray("params");
            foreach (var parameter in parameters) Write(json, parameter);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case string[] list:
                json.WriteStartArray();
                foreach (var one in list) json.WriteStringValue(one);
                json.WriteEndArray();
                break;
            default:
                json.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>The node understood and said no. Its words are not shown: they are a stranger's.</summary>
    private sealed class NodeSaysNoException(string method, int code) : ChainSilentException($"the node answered '{method}' with error {code}")
    {
        public int Code { get; } = code;
    }
}
