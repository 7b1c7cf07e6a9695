using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Writes what admins approved of a round a second time, for a database that was restored from before that. Weights and amounts stand in the public log, and shares, carry and
/// the manifest follow from them. Only the addresses do not: they are in the tables where the backup is younger than the freeze, else in the list of
/// payments that admins and treasurers can download. Whoever brings a copy need not be trusted: the log names the hash of the manifest, and that the hash of the list.
/// </summary>
public sealed class RoundRewriting(MoneyDb db, ITreasuryFacts treasury, Policy policy)
{
    /// <summary>
    /// Writes a round that the log says was approved and built, and that the tables do not have so. Whether it could; where not, nothing was changed. A copy of the
    /// manifest is needed only where a rate for readers, or a limit that changed since, stands in it.
    /// </summary>
    public async Task<bool> TryAsync(int number, string? manifest, string? payouts, CancellationToken cancellation)
    {
        var told = await ToldRound.ReadAsync(db, number, cancellation);
        if (told is not { IsBuilt: true, Manifest: { } approved, Terms: { } terms, ScoresSha256: { } scores } || await PolicyAsync(told, cancellation) is not { } rules) return false;
        var round = await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        if (round?.ManifestSha256 == approved && round.State >= RoundState.Approved) return false;
        var old = await db.Set<Grant>().Where(g => g.RoundNumber == number).ToListAsync(cancellation);
        var grants = RoundFiles.Sha256(RoundFiles.Scores(old)) == scores && old.Count > 0 ? old : payouts is null ? null : await GrantsAsync(number, round, told, payouts, cancellation);
        if (grants is null) return false;

        var plan = await AllocateAsync(number, terms, Policy.Read(rules), grants, told, cancellation);
        var written = round ?? new Round
        {
            Number = number, StartsAt = default, EndsAt = default, Budget = Sats.Zero, CapPpm = 0, Floor = Sats.Zero, Step = Sats.Zero, MaxFee = Sats.Zero, MaxFeeRate = 0, PolicyJson = rules, ProposedBy = Guid.Empty,
        };
        (written.Terms, written.Revision, written.PolicyJson, written.ScoresSha256, written.Carry) = (terms, told.Revision, rules, scores, plan.Carry);
        (written.OpenedAt, written.FrozenAt, written.AllocatedAt, written.ApprovedAt) = (told.OpenedAt, told.FrozenAt, told.AllocatedAt, told.ApprovedAt);
        (written.State, written.CreditsExpireAt, written.EndedAt, written.Version) = (RoundState.Approved, told.ApprovedAt.AddDays(written.Policy.CreditDays), null, written.Version + 1);
        written.Manifest = await ManifestAsync(written, plan, grants, approved, manifest, cancellation);
        written.ManifestSha256 = written.Manifest is null ? null : approved;
        if (!Manifest.Matches(written, grants))
        {
            db.ChangeTracker.Clear();
            return false;
        }

        await using var transaction = await db.JoinTransactionAsync(cancellation);
        if (round is null) db.Add(written);
        if (grants != old)
        {
            await RoundStepBack.DropFrozenAsync(db, number, cancellation);
            // Two rows of one operator and round cannot stand side by side, not even for a moment.
            await db.SaveChangesAsync(cancellation);
            db.AddRange(grants);
        }

        (await RoundBook.ReadAsync(db, cancellation)).Version++;
        if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return false;
        await transaction.CommitAsync(cancellation);
        return true;
    }

    // Every round has the bytes of its policy, and so has the program that runs.
    private async Task<byte[]?> PolicyAsync(ToldRound told, CancellationToken cancellation)
    {
        if (policy.Sha256 == told.PolicySha256) return policy.Bytes;
        return (await db.Set<Round>().Select(r => r.PolicyJson).ToListAsync(cancellation)).Find(bytes => RoundFiles.Sha256(bytes) == told.PolicySha256);
    }

    private async Task<List<Grant>?> GrantsAsync(int number, Round? round, ToldRound told, string payouts, CancellationToken cancellation)
    {
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in payouts.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var cells = line.Split(',');
            if (cells.Length != 3 || !addresses.TryAdd(cells[0], cells[2])) return null;
        }

        var owners = await OwnersAsync(round, cancellation);
        return [.. told.Weights.Keys.Union(told.Amounts.Keys, StringComparer.Ordinal).Select(token => new Grant
        {
            // Nobody of today may be the owner: then it is paid all the same, and only its page for the operator is lost.
            RoundNumber = number, Token = token, Weight = told.Weights.GetValueOrDefault(token), Address = addresses.GetValueOrDefault(token),
            AccountId = owners(token, addresses.GetValueOrDefault(token)) ?? Guid.CreateVersion7(),
        })];
    }

    // By the round's secret where the backup has it, else by an address that one account alone has.
    private async Task<Func<string, string?, Guid?>> OwnersAsync(Round? round, CancellationToken cancellation)
    {
        var accounts = await db.Set<Account>().Select(a => a.Id).ToListAsync(cancellation);
        var byToken = round?.TokenSecret is { } secret ? accounts.ToDictionary(account => RoundToken.ForOperator(secret, account), StringComparer.Ordinal) : [];
        var rows = await db.Set<PayoutAddress>().AsNoTracking().ToListAsync(cancellation);
        var byAddress = rows.GroupBy(a => a.Address, StringComparer.Ordinal).Where(g => g.Select(a => a.AccountId).Distinct().Count() == 1).ToDictionary(g => g.Key, g => g.First().AccountId, StringComparer.Ordinal);
        var taken = new HashSet<Guid>();
        return (token, address) =>
        {
            Guid? owner = byToken.TryGetValue(token, out var known) ? known : address is not null && byAddress.TryGetValue(address, out var paid) ? paid : null;
            return owner is { } one && taken.Add(one) ? one : null;
        };
    }

    // Shares and carry follow from the weights. What was paid stands in the log; what of it was credit follows from both.
    private async Task<RoundPlan> AllocateAsync(int number, RoundTerms terms, Policy lived, List<Grant> grants, ToldRound told, CancellationToken cancellation)
    {
        var balances = await Credits.BalancesAsync(db, cancellation);
        foreach (var grant in grants)
        {
            // It was allocated, so that nobody waited for reviewers any more.
            var standing = told.Standings.GetValueOrDefault(grant.Token);
            (grant.Eligibility, grant.Reason) = (standing?.Eligibility ?? Eligibility.Eligible, standing is null ? null : Enum.GetValues<DecisionReason>().Single(reason => Words.Snake(reason) == standing.Reason));
        }

        var plan = RoundAllocating.Plan(number, terms, lived, grants, balances);
        var byToken = grants.ToDictionary(g => g.Token, StringComparer.Ordinal);
        var lines = plan.Lines.Select(line =>
        {
            var paid = told.Amounts.GetValueOrDefault(line.Token);
            if (line.Paid == paid) return line;
            var used = paid > line.Share ? paid - line.Share : Sats.Zero;
            return line with { Paid = paid, CreditUsed = used, Credited = line.Share + used - paid };
        }).ToArray();
        foreach (var line in lines)
        {
            var grant = byToken[line.Token];
            (grant.Share, grant.CreditUsed, grant.Paid, grant.Credited) = (line.Share, line.CreditUsed, line.Paid, line.Credited);
        }

        return new RoundPlan(lines, plan.Carry);
    }

    private async Task<string?> ManifestAsync(Round round, RoundPlan plan, List<Grant> grants, string sha256, string? copy, CancellationToken cancellation)
    {
        bool IsIt(string text) => RoundFiles.Sha256(Encoding.ASCII.GetBytes(text)) == sha256;
        if (copy is not null && IsIt(copy)) return copy;
        if (await treasury.ReadAsync(cancellation) is not { } facts) return null;
        var descriptors = await db.Set<TreasuryDescriptor>().Select(d => d.Sha256).ToListAsync(cancellation);
        return descriptors.Select(descriptor => Manifest.Write(round, plan, grants, facts with { DescriptorSha256 = descriptor })).FirstOrDefault(IsIt);
    }
}
