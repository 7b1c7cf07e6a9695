using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// An Esplora server's REST interface (<see href="https://github.com/Blockstream/esplora/blob/master/API.md"/>), for those who run no node.
/// Whole blocks are read and scanned here, so it is never asked about an address; but which chain is the best is believed to it, and
/// confirmations mean as much as its operator does. The only file that knows its words.
/// </summary>
public sealed class EsploraChain(IHttpClientFactory clients, IOptions<BitcoinOptions> options) : IChain
{
    /// <summary>Name of the client in <see cref="IHttpClientFactory"/>.</summary>
    public const string ClientName = "esplora";

    /// <summary>Four million weight units are at most as many bytes, and some room.</summary>
    internal const int MaxAnswer = 4_200_000;

    private readonly Network _network = options.Value.ChainNetwork;
    private bool _genesisAgrees;

    /// <inheritdoc/>
    public async Task<ChainTip> GetTipAsync(CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        // Asked one after the other, with the hash as the second: a block may come between the two questions, and is then simply newer.
        var height = int.Parse(await RequireAsync("blocks/tip/height", cancellation), NumberStyles.None, CultureInfo.InvariantCulture);
        return new ChainTip(height, await HashAtAsync(height, cancellation) ?? throw new ChainUnavailableException("The Esplora server lost its own tip."));
    }

    /// <inheritdoc/>
    public async Task<uint256?> GetBlockHashAsync(int height, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        return await HashAtAsync(height, cancellation);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> GetBlockAsync(uint256 hash, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        using var answer = await SendAsync(HttpMethod.Get, $"block/{hash}/raw", null, cancellation);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        var bytes = await Successful(answer).Content.ReadAsByteArrayAsync(cancellation);
        return IsBlock(bytes, hash) ? bytes : throw new ChainUnavailableException("The Esplora server answered with another block than the one asked for.");
    }

    /// <inheritdoc/>
    public async Task<VByteRate?> EstimateRateAsync(int blocks, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        // Satoshi per vbyte by number of blocks: the cheapest that is not later than what was asked for.
        var rates = Json(await RequireAsync("fee-estimates", cancellation)).EnumerateObject()
            .Select(e => (Blocks: int.Parse(e.Name, NumberStyles.None, CultureInfo.InvariantCulture), Rate: e.Value.GetDecimal()))
            .Where(e => e.Blocks <= blocks && e.Rate > 0).ToArray();
        return rates.Length == 0 ? null : new VByteRate((long)Math.Ceiling(rates.MaxBy(e => e.Blocks).Rate * 1000m));
    }

    /// <summary>Esplora has no way to test; <see cref="SendAsync(Transaction, CancellationToken)"/> tells.</summary>
    public async Task<ChainVerdict> TestAsync(Transaction transaction, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        return new ChainVerdict.Accepted();
    }

    /// <inheritdoc/>
    public async Task<ChainVerdict> SendAsync(Transaction transaction, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        using var answer = await SendAsync(HttpMethod.Post, "tx", transaction.ToHex(), cancellation);
        if (answer.StatusCode != HttpStatusCode.BadRequest)
        {
            Successful(answer);
            return new ChainVerdict.Accepted();
        }

        // It passes on what its node said: sendrawtransaction RPC error: {"code":-25,"message":"bad-txns-inputs-missingorspent"}
        var words = await answer.Content.ReadAsStringAsync(cancellation);
        var start = words.IndexOf('{', StringComparison.Ordinal);
        var reason = start >= 0 && Json(words[start..]).TryGetProperty("message", out var message) ? message.GetString() ?? "" : words;
        return BitcoinNode.IsKnown(reason) ? new ChainVerdict.AlreadyKnown() : new ChainVerdict.Refused(reason[..Math.Min(reason.Length, 200)]);
    }

    /// <inheritdoc/>
    public async Task<bool> IsWaitingAsync(uint256 txid, CancellationToken cancellation)
    {
        await AgreeAsync(cancellation);
        return await TextAsync($"tx/{txid}/status", cancellation) is { } status && !Json(status).GetProperty("confirmed").GetBoolean();
    }

    /// <summary>Header and transactions must both be those of the hash: a stranger's server could otherwise put a coin into a true header.</summary>
    private bool IsBlock(byte[] bytes, uint256 hash)
    {
        try
        {
            return BlockScan.HashOf(bytes) == hash && Block.Load(bytes, _network).CheckMerkleRoot();
        }
        catch (Exception malformed) when (malformed is FormatException or ArgumentException)
        {
            return false;
        }
    }

    private async Task AgreeAsync(CancellationToken cancellation)
    {
        if (_genesisAgrees) return;
        var genesis = await HashAtAsync(0, cancellation);
        _genesisAgrees = genesis == _network.GenesisHash ? true : throw new ChainMismatchException(
            $"The Esplora server's first block is {genesis}, but that of '{options.Value.Network}' is {_network.GenesisHash}. Payments stay stopped until both agree.");
    }

    private async Task<uint256?> HashAtAsync(int height, CancellationToken cancellation) =>
        await TextAsync(string.Create(CultureInfo.InvariantCulture, $"block-height/{height}"), cancellation) is not { } text ? null
        : uint256.TryParse(text.Trim(), out var hash) ? hash
        : throw new ChainUnavailableException("The Esplora server's answer is not a block hash.");

    private async Task<string> RequireAsync(string path, CancellationToken cancellation) =>
        await TextAsync(path, cancellation) ?? throw new ChainUnavailableException($"The Esplora server does not know '{path}'.");

    private async Task<string?> TextAsync(string path, CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, cancellation);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await Successful(answer).Content.ReadAsStringAsync(cancellation);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, CancellationToken cancellation)
    {
        using var client = clients.CreateClient(ClientName);
        using var request = new HttpRequestMessage(method, $"{options.Value.EsploraUrl!.TrimEnd('/')}/{path}");
        if (body is not null) request.Content = new StringContent(body);
        try
        {
            return await client.SendAsync(request, cancellation);
        }
        // A bare SocketException is what HttpClient lets through where the other end resets a connection at the moment it is made.
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new ChainUnavailableException("The Esplora server did not answer.", exception);
        }
    }

    private static HttpResponseMessage Successful(HttpResponseMessage answer) => answer.IsSuccessStatusCode
        ? answer : throw new ChainUnavailableException($"The Esplora server answered with status {(int)answer.StatusCode}.");

    private static JsonElement Json(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new ChainUnavailableException("The Esplora server's answer is not JSON.", exception);
        }
    }
}
