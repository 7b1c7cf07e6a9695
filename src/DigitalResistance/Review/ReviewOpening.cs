using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Review;

/// <summary>
/// Begins the review of a round with its freeze, within the caller's save: who takes part at once and who waits, and what reviewers may see. The one
/// place where what operators have in common is looked at; only who shares something is stored.
/// </summary>
public sealed class ReviewOpening(MoneyDb db, IServerTraits traits, IOptions<BitcoinOptions> bitcoin)
{
    /// <summary>Sets every grant's eligibility and adds the lines and groups.</summary>
    public async Task OpenAsync(Round round, IReadOnlyCollection<Grant> grants, CancellationToken cancellation)
    {
        var policy = round.Policy;
        var tokens = grants.ToDictionary(g => g.AccountId, g => g.Token);
        var flagged = await FlaggedAsync(cancellation);
        var servers = await traits.OfAsync(round.StartsAt, round.EndsAt, policy, cancellation);
        var owned = servers.ToLookup(s => s.OwnerId);
        foreach (var grant in grants)
        {
            var isFlagged = flagged.Contains(grant.AccountId);
            grant.Eligibility = policy.IsReviewed || isFlagged ? Eligibility.Pending : Eligibility.Eligible;
            db.Add(Line(round.Number, grant.Token, [.. owned[grant.AccountId]], policy, isFlagged));
        }

        foreach (var group in OperatorGroups.Of(tokens, servers, await PayoutKeysAsync(tokens, cancellation)))
            db.AddRange(group.Tokens.Select(token => new ReviewGroup { RoundNumber = round.Number, Kind = group.Kind, Number = group.Number, Token = token }));
    }

    /// <summary>Operators of whom the last decision, in whatever round, was against them.</summary>
    private async Task<HashSet<Guid>> FlaggedAsync(CancellationToken cancellation) =>
        [.. await db.Set<Decision>().Where(d => d.Outcome != Eligibility.Eligible && !db.Set<Decision>().Any(later => later.AccountId == d.AccountId && later.Id > d.Id))
            .Select(d => d.AccountId).ToListAsync(cancellation)];

    // Every address that an operator ever used counts: a key that paid two of them once has not become two keys since.
    private async Task<List<(Guid Owner, UInt128 Key)>> PayoutKeysAsync(Dictionary<Guid, string> tokens, CancellationToken cancellation)
    {
        var network = bitcoin.Value.ChainNetwork;
        var rows = await db.Set<PayoutAddress>().AsNoTracking().Select(a => new { a.AccountId, a.Address }).ToListAsync(cancellation);
        return [.. rows.Where(r => tokens.ContainsKey(r.AccountId)).Select(r => (r.AccountId, PayoutKeys.Of(r.Address, network)))];
    }

    private static ReviewLine Line(int round, string token, IReadOnlyCollection<ServerTraits> servers, Policy policy, bool isFlagged)
    {
        var oldest = servers.Count == 0 ? 0 : servers.Max(s => s.AgeHours);
        return new ReviewLine
        {
            RoundNumber = round, Token = token, IsFlagged = isFlagged,
            Protocols = string.Join(',', servers.Select(s => s.Protocol).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
            ServersFrom = servers.Count == 0 ? 0 : 1 << int.Log2(servers.Count),
            TenureFromHours = policy.Tenure.LastOrDefault(t => t.FromHours <= oldest)?.FromHours ?? 0,
        };
    }
}
