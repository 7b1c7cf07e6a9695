using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Scoring;

/// <summary>Scores from what was probed: closed days as they were packed, open ones from their raw results.</summary>
public sealed class ScoreBook(MoneyDb money, ProbesDb probes, DayRecords records, ServerKeys keys, IOptions<DialingOptions> dialing) : IScoreBook
{
    // Time for a pass to come round and write what is finished.
    private static readonly TimeSpan Recording = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public DateTimeOffset SettledAt(DateTimeOffset to, Policy policy)
    {
        var times = new SlotTimes(policy.SlotSeconds);
        // Late start, first try, pause, second try, check after it (which may itself have to wait its turn and then hang), recording.
        return to + times.LateAfter + times.LongestRetry + (3 * dialing.Value.Deadline) + times.CheckEvery + Recording;
    }

    /// <inheritdoc/>
    public Task SettleAsync(DateTimeOffset to, CancellationToken cancellation) => RawResults.Of(probes).SettleAsync(to.ToUnixTimeSeconds(), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServerScore>> ScoreAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation) =>
        Weights.Compute(await StandingsAsync(from, to, policy, owner: null, cancellation), policy);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServerScore>> ForecastAsync(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, Policy policy, CancellationToken cancellation)
    {
        if (to <= now) return await ScoreAsync(from, to, policy, cancellation);
        var begins = from < now ? from : now - (to - from);
        var standings = await StandingsAsync(begins, now, policy, owner: null, cancellation);
        var hours = (int)Math.Min(int.MaxValue / 2, (to - now).TotalHours);
        // Who is there now is expected to stay, and to have carried enough by the end.
        return Weights.Compute([.. standings.Select(s => s with { AgeHours = s.AgeHours + hours, PresencePpm = 1_000_000 })], policy with { TenureProbes = 0 });
    }

    /// <summary>What is known of every server that was listed in a period, or of one owner's.</summary>
    public async Task<IReadOnlyCollection<ServerStanding>> StandingsAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, Guid? owner, CancellationToken cancellation)
    {
        var days = await DaysAsync(from, to, cancellation);
        var listed = await ListedAsync(from, to, owner, cancellation);
        var ids = listed.ConvertAll(s => s.Id);
        var numbers = await probes.Set<ProbedServer>().AsNoTracking().Where(s => owner == null || ids.Contains(s.ServerId))
            .ToDictionaryAsync(s => s.ServerId, s => s.Number, cancellation);
        var gaps = await GapsAsync(ids, from, to, cancellation);
        var tallies = await TallyAsync(days, gaps, listed.Where(s => numbers.ContainsKey(s.Id)).ToDictionary(s => numbers[s.Id], s => s.Id), owner is not null, from, to, policy, cancellation);
        var sightings = (await SightingsAsync(from, to, owner is null ? null : [.. numbers.Values], cancellation)).ToLookup(s => s.Server);
        return listed.ConvertAll(server =>
        {
            var seen = sightings[numbers.GetValueOrDefault(server.Id)].ToLookup(s => s.Kind, s => KnownSightings.TagNumber(s.Tag));
            return new ServerStanding(
                server.Id, server.OwnerId, tallies.GetValueOrDefault(numbers.GetValueOrDefault(server.Id)) ?? new(null, 0, []),
                Math.Max(0, (int)Math.Min(int.MaxValue, (to - server.FirstProvenAt).TotalHours)), Presence.Ppm(days, server.Spells, from, to),
                [.. seen[SightingKind.Entrance]], [.. seen[SightingKind.Exit]], [.. seen[SightingKind.Network]])
            {
                ProvenAt = Presence.SecondsUp(server.FirstProvenAt), Listed = Presence.Written(server.Spells, from, to), Moved = Presence.Written(gaps[server.Id], from, to),
            };
        });
    }

    private async Task<List<ScheduleDay>> DaysAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime));
        return await money.Set<ScheduleDay>().AsNoTracking().Where(d => d.Day >= first && d.Day <= last).OrderBy(d => d.Day).ToListAsync(cancellation);
    }

    private async Task<List<Listed>> ListedAsync(DateTimeOffset from, DateTimeOffset to, Guid? owner, CancellationToken cancellation)
    {
        var rows = await (
            from spell in money.Set<ListedSpell>().AsNoTracking()
            join server in money.Set<Server>().AsNoTracking() on spell.ServerId equals server.Id
            where spell.From < to && (spell.Until == null || spell.Until > @from) && (owner == null || server.OwnerId == owner)
            select new { server.Id, server.OwnerId, server.FirstProvenAt, spell.From, spell.Until }).ToListAsync(cancellation);
        return [.. rows.GroupBy(r => r.Id).OrderBy(g => g.Key)
            .Select(g => new Listed(g.Key, g.First().OwnerId, g.First().FirstProvenAt!.Value, [.. g.Select(r => (r.From, r.Until ?? DateTimeOffset.MaxValue))]))];
    }

    // What failed before a move to another place is forgiven, within bounds (MoveGaps).
    private async Task<ILookup<Guid, (DateTimeOffset From, DateTimeOffset Until)>> GapsAsync(List<Guid> servers, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        (await money.Set<MoveGap>().AsNoTracking().Where(g => g.From < to && g.Until > @from).ToListAsync(cancellation))
            .Where(g => servers.Contains(g.ServerId)).ToLookup(g => g.ServerId, g => (g.From, g.Until));

    // One server at a time: the packed days come ordered by server, so that memory holds one tally and the days that are still open.
    private async Task<Dictionary<int, Availability>> TallyAsync(
        List<ScheduleDay> days, ILookup<Guid, (DateTimeOffset From, DateTimeOffset Until)> gaps, Dictionary<int, Guid> servers, bool few, DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation)
    {
        var closed = await records.ClosedDaysAsync(days, cancellation);
        var starts = days.ToDictionary(d => d.Day, d => d.StartsAt.ToUnixTimeSeconds());
        int[]? asked = few ? [.. servers.Keys] : null;
        var open = new Dictionary<int, List<DayRecord>>();
        await foreach (var record in records.OpenAsync([.. days.Where(d => !closed.Contains(d.Day))], asked, cancellation)) Add(open, record);

        var result = new Dictionary<int, Availability>();
        var (current, number) = (new List<DayRecord>(), 0);
        await foreach (var record in records.ClosedAsync([.. days.Where(d => closed.Contains(d.Day))], asked).WithCancellation(cancellation))
        {
            if (record.Server != number) Finish();
            number = record.Server;
            current.Add(record);
        }

        Finish();
        foreach (var (server, list) in open)
            if (servers.TryGetValue(server, out var id) && !result.ContainsKey(server)) result[server] = Tally(id, list, gaps[id], starts, from, to, policy);
        return result;

        void Finish()
        {
            if (current.Count > 0 && servers.TryGetValue(number, out var id)) result[number] = Tally(id, [.. current, .. open.GetValueOrDefault(number, [])], gaps[id], starts, from, to, policy);
            current.Clear();
        }
    }

    private Availability Tally(
        Guid server, List<DayRecord> list, IEnumerable<(DateTimeOffset From, DateTimeOffset Until)> gaps, Dictionary<DateOnly, long> starts, DateTimeOffset from, DateTimeOffset to, Policy policy)
    {
        var neutral = gaps.Select(g => (From: Presence.SecondsUp(g.From), Until: Presence.SecondsUp(g.Until))).ToList();
        var tally = new AvailabilityTally(policy, from, to);
        foreach (var day in list)
        {
            foreach (var (slotAt, record) in day.All().Where(s => s.SlotAt >= starts[day.Day]))
            {
                if (!neutral.Exists(g => slotAt >= g.From && slotAt < g.Until)) tally.Add(day.Vantage, slotAt, record.State switch { SlotState.Ok => SlotOutcome.Ok, SlotState.Fail => SlotOutcome.Fail, _ => SlotOutcome.Invalid });
            }
        }

        return tally.Result() with { DaysSha256 = DigestOf(server, list, from, to) };
    }

    // Of each day the part inside the period, which is final here (SettledAt): what the rest of the day brings is not known yet.
    private string? DigestOf(Guid server, List<DayRecord> list, DateTimeOffset from, DateTimeOffset to)
    {
        if (keys.Find(server) is not { } key) return null;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var day in list.Select(d => d.Within(from, to)).OfType<DayRecord>().OrderBy(d => d.Day).ThenBy(d => d.Vantage))
            digest.AppendData(Evidence.Leaf(day, key.EvidenceSalt(day.Day, day.Vantage)));
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private async Task<List<Sighting>> SightingsAsync(DateTimeOffset from, DateTimeOffset to, IReadOnlyCollection<int>? servers, CancellationToken cancellation)
    {
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime));
        return await probes.Set<Sighting>().AsNoTracking().Where(s => s.Day >= first && s.Day <= last && (servers == null || servers.Contains(s.Server)))
            .Select(s => new { s.Server, s.Kind, s.Tag }).Distinct()
            .Select(s => new Sighting { Server = s.Server, Day = first, Kind = s.Kind, Tag = s.Tag }).ToListAsync(cancellation);
    }

    private static void Add(Dictionary<int, List<DayRecord>> open, DayRecord record)
    {
        if (!open.TryGetValue(record.Server, out var list)) open[record.Server] = list = [];
        list.Add(record);
    }

    private sealed record Listed(Guid Id, Guid OwnerId, DateTimeOffset FirstProvenAt, IReadOnlyList<(DateTimeOffset From, DateTimeOffset Until)> Spells);
}
