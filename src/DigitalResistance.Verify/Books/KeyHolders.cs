using System.Globalization;
using System.Text.RegularExpressions;
using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>Who holds the treasury's keys, as fingerprints: each confirmed its descriptor, and which of them have been seen to sign.</summary>
internal sealed partial class KeyHolders
{
    private readonly Dictionary<string, (long Threshold, IReadOnlyList<string> Fingerprints)> _confirmed = new(StringComparer.Ordinal);
    private readonly HashSet<long> _rehearsed = [];

    /// <summary>Holders of all keys of the descriptor in force confirmed it, once.</summary>
    public void Confirm(CanonicalObject e, IReadOnlyList<PublishedDescriptor> descriptors)
    {
        var (hash, threshold, fingerprints) = (e.Text("descriptor_hash"), e.Integer("threshold"), Fingerprints(e));
        Need(descriptors.Count > 0 && descriptors[^1].Hash == hash, "a treasury is confirmed that is not in force");
        Need(threshold >= 1 && threshold <= fingerprints.Count, "a treasury is confirmed by fewer than must sign");
        Need(Told(descriptors[^1].Text) is not { } told || (told.Threshold == threshold && told.Fingerprints.SequenceEqual(fingerprints)), "the treasury was confirmed by others than its keys' holders");
        Need(_confirmed.TryAdd(hash, (threshold, fingerprints)), "a treasury is confirmed twice");
    }

    /// <summary>A closed rehearsal of a treasury was signed by as many of its holders as must sign.</summary>
    public void Rehearse(CanonicalObject e, IReadOnlyList<PublishedDescriptor> descriptors, Moves moves, Payments payments)
    {
        var (hash, fingerprints, move) = (e.Text("descriptor_hash"), Fingerprints(e), moves.Find(e.Integer("move")));
        Need(move is { Stage: MoveStage.Closed } && move.Said.Text("kind") == "rehearsal" && move.Said.Text("target") == hash && _rehearsed.Add(move.Number), "there was no such rehearsal, or it is told twice");
        var booked = payments.All.Find(p => p.Move == move!.Number && p.IsBooked);
        Need(booked is not null && booked.Txid == e.Text("txid") && booked.Fee == e.Integer("fee_sat") && booked.InputsSum - booked.Fee == e.Integer("amount_sat"), "the rehearsal was another payment");
        (long Threshold, IReadOnlyList<string> Fingerprints)? known = _confirmed.TryGetValue(hash, out var said) ? said : Told(descriptors.Last(d => d.Hash == hash).Text);
        Need(known is not { } holders || (fingerprints.Count == holders.Threshold && fingerprints.All(f => holders.Fingerprints.Contains(f, StringComparer.Ordinal))), "the rehearsal was signed by others than its keys' holders, or by another number of them");
    }

    private static List<string> Fingerprints(CanonicalObject e)
    {
        var list = e.Texts("fingerprints").ToList();
        Need(list.Count > 0 && list.TrueForAll(f => f.Length == 8 && f.All(char.IsAsciiHexDigitLower)) && list.Distinct(StringComparer.Ordinal).Count() == list.Count, "not the fingerprints of different keys");
        return list;
    }

    // Null where the text is private, or a key in it does not say where it comes from.
    private static (long Threshold, IReadOnlyList<string> Fingerprints)? Told(string? text)
    {
        if (text is null) return null;
        var origins = Origin().Matches(text).Select(m => m.Groups["fingerprint"].Value).ToList();
        if (origins.Count != text.Split("/<0;1>/*").Length - 1) return null;
        return (Threshold().Match(text) is { Success: true } match ? long.Parse(match.Groups["k"].ValueSpan, CultureInfo.InvariantCulture) : 1, origins);
    }

    [GeneratedRegex(@"\[(?<fingerprint>[0-9a-f]{8})[/\]]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Origin();

    [GeneratedRegex(@"multi\((?<k>[0-9]{1,2}),", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Threshold();
}
