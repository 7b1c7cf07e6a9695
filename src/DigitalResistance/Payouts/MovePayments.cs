using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>What an approved move pays and where the rest goes, read from the rows that its manifest binds, and refused where they no longer fit it.</summary>
/// <param name="Move">The move.</param>
/// <param name="Payments">One per bill; none where everything stays the treasury's.</param>
/// <param name="Target">The treasury to which everything else goes.</param>
internal sealed record MovePayments(Move Move, IReadOnlyList<PlannedPayment> Payments, AdoptedTreasury Target)
{
    /// <summary>Whether a move is at a point where transactions may be built, or replaced.</summary>
    public static bool MayBuild(MoveState state) => state is MoveState.Approved or MoveState.Built;

    /// <summary>
    /// Reads a move that may be built. The rows are compared with the approved manifest; the target is a descriptor that this registry uses
    /// or used, found by the hash that admins approved and derived from the text that has it.
    /// </summary>
    public static async Task<(MovePayments? Payments, OrderFault? Fault)> ReadAsync(MoneyDb db, TreasuryWallet wallet, int number, CancellationToken cancellation)
    {
        if (await db.Set<Move>().SingleOrDefaultAsync(m => m.Number == number, cancellation) is not { } move) return (null, OrderFault.NotFound);
        if (!MayBuild(move.State)) return (null, OrderFault.WrongState);
        var costs = await db.Set<MoveCost>().AsNoTracking().Where(c => c.MoveNumber == number).OrderBy(c => c.Line).ToListAsync(cancellation);
        if (!MoveManifest.Matches(move, costs, wallet.LedgerNetwork)) return (null, OrderFault.NotAsApproved);

        var row = await db.Set<TreasuryDescriptor>().AsNoTracking().SingleOrDefaultAsync(d => d.Sha256 == move.TargetSha256, cancellation);
        if (row is null || wallet.Open(row) is var target && target.Descriptor.Sha256 != move.TargetSha256) return (null, OrderFault.OtherTreasury);
        return (new MovePayments(move, await PlanAsync(db, costs, wallet.Network, cancellation), target), null);
    }

    /// <summary>The payments of bills, each named by its purpose.</summary>
    public static async Task<IReadOnlyList<PlannedPayment>> PlanAsync(MoneyDb db, IReadOnlyList<MoveCost> costs, Network network, CancellationToken cancellation)
    {
        var scripts = costs.Select(c => BitcoinAddress.Create(c.Address, network).ScriptPubKey).ToArray();
        var bytes = scripts.Select(script => script.ToBytes()).ToArray();
        var ours = (await db.Set<TreasuryAddress>().Where(a => bytes.Contains(a.Script)).Select(a => a.Script).ToListAsync(cancellation)).Select(script => new Script(script)).ToHashSet();
        // A bill is no operator's payout: it needs no row of that kind, since its move has one transaction only.
        return [.. costs.Select((cost, i) => new PlannedPayment(Guid.Empty, Words.Snake(cost.Purpose), cost.Amount, scripts[i], ours.Contains(scripts[i])))];
    }

    /// <summary>What its transactions may cost, of which others cost <paramref name="spent"/> already.</summary>
    public RoundFees Fees(Platform.Sats spent) => new(Move.MaxFee, VByteRate.PerVByte(Move.MaxFeeRate), spent);
}
