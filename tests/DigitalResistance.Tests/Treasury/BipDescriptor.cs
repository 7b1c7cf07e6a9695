using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Web.Demo;
using NBitcoin;
using NBitcoin.DataEncoders;
using Org.BouncyCastle.Crypto.EC;

namespace DigitalResistance.Tests.Treasury;

/// <summary>
/// Any descriptor that the BIPs print, private and nested ones too, made into scripts with the keys, hashes and templates of the bitcoin
/// library. It is for valid ones only: what a treasury may be is for the product's own reader to say.
/// </summary>
internal sealed class BipDescriptor
{
    private const uint Hardened = 0x80000000;

    private readonly string _text;
    private readonly uint _index;
    private int _at;

    private BipDescriptor(string text, uint index) => (_text, _index) = (text, index);

    /// <summary>The scripts at one index: one, or four for <c>combo</c>.</summary>
    public static string[] Scripts(string text, uint index) => [.. new BipDescriptor(text, index).ReadScript().Select(s => s.ToHex())];

    private Script[] ReadScript()
    {
        var name = Until("(");
        _at++;
        Script[] scripts = name switch
        {
            "pk" => [ReadKey().ScriptPubKey],
            "pkh" => [ReadKey().GetScriptPubKey(ScriptPubKeyType.Legacy)],
            "wpkh" => [ReadKey().GetScriptPubKey(ScriptPubKeyType.Segwit)],
            "sh" => [ReadScript()[0].PaymentScript],
            "wsh" => [ReadScript()[0].WitHash.ScriptPubKey],
            "multi" or "sortedmulti" => [ReadMultisig(name == "sortedmulti")],
            "combo" => Combo(ReadKey()),
            "raw" => [Script.FromHex(Until(")"))],
            "addr" => [BitcoinAddress.Create(Until(")"), Network.Main).ScriptPubKey],
            _ => [ReadTaproot()],
        };
        _at++;
        return scripts;
    }

    // BIP-384: keys that are not compressed have no segwit.
    private static Script[] Combo(PubKey key)
    {
        Script[] old = [key.ScriptPubKey, key.GetScriptPubKey(ScriptPubKeyType.Legacy)];
        return key.IsCompressed ? [.. old, key.GetScriptPubKey(ScriptPubKeyType.Segwit), key.GetScriptPubKey(ScriptPubKeyType.SegwitP2SH)] : old;
    }

    private Script ReadMultisig(bool sorted)
    {
        var (threshold, keys) = ReadKeys();
        return PayToMultiSigTemplate.Instance.GenerateScriptPubKey(threshold, sorted, forceSmallSigCount: false, keys);
    }

    private (int Threshold, PubKey[] Keys) ReadKeys()
    {
        var threshold = int.Parse(Until(","), CultureInfo.InvariantCulture);
        var keys = new List<PubKey>();
        while (_text[_at] == ',')
        {
            _at++;
            keys.Add(ReadKey());
        }

        return (threshold, [.. keys]);
    }

    // BIP-386: the key, tweaked with the root of its tree, where it has one.
    private Script ReadTaproot()
    {
        var key = ReadKey().TaprootInternalKey;
        if (_text[_at] == ')') return key.GetTaprootFullPubKey().ScriptPubKey;
        _at++;
        return key.GetTaprootFullPubKey(new uint256(ReadTree())).ScriptPubKey;
    }

    private byte[] ReadTree()
    {
        if (_text[_at] != '{') return ReadLeaf();
        _at++;
        var first = ReadTree();
        _at++;
        var second = ReadTree();
        _at++;
        return Tagged("TapBranch", first.AsSpan().SequenceCompareTo(second) < 0 ? [.. first, .. second] : [.. second, .. first]);
    }

    // BIP-387: each key but the first adds its answer to the number of good signatures.
    private byte[] ReadLeaf()
    {
        const byte pushKey = 32, leafVersion = 0xc0;
        var name = Until("(");
        _at++;
        List<byte> script = [];
        if (name == "pk")
        {
            script.AddRange([pushKey, .. ReadKey().TaprootInternalKey.ToBytes(), (byte)OpcodeType.OP_CHECKSIG]);
        }
        else
        {
            var (threshold, keys) = ReadKeys();
            var points = keys.Select(k => k.TaprootInternalKey.ToBytes()).ToArray();
            if (name == "sortedmulti_a") Array.Sort(points, (a, b) => a.AsSpan().SequenceCompareTo(b));
            foreach (var point in points) script.AddRange([pushKey, .. point, (byte)(script.Count == 0 ? OpcodeType.OP_CHECKSIG : OpcodeType.OP_CHECKSIGADD)]);
            script.AddRange([(byte)((byte)OpcodeType.OP_1 - 1 + threshold), (byte)OpcodeType.OP_NUMEQUAL]);
        }

        _at++;
        return Tagged("TapLeaf", [leafVersion, (byte)script.Count, .. script]);
    }

    private PubKey ReadKey()
    {
        if (_text[_at] == '[') _at = _text.IndexOf(']', _at) + 1;
        var (key, path) = (Until("/,)}"), Path(Until(",)}")));
        return key.Length switch
        {
            64 => new PubKey("02" + key),
            66 or 130 => new PubKey(key),
            51 or 52 => FromImportFormat(Encoders.Base58Check.DecodeData(key)),
            _ when key[1..4] == "prv" => path.Aggregate(ToySigner.Parse(key), (node, step) => node.Derive(step)).PubKey,
            _ => path.Aggregate(ExtPubKey.Parse(key, Network.Main), (node, step) => node.Derive(step)).PubKey,
        };
    }

    private uint[] Path(string text) => [.. text.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(step =>
        (step[0] == '*' ? _index : uint.Parse(step.TrimEnd('h', '\''), CultureInfo.InvariantCulture)) + (step[^1] is 'h' or '\'' ? Hardened : 0))];

    private static PubKey FromImportFormat(byte[] data)
    {
        var key = ToySigner.FromKey(data[1..33]).PubKey;
        return data.Length == 34 ? key : new PubKey(CustomNamedCurves.GetByName("secp256k1").Curve.DecodePoint(key.ToBytes()).GetEncoded(compressed: false));
    }

    private string Until(string ends)
    {
        var start = _at;
        _at = _text.AsSpan(start).IndexOfAny(ends) is >= 0 and var length ? start + length : _text.Length;
        return _text[start.._at];
    }

    private static byte[] Tagged(string tag, byte[] data)
    {
        var prefix = SHA256.HashData(Encoding.ASCII.GetBytes(tag));
        return SHA256.HashData([.. prefix, .. prefix, .. data]);
    }
}
