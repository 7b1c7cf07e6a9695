using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Verify.Bitcoin;

namespace DigitalResistance.Verify.Chain;

/// <summary>
/// An explorer with Esplora's words (<see href="https://github.com/Blockstream/esplora/blob/master/API.md"/>), which may lie. It cannot invent
/// a transaction: the id is computed from the bytes, a Merkle proof must lead it into a block, and the block must show its work. It can
/// keep silent, and it is believed about which of two true blocks is in the best chain.
/// </summary>
internal sealed class EsploraReader(Uri address, TimeSpan? patience = null) : IChainReader
{
    private const int LongestTransaction = 4_000_000;
    private const int LongestText = 4_000_000;

    /// <summary>Least work of a block of bitcoin's own network, as a power of two: every block since 2018 shows more, and a false one would cost more than it can gain.</summary>
    private const int LeastWork = 72;

    private readonly Asking _asking = new(new Uri(address.AbsoluteUri.TrimEnd('/') + "/"), patience: patience);
    private readonly Dictionary<long, string> _hashes = [];
    private readonly Dictionary<string, TreeRoot> _headers = new(StringComparer.Ordinal);
    private string _network = "";

    public string Name => _asking.Host;

    public void Dispose() => _asking.Dispose();

    public async Task<long> OpenAsync(string network, CancellationToken cancellation)
    {
        _network = network;
        if (await HashAtAsync(0, cancellation) != Genesis.Blocks.GetValueOrDefault(network)) throw new ChainSilentException($"{Name} is on another network than the log, which is on '{network}'");
        return Told.Number(await TextAsync("blocks/tip/height", cancellation) ?? throw Told.Odd());
    }

    public async Task<MinedTransaction?> FindAsync(string txid, long height, CancellationToken cancellation)
    {
        if (await BytesAsync($"tx/{txid}/raw", cancellation) is not { } bytes) return null;
        RawTransaction transaction;
        try
        {
            transaction = RawTransaction.Parse(bytes);
        }
        catch (FormatException malformed)
        {
            throw new ChainSilentException($"{Name} answered with bytes that are no transaction: {malformed.Message}");
        }

        if (transaction.Txid != txid || transaction.StrippedLength == 64) throw new ChainSilentException($"{Name} answered with another transaction than the one asked for");
        if (await HashAtAsync(height, cancellation) is not { } block) return null;
        if (await TextAsync($"tx/{txid}/merkle-proof", cancellation) is not { } text) return null;
        var proof = await Told.JsonAsync(() => Task.FromResult(Encoding.UTF8.GetBytes(text)));
        if (proof.Member("block_height").Whole() != height) return null;
        var root = await RootAsync(block, cancellation);
        if (RootOf(txid, proof.Member("pos").Whole(), [.. proof.Member("merkle").Items().Select(h => Bytes(h.Text()))]) != root.Printed)
            throw new ChainSilentException($"{Name}'s proof does not lead the transaction into its block");
        return new MinedTransaction(transaction, block);
    }

    public async Task<IReadOnlyList<UnspentCoin>?> UnspentAsync(WatchedDescriptor descriptor, IReadOnlyList<byte[]> scripts, CancellationToken cancellation)
    {
        var coins = new List<UnspentCoin>();
        for (var i = 0; i < scripts.Count; i++)
        {
            Progress.Show("addresses", i, scripts.Count);
            var text = await TextAsync($"address/{SegwitAddress.Of(scripts[i], descriptor.Network)}/utxo", cancellation);
            if (text is null) return null;
            foreach (var coin in (await Told.JsonAsync(() => Task.FromResult(Encoding.UTF8.GetBytes(text)))).Items())
            {
                if (!coin.Member("status").TryGetProperty("block_height", out var height)) continue;
                var (txid, vout) = (Convert.ToHexStringLower(Bytes(coin.Member("txid").Text())), coin.Member("vout").Whole());
                // Nobody's word is taken for a coin that the log does not have.
                var mined = await FindAsync(txid, height.Whole(), cancellation);
                if (mined is null || vout < 0 || vout >= mined.Transaction.Outputs.Count || !mined.Transaction.Outputs[(int)vout].Script.AsSpan().SequenceEqual(scripts[i]))
                    throw new ChainSilentException($"{Name} names a coin that it cannot prove");
                coins.Add(new UnspentCoin(FormattableString.Invariant($"{txid}:{vout}"), mined.Transaction.Outputs[(int)vout].Value, height.Whole()));
            }
        }

        return coins;
    }

    private async Task<TreeRoot> RootAsync(string block, CancellationToken cancellation)
    {
        if (_headers.TryGetValue(block, out var known)) return known;
        var header = Bytes((await TextAsync($"block/{block}/header", cancellation) ?? throw Told.Odd()).Trim());
        if (header.Length != 80 || RawTransaction.Hash(header) != block) throw new ChainSilentException($"{Name} answered with another block than the one asked for");
        if (_network == "bitcoin" && !ShowsWork(header)) throw new ChainSilentException($"{Name} answered with a block that shows too little work");
        return _headers[block] = new TreeRoot(RawTransaction.Printed(header.AsSpan(36, 32)));
    }

    /// <summary>Whether the header's own hash is below the target that it states, and that target is a hard one.</summary>
    internal static bool ShowsWork(ReadOnlySpan<byte> header)
    {
        var bits = BinaryPrimitives.ReadUInt32LittleEndian(header[72..]);
        var (exponent, mantissa) = ((int)(bits >> 24), bits & 0x7fffff);
        if ((bits & 0x800000) != 0 || mantissa == 0 || exponent > 32) return false;
        var target = exponent >= 3 ? new BigInteger(mantissa) << (8 * (exponent - 3)) : new BigInteger(mantissa) >> (8 * (3 - exponent));
        var hash = new BigInteger(SHA256.HashData(SHA256.HashData(header)), isUnsigned: true);
        return target <= BigInteger.One << (256 - LeastWork) && hash <= target;
    }

    internal static string RootOf(string txid, long position, IReadOnlyList<byte[]> branch)
    {
        var node = Bytes(txid);
        Array.Reverse(node);
        foreach (var printed in branch)
        {
            if (printed.Length != node.Length) throw Told.Odd();
            byte[] sibling = [.. printed];
            Array.Reverse(sibling);
            node = SHA256.HashData(SHA256.HashData((position & 1) == 0 ? [.. node, .. sibling] : [.. sibling, .. node]));
            position >>= 1;
        }

        return position == 0 ? RawTransaction.Printed(node) : throw Told.Odd();
    }

    private async Task<string?> HashAtAsync(long height, CancellationToken cancellation)
    {
        if (_hashes.TryGetValue(height, out var known)) return known;
        if (await TextAsync(FormattableString.Invariant($"block-height/{height}"), cancellation) is not { } text) return null;
        return _hashes[height] = Bytes(text.Trim()).Length == 32 ? text.Trim() : throw Told.Odd();
    }

    private async Task<string?> TextAsync(string path, CancellationToken cancellation) => await BytesAsync(path, cancellation, LongestText) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private async Task<byte[]?> BytesAsync(string path, CancellationToken cancellation, int most = LongestTransaction)
    {
        try
        {
            return await _asking.GetAsync(path, most, cancellation);
        }
        catch (AskedException silent)
        {
            throw new ChainSilentException(silent.Message);
        }
    }

    private static byte[] Bytes(string hex)
    {
        try
        {
            return Convert.FromHexString(hex);
        }
        catch (FormatException)
        {
            throw Told.Odd();
        }
    }

    private readonly record struct TreeRoot(string Printed);
}
