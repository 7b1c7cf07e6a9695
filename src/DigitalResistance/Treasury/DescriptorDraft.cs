using System.Text;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>A descriptor put together from pieces of a text, so that what is wrong with it can be told at its place in that text.</summary>
internal sealed class DescriptorDraft
{
    private readonly StringBuilder _text = new();
    private readonly List<(int At, int Length, int Source)> _pieces = [];

    /// <summary>Adds what stands in the text at <paramref name="source"/>; without one it is ours, or nobody knows its place.</summary>
    public DescriptorDraft Add(string piece, int source = -1)
    {
        if (source >= 0) _pieces.Add((_text.Length, piece.Length, source));
        _text.Append(piece);
        return this;
    }

    /// <summary>Adds a script over keys, each with both branches.</summary>
    public DescriptorDraft AddScript(TreasuryScript script, int threshold, IReadOnlyList<ExportedKey> keys)
    {
        Add(script switch { TreasuryScript.WitnessKey => "wpkh(", TreasuryScript.Taproot => "tr(", _ => $"wsh(sortedmulti({threshold}," });
        foreach (var (index, key) in keys.Index())
        {
            if (index > 0) Add(",");
            if (key.Origin is not null) Add("[", key.OriginPosition < 0 ? key.Position : key.OriginPosition).Add(key.Origin, key.OriginPosition).Add("]");
            Add(Slip132.Read(key.Text).Plain, key.Position).Add("/<0;1>/*");
        }

        return Add(script is TreasuryScript.SortedMultisig ? "))" : ")");
    }

    public Descriptor Parse(Network network)
    {
        if (Descriptor.TryParse(_text.ToString(), network, out var descriptor, out var fault)) return descriptor;
        throw new DescriptorException(fault with { Position = Source(fault.Position) });
    }

    // Inside a piece the place is exact; what is ours belongs to the piece before it.
    private int Source(int position)
    {
        if (position < 0 || _pieces.FindLast(piece => piece.At <= position) is not { Length: > 0 } found) return -1;
        return found.Source + Math.Min(position - found.At, found.Length - 1);
    }
}

/// <summary>An extended key as a wallet wrote it.</summary>
/// <param name="Origin"><c>fingerprint/path</c>; null where the wallet does not say.</param>
/// <param name="OriginPosition">Its place, or −1.</param>
/// <param name="Text">The key.</param>
/// <param name="Position">Its place, or −1.</param>
internal sealed record ExportedKey(string? Origin, int OriginPosition, string Text, int Position)
{
    /// <summary>What its letters say.</summary>
    public Slip132.Use Use => Slip132.Read(Text).Use;

    /// <summary>Fingerprint and path as files have them, <c>0F056943</c> and <c>m/48'/0'/0'/2'</c>.</summary>
    public static string JoinOrigin(string fingerprint, string path) =>
        fingerprint.ToLowerInvariant() + (path.StartsWith('m') ? path[1..] : "/" + path).TrimEnd('/');
}
