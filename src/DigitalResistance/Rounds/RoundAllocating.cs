using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>Computes what a frozen round pays, writes it into the grants and makes the manifest that admins approve.</summary>
public sealed class RoundAllocating(MoneyDb db, ITreasuryFacts treasury, TimeProvider time)
{
    /// <summary>What an allocation would do now; null where there is no such frozen round.</summary>
    public async Task<AllocationPreview?> PreviewAsync(int number, CancellationToken cancellation = default)
    {
        var round = await db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number && r.State == RoundState.Frozen, cancellation);
        if (round is null) return null;
        var grants = await db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == number).ToListAsync(cancellation);
        var balances = await Credits.BalancesAsync(db, cancellation);
        var plan = Plan(round.Number, round.Terms, round.Policy, grants, balances);
        return new(plan, Needed(round, plan, balances), (await treasury.ReadAsync(cancellation))?.Spendable);
    }

    /// <summary>
    /// Allocates, and puts <paramref name="rate"/> into the manifest for readers: <see cref="RoundResult.Done"/>, <see cref="RoundResult.RateRefused"/>, <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.ChangedMeanwhile"/>, <see cref="RoundResult.WrongState"/>,
    /// <see cref="RoundResult.StillPending"/>, <see cref="RoundResult.AnotherIsAllocated"/>, <see cref="RoundResult.NoTreasury"/> or <see cref="RoundResult.TreasuryTooSmall"/>.
    /// </summary>
    public async Task<RoundResult> AllocateAsync(int number, long version, DisplayRate? rate = null, CancellationToken cancellation = default)
    {
        if (rate?.Problems(time.GetUtcNow()) is { Count: > 0 } problems) return new RoundResult.RateRefused(problems);
        var book = await RoundBook.ReadAsync(db, cancellation);
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Allocate, cancellation);
        if (round is null) return refused!;
        var other = await db.Set<Round>().Where(r => r.State == RoundState.Allocated && r.Number != number).Select(r => (int?)r.Number).FirstOrDefaultAsync(cancellation);
        if (other is { } waiting) return new RoundResult.AnotherIsAllocated(waiting);
        if (await treasury.ReadAsync(cancellation) is not { } facts) return new RoundResult.NoTreasury();

        var grants = await db.Set<Grant>().Where(g => g.RoundNumber == number).ToListAsync(cancellation);
        if (grants.Count(g => g.Eligibility == Eligibility.Pending) is > 0 and var pending) return new RoundResult.StillPending(pending);
        var balances = await Credits.BalancesAsync(db, cancellation);
        var plan = Plan(round.Number, round.Terms, round.Policy, grants, balances);
        var needed = Needed(round, plan, balances);
        if (needed > facts.Spendable) return new RoundResult.TreasuryTooSmall(needed, facts.Spendable);

        Apply(plan, grants);
        var now = time.GetUtcNow();
        round.Carry = plan.Carry;
        round.Manifest = Manifest.Write(round, plan, grants, facts, rate);
        round.ManifestSha256 = RoundFiles.Sha256(Encoding.ASCII.GetBytes(round.Manifest));
        (round.State, round.AllocatedAt) = (RoundState.Allocated, now);

        db.Append(new RoundAllocated(number, round.Revision, round.ManifestSha256, RoundFiles.Sha256(RoundFiles.Allocation(grants)), plan), now);
        foreach (var line in plan.Lines.Where(l => l.Paid > Sats.Zero)) db.Append(new GrantAllocated(number, round.Revision, line.Token, line.Paid), now);
        foreach (var signer in await RecusedAsync(round, grants, cancellation)) db.Append(new ApproverRecused(number, round.Revision, signer), now);
        book.Version++;
        return await db.SaveStepAsync(round, cancellation);
    }

    // Whoever is held or excluded is paid nothing, as without an address; an excluded weight does not count besides.
    internal static RoundPlan Plan(int number, RoundTerms terms, Policy policy, List<Grant> grants, Dictionary<Guid, Sats> balances) =>
        RoundPlan.Create(number, terms, [.. grants.Select(g => new Claimant(
            g.Token, g.CountedWeight, balances.GetValueOrDefault(g.AccountId), g.Address is not null && g.Eligibility is not (Eligibility.Held or Eligibility.Excluded)))],
            policy.CapFairShares);

    /// <summary>The shares and the fees of this round, and every credit of all others: nothing that was promised may be spent twice.</summary>
    private static Sats Needed(Round round, RoundPlan plan, Dictionary<Guid, Sats> balances) => plan.Shares + round.MaxFee + Sats.Sum(balances.Values);

    private static void Apply(RoundPlan plan, List<Grant> grants)
    {
        var lines = plan.Lines.ToDictionary(l => l.Token, StringComparer.Ordinal);
        foreach (var grant in grants)
        {
            var line = lines[grant.Token];
            (grant.Share, grant.CreditUsed, grant.Paid, grant.Credited) = (line.Share, line.CreditUsed, line.Paid, line.Credited);
        }
    }

    /// <summary>The public names of admins that own a recipient: they are said now, before anybody approves.</summary>
    private async Task<List<string>> RecusedAsync(Round round, List<Grant> grants, CancellationToken cancellation)
    {
        var admins = await AdminRole.MembersAsync(db, cancellation);
        var keys = await db.Set<AdminKey>().Where(k => k.RevokedAt == null).ToDictionaryAsync(k => k.AccountId, k => k.Fingerprint, cancellation);
        return [.. grants.Where(g => g.IsRecipient && admins.Contains(g.AccountId))
            .Select(g => keys.GetValueOrDefault(g.AccountId) ?? RoundToken.ForAdmin(round.TokenSecret!, g.AccountId))
            .Order(StringComparer.Ordinal)];
    }
}

/// <summary>What an allocation would do.</summary>
/// <param name="Plan">Every line and sum.</param>
/// <param name="Needed">What the treasury must hold: shares, fee limit, and all credits.</param>
/// <param name="Spendable">What it holds; null where none is configured.</param>
public sealed record AllocationPreview(RoundPlan Plan, Sats Needed, Sats? Spendable);
