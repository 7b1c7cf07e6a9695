using System.Globalization;
using System.Text.RegularExpressions;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// The multisig file of Coldcard (<see href="https://coldcard.com/docs/multisig/#configuration-text-file-for-multisig"/>), and simply keys,
/// one a line: <c>Policy: 2 of 3</c>, <c>Derivation: m/48'/0'/0'/2'</c> for the keys after it, <c>Format: P2WSH</c>,
/// <c>0F056943: xpub…</c> or <c>[0f056943/48h/0h/0h/2h]xpub…</c>. Without a policy there is one key.
/// </summary>
internal sealed partial class MultisigFile
{
    private readonly List<ExportedKey> _keys = [];
    private int? _threshold;
    private (int Count, int Position)? _announced;
    private bool _isWitnessScript;
    private string? _path;

    public static Descriptor Read(IReadOnlyList<ExportLine> lines, Network network)
    {
        var file = new MultisigFile();
        foreach (var line in lines) file.Read(line);
        var script = file.Script();
        return new DescriptorDraft().AddScript(script, file._threshold ?? 1, file._keys).Parse(network);
    }

    /// <summary>Its keys alone, whatever it says of the wallet.</summary>
    public static IReadOnlyList<ExportedKey> ReadKeys(IReadOnlyList<ExportLine> lines)
    {
        var file = new MultisigFile();
        foreach (var line in lines) file.Read(line);
        return file._keys;
    }

    private void Read(ExportLine line)
    {
        if (Key().Match(line.Text) is { Success: true } key) AddKey(line, key);
        else if (Policy().Match(line.Text) is { Success: true } policy) (_threshold, _announced) = (Number(policy.Groups["threshold"]), (Number(policy.Groups["count"]), line.Position));
        else if (Property().Match(line.Text) is { Success: true } property) ReadProperty(property.Groups["name"].Value.ToUpperInvariant(), property.Groups["value"].Value, line);
        else throw Fault(DescriptorFaultKind.WalletFile, line.Position);
    }

    private void ReadProperty(string name, string value, ExportLine line)
    {
        if (name == "NAME") return;
        if (name == "DERIVATION") _path = value;
        else if (name == "FORMAT" && value.Equals("P2WSH", StringComparison.OrdinalIgnoreCase)) _isWitnessScript = true;
        // P2SH and P2SH-P2WSH: such a transaction's id is not known before it is signed.
        else throw Fault(name == "FORMAT" ? DescriptorFaultKind.Script : DescriptorFaultKind.WalletFile, line.Position);
    }

    private void AddKey(ExportLine line, Match match)
    {
        var (origin, fingerprint, text) = (match.Groups["origin"], match.Groups["fingerprint"], match.Groups["key"]);
        _keys.Add(new ExportedKey(
            origin.Success ? origin.Value.ToLowerInvariant()
                : fingerprint.Success && _path is not null ? ExportedKey.JoinOrigin(fingerprint.Value, _path)
                : null,
            line.Position + (origin.Success ? origin.Index : fingerprint.Index),
            text.Value,
            line.Position + text.Index));
    }

    private TreasuryScript Script()
    {
        if (_keys.Count == 0) throw Fault(DescriptorFaultKind.WalletFile, -1);
        if (_keys.Find(k => k.Use == Slip132.Use.Nested) is { } nested) throw Fault(DescriptorFaultKind.Script, nested.Position);
        if (_announced is { } announced)
        {
            if (announced.Count != _keys.Count) throw Fault(DescriptorFaultKind.WalletFile, announced.Position);
            if (_threshold is 0 || _threshold > announced.Count) throw Fault(DescriptorFaultKind.Threshold, announced.Position);
            // BIP-48: script type 2 is native segwit. Nothing else says so of plain keys.
            var isSaid = _isWitnessScript || _keys.TrueForAll(k => k.Use == Slip132.Use.WitnessScript || (k.Origin ?? "").Split('/') is [_, "48h" or "48'", .., "2h" or "2'"]);
            return isSaid ? TreasuryScript.SortedMultisig : throw Fault(DescriptorFaultKind.Script, _keys[0].Position);
        }

        if (_keys.Count != 1 || _keys[0].Use == Slip132.Use.WitnessScript) throw Fault(DescriptorFaultKind.Threshold, _keys[0].Position);
        if (_keys[0].Use == Slip132.Use.WitnessKey) return TreasuryScript.WitnessKey;
        return (_keys[0].Origin ?? "").Split('/') switch
        {
            // The purpose is the first step (BIP-84, BIP-86).
            [_, "84h" or "84'", ..] => TreasuryScript.WitnessKey,
            [_, "86h" or "86'", ..] => TreasuryScript.Taproot,
            _ => throw Fault(DescriptorFaultKind.Script, _keys[0].Position),
        };
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    private static DescriptorException Fault(DescriptorFaultKind kind, int position) => new(new DescriptorFault(kind, position));

    [GeneratedRegex(@"^(\[(?<origin>[^\]]*)\]|(?<fingerprint>[0-9A-Fa-f]{8})\s*:\s*)?(?<key>[xyzYZtuvUV]pub[0-9A-Za-z]+)(/<0;1>/\*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();

    [GeneratedRegex(@"^(Policy\s*:)?\s*(?<threshold>[0-9]{1,4})\s*(of|/)\s*(?<count>[0-9]{1,4})$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Policy();

    [GeneratedRegex(@"^(?<name>Name|Derivation|Format)\s*:\s*(?<value>.*)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Property();
}
