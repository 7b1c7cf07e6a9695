using System.Globalization;
using DigitalResistance.Data;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>What an approved round owes, read from the rows that its manifest binds, and refused where they no longer fit it.</summary>
/// <param name="Round">The round.</param>
/// <param name="Payments">One per grant that is paid.</param>
/// <param name="Batches">Number of transactions that the admins approved.</param>
internal sealed record RoundPayments(Round Round, IReadOnlyList<PlannedPayment> Payments, int Batches)
{
    /// <summary>Whether a round is at a point where payments may be built.</summary>
    public static bool MayBuild(RoundState state) => state is RoundState.Approved or RoundState.Building or RoundState.Signing or RoundState.Broadcast or RoundState.Confirmed;

    /// <summary>
    /// Reads a round that may be built. The rows are compared with the approved manifest and the manifest with the treasury: an address or
    /// amount changed in the database, or a treasury changed since the approval otherwise than by a rotation that admins approved, pays nobody.
    /// </summary>
    public static async Task<(RoundPayments? Payments, OrderFault? Fault)> ReadAsync(MoneyDb db, int number, AdoptedTreasury treasury, CancellationToken cancellation)
    {
        if (await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation) is not { } round) return (null, OrderFault.NotFound);
        if (!MayBuild(round.State)) return (null, OrderFault.WrongState);
        var grants = await db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == number).ToListAsync(cancellation);
        if (!Manifest.Matches(round, grants)) return (null, OrderFault.NotAsApproved);
        if (!await db.IsOrBecameAsync(TreasuryOf(round), treasury.Descriptor.Sha256, cancellation)) return (null, OrderFault.OtherTreasury);

        var scripts = grants.Where(g => g.Paid > Sats.Zero).ToDictionary(g => g.Id, g => BitcoinAddress.Create(g.Address!, treasury.Descriptor.Network).ScriptPubKey);
        var bytes = scripts.Values.Select(script => script.ToBytes()).ToArray();
        var ours = (await db.Set<TreasuryAddress>().Where(a => bytes.Contains(a.Script)).Select(a => a.Script).ToListAsync(cancellation)).Select(script => new Script(script)).ToHashSet();
        return (new RoundPayments(round,
            [.. grants.Where(g => g.Paid > Sats.Zero).Select(g => new PlannedPayment(g.Id, g.Token, g.Paid, scripts[g.Id], ours.Contains(scripts[g.Id])))],
            BatchesOf(round)), null);
    }

    /// <summary>What its transactions may cost, of which others cost <paramref name="spent"/> already.</summary>
    public RoundFees Fees(Sats spent) => new(Round.MaxFee, VByteRate.PerVByte(Round.MaxFeeRate), spent);

    /// <summary>The number of transactions that a round's manifest says.</summary>
    public static int BatchesOf(Round round) => int.Parse(Line(round, "batches"), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string TreasuryOf(Round round) => Line(round, "treasury")["sha256:".Length..].ToString();

    private static ReadOnlySpan<char> Line(Round round, string name)
    {
        var line = round.Manifest!.AsSpan(round.Manifest!.IndexOf($"\n{name} ", StringComparison.Ordinal) + name.Length + 2);
        return line[..line.IndexOf('\n')];
    }
}
