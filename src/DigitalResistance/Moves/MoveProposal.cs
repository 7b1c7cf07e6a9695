using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Moves;

/// <summary>
/// Proposes a move. It is public at once, with a manifest that never changes, so that everybody has time to look at it before it can be
/// approved.
/// </summary>
public sealed class MoveProposal(
    MoneyDb db, TreasuryWallet wallet, TreasuryAdoption adoption, Policy policy, IOptions<MoveOptions> limits, IOptions<PayoutOptions> payouts, TimeProvider time)
{
    /// <summary>
    /// Proposes to make few coins of many, in at most so many transactions: <see cref="MoveResult.Done"/>, <see cref="MoveResult.NoTreasury"/>,
    /// <see cref="MoveResult.OutsideLimits"/> or <see cref="MoveResult.ChangedMeanwhile"/>.
    /// </summary>
    public async Task<MoveResult> ConsolidateAsync(int batches, MoveFees fees, Guid admin, CancellationToken cancellation)
    {
        if (await InForceAsync(cancellation) is not { } treasury) return new MoveResult.NoTreasury();
        return await WriteAsync(MoveKind.Consolidation, treasury, treasury, [], batches, fees, admin, cancellation);
    }

    /// <summary>Proposes to pay bills, in one transaction: as <see cref="ConsolidateAsync"/>, or <see cref="MoveResult.CostRefused"/>, <see cref="MoveResult.MonthLimit"/>.</summary>
    public async Task<MoveResult> PayCostsAsync(IReadOnlyList<Bill> bills, MoveFees fees, Guid admin, CancellationToken cancellation)
    {
        if (await InForceAsync(cancellation) is not { } treasury) return new MoveResult.NoTreasury();
        if (bills.Count is 0 || bills.Count > limits.Value.MaxCosts) return new MoveResult.OutsideLimits(MoveLimit.Costs, limits.Value.MaxCosts);
        var readings = bills.Select(b => AddressReading.Read(b.Address, wallet.Network) as AddressReading.Good).ToList();
        if (readings.IndexOf(null) is >= 0 and var unreadable) return new MoveResult.CostRefused(unreadable + 1, CostProblem.Address);

        var costs = bills.Select((b, i) => new MoveCost { MoveNumber = 0, Line = i + 1, Purpose = b.Purpose, Amount = b.Amount, Address = readings[i]!.Address }).ToArray();
        if (await ProblemAsync(costs, cancellation) is { } refused) return refused;
        var month = await db.CostsSinceAsync(time.GetUtcNow() - MoveQueries.Month, cancellation) + Sats.Sum(costs.Select(c => c.Amount));
        if (month > limits.Value.MaxMonth) return new MoveResult.MonthLimit(month, limits.Value.MaxMonth);
        return await WriteAsync(MoveKind.RunningCosts, treasury, treasury, costs, 1, fees, admin, cancellation);
    }

    /// <summary>
    /// Proposes new keys, and to bring all coins to them in at most so many transactions: as <see cref="ConsolidateAsync"/>, or
    /// <see cref="MoveResult.DescriptorRefused"/>, <see cref="MoveResult.DescriptorKnown"/>.
    /// </summary>
    public async Task<MoveResult> RotateAsync(string? descriptor, int batches, MoveFees fees, Guid admin, CancellationToken cancellation)
    {
        if (await InForceAsync(cancellation) is not { } treasury) return new MoveResult.NoTreasury();
        var preview = adoption.Preview(descriptor);
        if (preview is not AdoptionResult.Sound { Descriptor: var target }) return new MoveResult.DescriptorRefused(preview);
        if (await db.Set<TreasuryDescriptor>().AnyAsync(d => d.Sha256 == target.Sha256, cancellation)) return new MoveResult.DescriptorKnown();
        return await WriteAsync(MoveKind.Rotation, treasury, target, [], batches, fees, admin, cancellation);
    }

    // Its row is changed in the same save: what a rotation overtakes is not proposed, and the log never names a treasury that was left.
    private async Task<Descriptor?> InForceAsync(CancellationToken cancellation)
    {
        if (await db.Set<TreasuryDescriptor>().SingleOrDefaultAsync(d => d.IsCurrent, cancellation) is not { } row) return null;
        row.Version++;
        return wallet.Open(row).Descriptor;
    }

    private async Task<MoveResult?> ProblemAsync(MoveCost[] costs, CancellationToken cancellation)
    {
        var payments = await MovePayments.PlanAsync(db, costs, wallet.Network, cancellation);
        for (var i = 0; i < costs.Length; i++)
        {
            CostProblem? problem = payments[i].IsOurs ? CostProblem.Ours : PayoutPlan.IsDust(payments[i]) ? CostProblem.Dust : payments[i].Amount > limits.Value.MaxCost ? CostProblem.TooLarge : null;
            if (problem is { } found) return new MoveResult.CostRefused(i + 1, found);
        }

        return null;
    }

    private async Task<MoveResult> WriteAsync(
        MoveKind kind, Descriptor treasury, Descriptor target, IReadOnlyList<MoveCost> costs, int batches, MoveFees fees, Guid admin, CancellationToken cancellation)
    {
        if (batches < 1 || batches > limits.Value.MaxBatches) return new MoveResult.OutsideLimits(MoveLimit.Batches, limits.Value.MaxBatches);
        if (fees.MaxFee <= Sats.Zero || fees.MaxFee.Value > limits.Value.MaxFeeSat) return new MoveResult.OutsideLimits(MoveLimit.Fee, limits.Value.MaxFeeSat);
        if (fees.MaxFeeRate < 1 || fees.MaxFeeRate > payouts.Value.MaxFeeRateSatPerVByte) return new MoveResult.OutsideLimits(MoveLimit.FeeRate, payouts.Value.MaxFeeRateSatPerVByte);

        var number = await db.NextMoveAsync(cancellation);
        var terms = new MoveTerms(treasury.Sha256, target.Sha256, policy.Sha256, costs, batches, fees);
        var manifest = MoveManifest.Write(number, kind, wallet.LedgerNetwork, terms);
        var now = time.GetUtcNow();
        var move = new Move
        {
            Number = number, Kind = kind, Manifest = manifest, ManifestSha256 = MoveManifest.Hash(manifest), Batches = batches, Paid = Sats.Sum(costs.Select(c => c.Amount)),
            MaxFee = fees.MaxFee, MaxFeeRate = fees.MaxFeeRate, TreasurySha256 = treasury.Sha256, TargetSha256 = target.Sha256,
            NewDescriptor = kind == MoveKind.Rotation ? target.Text : null, PolicySha256 = policy.Sha256, TokenSecret = RoundToken.NewSecret(), ProposedBy = admin, ProposedAt = now,
        };
        db.Add(move);
        db.AddRange(costs.Select(c => new MoveCost { MoveNumber = number, Line = c.Line, Purpose = c.Purpose, Amount = c.Amount, Address = c.Address }));
        db.Append(new MoveProposed(number, kind, move.ManifestSha256, terms), now);
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new MoveResult.Done(number) : new MoveResult.ChangedMeanwhile();
    }
}

/// <summary>A bill as an admin enters it.</summary>
/// <param name="Purpose">What for.</param>
/// <param name="Amount">How much.</param>
/// <param name="Address">Where to.</param>
public sealed record Bill(CostPurpose Purpose, Sats Amount, string? Address);
