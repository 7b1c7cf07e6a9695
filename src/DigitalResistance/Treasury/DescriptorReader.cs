using System.Globalization;
using NBitcoin;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Treasury;

/// <summary>Reads a descriptor from left to right and stops at the first thing that is wrong.</summary>
internal sealed class DescriptorReader
{
    private const int MaxLength = 4000;
    private const int MaxKeys = 15;
    private const int MaxDepth = byte.MaxValue;

    private readonly string _text;
    private readonly Network _network;
    private readonly int _end;
    private int _at;

    public DescriptorReader(string text, Network network)
    {
        (_text, _network) = (text.TrimEnd(), network);
        _at = _text.Length - _text.TrimStart().Length;
        _end = _text.IndexOf('#') is var hash && hash < 0 ? _text.Length : hash;
    }

    public Descriptor Read()
    {
        // Before anything else, so that no other message can be about a private key.
        if (PrivateParts.Find(_text) is var secret && secret >= 0) throw Fault(DescriptorFaultKind.PrivateKey, secret);
        if (_at == _text.Length) throw Fault(DescriptorFaultKind.Empty, 0);
        if (_text.Length > MaxLength) throw Fault(DescriptorFaultKind.TooLong, MaxLength);
        if (DescriptorChecksum.FirstForeign(_text.AsSpan(_at)) is var foreign && foreign >= 0) throw Fault(DescriptorFaultKind.ForeignCharacter, _at + foreign);
        CheckChecksum();

        var descriptor = ReadScript();
        return _at == _end ? descriptor : throw Fault(DescriptorFaultKind.Syntax, _at);
    }

    private void CheckChecksum()
    {
        if (_end == _text.Length) return;
        var body = _text.AsSpan(_at, _end - _at);
        var checksum = _text.AsSpan(_end + 1);
        if (checksum.Length != DescriptorChecksum.Length) throw Fault(DescriptorFaultKind.Checksum, _end);
        if (checksum.SequenceEqual(DescriptorChecksum.Compute(body))) return;
        var wrong = DescriptorChecksum.LocateError(body, checksum);
        throw Fault(DescriptorFaultKind.Checksum, wrong < 0 ? -1 : _at + wrong);
    }

    private Descriptor ReadScript()
    {
        if (TryTake("wpkh(")) return ReadSingle(TreasuryScript.WitnessKey);
        if (TryTake("tr(")) return ReadSingle(TreasuryScript.Taproot);
        if (TryTake("wsh(sortedmulti(")) return ReadMultisig(TreasuryScript.SortedMultisig);
        if (TryTake("wsh(multi(")) return ReadMultisig(TreasuryScript.Multisig);
        throw Fault(DescriptorFaultKind.Script, _at);
    }

    private Descriptor ReadSingle(TreasuryScript script)
    {
        var key = ReadKey();
        Take(")");
        return new Descriptor(script, 1, [key], _network);
    }

    private Descriptor ReadMultisig(TreasuryScript script)
    {
        var at = _at;
        var threshold = ReadNumber(DescriptorFaultKind.Threshold);
        var keys = new List<DescriptorKey>();
        while (TryTake(","))
        {
            var start = _at;
            if (keys.Count == MaxKeys) throw Fault(DescriptorFaultKind.TooManyKeys, start);
            var key = ReadKey();
            if (keys.Exists(key.DerivesAs)) throw Fault(DescriptorFaultKind.DuplicateKey, start);

            keys.Add(key);
        }

        if (threshold == 0 || threshold > keys.Count) throw Fault(DescriptorFaultKind.Threshold, at);
        Take("))");
        return new Descriptor(script, (int)threshold, keys, _network);
    }

    private DescriptorKey ReadKey()
    {
        var at = _at;
        var origin = TryTake("[") ? ReadOrigin() : null;
        var key = ReadExtPubKey();
        if (origin is null && key.ExtPubKey.Depth != 0) throw Fault(DescriptorFaultKind.OriginMissing, at);
        var steps = ReadSteps(MaxDepth - 2 - key.ExtPubKey.Depth);
        return new DescriptorKey(origin, key, steps);
    }

    private RootedKeyPath ReadOrigin()
    {
        var at = _at;
        if (_end - at < 8 || !HDFingerprint.TryParse(_text.Substring(at, 8), out var fingerprint)) throw Fault(DescriptorFaultKind.Origin, at);
        _at += 8;
        var path = new KeyPath();
        while (TryTake("/"))
        {
            var index = ReadNumber(DescriptorFaultKind.Origin);
            path = path.Derive(TryTake("h") || TryTake("'") ? index + DescriptorKey.Hardened : index);
        }

        return TryTake("]") ? new RootedKeyPath(fingerprint, path) : throw Fault(DescriptorFaultKind.Origin, _at);
    }

    private BitcoinExtPubKey ReadExtPubKey()
    {
        var at = _at;
        while (_at < _end && char.IsAsciiLetterOrDigit(_text[_at])) _at++;
        var text = _text[at.._at];
        byte[] data;
        try
        {
            data = Encoders.Base58Check.DecodeData(text);
        }
        catch (FormatException)
        {
            throw Fault(DescriptorFaultKind.Key, at);
        }

        if (data.Length != 78) throw Fault(DescriptorFaultKind.Key, at);
        try
        {
            return new BitcoinExtPubKey(text, _network);
        }
        catch (FormatException)
        {
            throw Fault(text.StartsWith("xpub", StringComparison.Ordinal) || text.StartsWith("tpub", StringComparison.Ordinal)
                ? DescriptorFaultKind.Network : DescriptorFaultKind.Key, at);
        }
    }

    private KeyPath ReadSteps(int left)
    {
        var steps = new KeyPath();
        for (; ; left--)
        {
            // BIP-32 writes a depth in one byte: a key that deep has no children, or no grandchildren, for the branches.
            if (left < 0) throw Fault(DescriptorFaultKind.Branches, _at);
            if (TryTake("/<0;1>/*")) break;
            if (_text.AsSpan(_at, _end - _at).StartsWith("/<1;0>", StringComparison.Ordinal)) throw Fault(DescriptorFaultKind.BranchesSwapped, _at);
            if (_end - _at < 2 || _text[_at] != '/' || !char.IsAsciiDigit(_text[_at + 1])) throw Fault(DescriptorFaultKind.Branches, _at);
            _at++;
            steps = steps.Derive(ReadNumber(DescriptorFaultKind.Branches));
            RefuseHardened();
        }

        RefuseHardened();
        return steps;
    }

    private void RefuseHardened()
    {
        if (_at < _end && _text[_at] is 'h' or '\'' or 'H') throw Fault(DescriptorFaultKind.HardenedStep, _at);
    }

    private uint ReadNumber(DescriptorFaultKind otherwise)
    {
        var at = _at;
        while (_at < _end && char.IsAsciiDigit(_text[_at])) _at++;
        // One spelling per number: no sign, no leading zero, below 2^31.
        var digits = _text.AsSpan(at, _at - at);
        return digits.Length is > 0 and <= 10 && (digits.Length == 1 || digits[0] != '0')
            && uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < DescriptorKey.Hardened
            ? number : throw Fault(otherwise, at);
    }

    private bool TryTake(string expected)
    {
        if (!_text.AsSpan(_at, _end - _at).StartsWith(expected, StringComparison.Ordinal)) return false;
        _at += expected.Length;
        return true;
    }

    private void Take(string expected)
    {
        if (!TryTake(expected)) throw Fault(DescriptorFaultKind.Syntax, _at);
    }

    private static DescriptorException Fault(DescriptorFaultKind kind, int position) => new(new DescriptorFault(kind, position));
}
