using System.Globalization;
using System.Runtime.CompilerServices;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// An operator's file of one round (docs/specs/evidence.md): the proofs that the log holds this weight and this amount, of the newest revision,
/// and everything that the weight was made from, so that <c>Verify</c> can make it again.
/// </summary>
public sealed class OperatorBundle(MoneyDb money, ProbesDb probes, DayRecords records, ServerKeys keys, LedgerProofs proofs)
{
    /// <summary>The file, ready to be written; null where the account has no part in the round, or none is under a checkpoint yet.</summary>
    public async Task<Func<Stream, CancellationToken, Task>?> OpenAsync(Guid account, int number, CancellationToken cancellation)
    {
        var grant = await money.Set<Grant>().AsNoTracking().SingleOrDefaultAsync(g => g.RoundNumber == number && g.AccountId == account, cancellation);
        if (grant?.Token is not { } token) return null;
        var newest = await money.Set<LedgerLine>().Where(l => l.Token == token && l.Round == number && (l.Type == "score.frozen" || l.Type == "grant.allocated")).GroupBy(l => l.Type).Select(g => g.Max(l => l.Index)).ToListAsync(cancellation);
        var found = new List<TlogProof>();
        foreach (var index in newest.Order())
            if (await proofs.ProveAsync(index, cancellation) is { } proof) found.Add(proof.ToFile());
        if (found.Count == 0) return null;
        var round = await money.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == number, cancellation);
        var evidence = grant.Evidence;
        return (to, stop) => ProofBundle.WriteAsync(to, found, evidence, evidence is null ? null : round.Policy.Bytes, evidence is null ? AsyncEnumerable.Empty<EvidenceDay>() : DaysAsync(round, account, stop), stop);
    }

    // Server by server in the statement's order, which is that of their ids.
    private async IAsyncEnumerable<EvidenceDay> DaysAsync(Round round, Guid account, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var servers = (await money.Set<FrozenScore>().AsNoTracking().Where(s => s.RoundNumber == round.Number && s.AccountId == account).Select(s => s.ServerId).ToListAsync(cancellation)).Order().ToList();
        var numbers = await probes.Set<ProbedServer>().AsNoTracking().Where(s => servers.Contains(s.ServerId)).ToDictionaryAsync(s => s.ServerId, s => s.Number, cancellation);
        var (first, last) = (DateOnly.FromDateTime(round.StartsAt.UtcDateTime), DateOnly.FromDateTime(round.EndsAt.UtcDateTime));
        var days = await money.Set<ScheduleDay>().AsNoTracking().Where(d => d.Day >= first && d.Day <= last).OrderBy(d => d.Day).ToListAsync(cancellation);
        var closed = await records.ClosedDaysAsync(days, cancellation);
        foreach (var (index, server) in servers.Index())
        {
            // The key of a retired server is destroyed, and nothing can open its days any more.
            if (keys.Find(server) is not { } key || !numbers.TryGetValue(server, out var number)) continue;
            var list = await records.ClosedAsync([.. days.Where(d => closed.Contains(d.Day))], [number])
                .Concat(records.OpenAsync([.. days.Where(d => !closed.Contains(d.Day))], [number], cancellation)).ToListAsync(cancellation);
            foreach (var day in list.Select(d => d.Within(round.StartsAt, round.EndsAt)).OfType<DayRecord>().OrderBy(d => d.Day).ThenBy(d => d.Vantage))
            {
                yield return new(index, day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), day.Vantage, day.SlotSeconds, key.EvidenceSalt(day.Day, day.Vantage), day.Slots)
                {
                    KnownLeaf = day.Leaf is null ? null : Convert.ToHexStringLower(day.Leaf),
                };
            }
        }
    }
}
