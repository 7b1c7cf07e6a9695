using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;

namespace DigitalResistance.Moves;

/// <summary>
/// Writes a move a second time from what the public log says of it. The log names everything but the addresses of bills; whoever brings these need not
/// be trusted, since the manifest that follows from them has the hash that the log names, or not.
/// </summary>
internal static class MoveRewriting
{
    private const int MostTries = 20_000;

    /// <summary>
    /// The move as it was proposed, and its bills; null where these addresses, in the order of the bills, are not those of its manifest. <paramref name="target"/> is the text of the
    /// descriptor that it names, where that is known.
    /// </summary>
    public static RewrittenMove? TryWrite(CanonicalObject proposed, string network, IReadOnlyList<string> addresses, string? target = null)
    {
        var number = checked((int)proposed.Integer("move"));
        var bills = Bills(proposed);
        if (bills.Count != addresses.Count) return null;
        var costs = bills.Select((bill, i) => new MoveCost { MoveNumber = number, Line = i + 1, Purpose = bill.Purpose, Amount = bill.Amount, Address = addresses[i] }).ToArray();
        var fees = new MoveFees(new Sats(proposed.Integer("max_fee_sat")), checked((int)proposed.Integer("max_feerate_sat_vb")));
        var terms = new MoveTerms(proposed.Sha256("treasury"), proposed.Sha256("target"), proposed.Sha256("policy"), costs, checked((int)proposed.Integer("batches")), fees);
        var kind = Enum.GetValues<MoveKind>().Single(k => Words.Snake(k) == proposed.Text("kind"));
        var manifest = MoveManifest.Write(number, kind, network, terms);
        if (MoveManifest.Hash(manifest) != proposed.Sha256("manifest")) return null;

        var move = new Move
        {
            Number = number, Kind = kind, Manifest = manifest, ManifestSha256 = MoveManifest.Hash(manifest), Batches = terms.Batches, Paid = Sats.Sum(costs.Select(c => c.Amount)),
            MaxFee = fees.MaxFee, MaxFeeRate = fees.MaxFeeRate, TreasurySha256 = terms.TreasurySha256, TargetSha256 = terms.TargetSha256, NewDescriptor = kind == MoveKind.Rotation ? target : null, PolicySha256 = terms.PolicySha256,
            // Who proposed it is told nobody.
            ProposedBy = Guid.Empty, ProposedAt = proposed.Instant("time"),
        };
        return new RewrittenMove(move, costs);
    }

    /// <summary>The same, from a copy of the manifest.</summary>
    public static RewrittenMove? FromManifest(CanonicalObject proposed, string network, string manifest)
    {
        // The last word of each line of a bill is its address.
        var addresses = manifest.Split('\n').Where(line => line.StartsWith("cost ", StringComparison.Ordinal)).Select(line => line[(line.LastIndexOf(' ') + 1)..]).ToArray();
        return TryWrite(proposed, network, addresses);
    }

    /// <summary>The same, from the outputs of its transaction: each bill is one of those with its amount.</summary>
    public static RewrittenMove? FromOutputs(CanonicalObject proposed, string network, IReadOnlyList<PaidOutput> outputs)
    {
        var (bills, tries) = (Bills(proposed), 0);
        var (chosen, used) = (new string[bills.Count], new bool[outputs.Count]);
        return Try(0);

        RewrittenMove? Try(int line)
        {
            if (line == bills.Count) return tries++ < MostTries ? TryWrite(proposed, network, chosen) : null;
            for (var i = 0; i < outputs.Count && tries < MostTries; i++)
            {
                if (used[i] || outputs[i].Amount != bills[line].Amount) continue;
                (used[i], chosen[line]) = (true, outputs[i].Address);
                if (Try(line + 1) is { } found) return found;
                used[i] = false;
            }

            return null;
        }
    }

    private static List<(CostPurpose Purpose, Sats Amount)> Bills(CanonicalObject proposed) => [.. proposed.Texts("costs").Select(cost =>
    {
        var equals = cost.IndexOf('=', StringComparison.Ordinal);
        var purpose = Enum.GetValues<CostPurpose>().Single(p => Words.Snake(p) == cost[..equals]);
        return (purpose, new Sats(long.Parse(cost.AsSpan(equals + 1), System.Globalization.CultureInfo.InvariantCulture)));
    })];
}

/// <summary>A move that was written a second time.</summary>
internal sealed record RewrittenMove(Move Move, IReadOnlyList<MoveCost> Costs);

/// <summary>An output that pays an address.</summary>
internal readonly record struct PaidOutput(Sats Amount, string Address);
