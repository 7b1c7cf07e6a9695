using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;

namespace DigitalResistance.Verify.Bitcoin;

/// <summary>
/// The treasury's published descriptor, <c>wpkh(key)</c>, <c>tr(key)</c>, <c>wsh(sortedmulti(k,…))</c> or <c>wsh(multi(k,…))</c>, each key ending
/// in <c>/&lt;0;1&gt;/*</c>: every address the treasury can have follows from it.
/// </summary>
internal sealed class WatchedDescriptor
{
    private const int MostKeys = 15;
    private readonly string _kind;
    private readonly int _threshold;
    private readonly ExtendedKey[][] _branches;
    private readonly ConcurrentDictionary<(int Branch, long Index), byte[]> _scripts = new();

    private WatchedDescriptor(string text, string network, string kind, int threshold, IReadOnlyList<ExtendedKey> keys)
    {
        (Text, Network, _kind, _threshold) = (text, network, kind, threshold);
        _branches = [[.. keys.Select(k => k.Derive(0))], [.. keys.Select(k => k.Derive(1))]];
    }

    /// <summary>As the log has it.</summary>
    public string Text { get; }

    /// <summary><c>bitcoin</c>, <c>testnet</c>, <c>testnet4</c>, <c>signet</c> or <c>regtest</c>.</summary>
    public string Network { get; }

    /// <summary>Reads it; throws <see cref="FormatException"/>.</summary>
    public static WatchedDescriptor Parse(string text, string network)
    {
        var body = text.Split('#')[0];
        foreach (var (kind, begin, end) in new[] { ("wpkh", "wpkh(", ")"), ("tr", "tr(", ")"), ("sorted", "wsh(sortedmulti(", "))"), ("multi", "wsh(multi(", "))") })
        {
            if (!body.StartsWith(begin, StringComparison.Ordinal) || !body.EndsWith(end, StringComparison.Ordinal)) continue;
            var parts = body[begin.Length..^end.Length].Split(',');
            var isMulti = kind is "sorted" or "multi";
            var threshold = isMulti ? Number(parts[0]) : 1;
            var keys = parts[(isMulti ? 1 : 0)..];
            if (keys.Length is 0 or > MostKeys || threshold == 0 || threshold > keys.Length || (!isMulti && keys.Length != 1)) break;
            return new WatchedDescriptor(text, network, kind, (int)threshold, [.. keys.Select(k => Key(k, network == "bitcoin"))]);
        }

        throw new FormatException("The descriptor is not of a kind that is known here.");
    }

    /// <summary>The output script of branch 0 (receiving) or 1 (change) at that index.</summary>
    public byte[] Script(int branch, long index)
    {
        if (branch is not (0 or 1) || index is < 0 or >= 0x80000000) throw new FormatException("There is no such address.");
        return _scripts.GetOrAdd((branch, index), at => Make([.. _branches[at.Branch].Select(k => k.Derive((uint)at.Index))]));
    }

    private byte[] Make(ExtendedKey[] keys)
    {
        if (_kind == "wpkh") return [0x00, 20, .. Hash160(keys[0].Compressed)];
        if (_kind == "tr") return [0x51, 32, .. keys[0].TaprootOutput()];
        var points = keys.Select(k => k.Compressed).ToArray();
        // BIP-67: by bytes, so that every signer sees one script whatever order it lists the keys in.
        if (_kind == "sorted") Array.Sort(points, (a, b) => a.AsSpan().SequenceCompareTo(b));
        byte[] witness = [(byte)(0x50 + _threshold), .. points.SelectMany(p => (byte[])[33, .. p]), (byte)(0x50 + points.Length), 0xae];
        return [0x00, 32, .. SHA256.HashData(witness)];
    }

    private static ExtendedKey Key(string text, bool isMainNetwork)
    {
        const string branches = "/<0;1>/*";
        if (!text.EndsWith(branches, StringComparison.Ordinal)) throw new FormatException("A key of the descriptor does not end in /<0;1>/*.");
        var from = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : 0;
        var steps = text[from..^branches.Length].Split('/');
        return steps.Skip(1).Aggregate(ExtendedKey.Parse(steps[0], isMainNetwork), (key, step) => key.Derive(Number(step)));
    }

    private static uint Number(string digits) =>
        uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"'{digits}' in the descriptor is not a number.");

    private static byte[] Hash160(byte[] data)
    {
        var digest = new RipeMD160Digest();
        digest.BlockUpdate(SHA256.HashData(data));
        var hash = new byte[20];
        digest.DoFinal(hash, 0);
        return hash;
    }
}
