using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>
/// Traits from what was sighted and probed. Machines, networks and autonomous systems are known by the keyed tags that probes leave behind; passwords
/// and keys are opened here, one server at a time, and leave this method as tags.
/// </summary>
public sealed class TraitsBook(MoneyDb money, ProbesDb probes, DayRecords records, ServerKeys keys, KeyedTags tags, ProbeCatalog catalog) : IServerTraits
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServerTraits>> OfAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation)
    {
        var listed = await money.Set<Server>().AsNoTracking()
            .Where(s => money.Set<ListedSpell>().Any(l => l.ServerId == s.Id && l.From < to && (l.Until == null || l.Until > @from))).ToListAsync(cancellation);
        var numbers = await probes.Set<ProbedServer>().AsNoTracking().ToDictionaryAsync(s => s.ServerId, s => s.Number, cancellation);
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime));
        var days = await money.Set<ScheduleDay>().AsNoTracking().Where(d => d.Day >= first && d.Day <= last).ToListAsync(cancellation);
        var sighted = (await SightingsAsync(first, last, cancellation)).ToLookup(s => (s.Server, s.Kind), s => KnownSightings.TagNumber(s.Tag));
        var outages = await OutagesAsync(days, from, to, policy, cancellation);
        return listed.ConvertAll(server =>
        {
            var number = numbers.GetValueOrDefault(server.Id);
            return new ServerTraits(server.OwnerId, server.Protocol, Math.Max(0, (int)(to - (server.FirstProvenAt ?? to)).TotalHours))
            {
                Machines = [.. sighted[(number, SightingKind.Entrance)].Concat(sighted[(number, SightingKind.Exit)]).Distinct()],
                Networks = [.. sighted[(number, SightingKind.Network)]],
                Asns = [.. sighted[(number, SightingKind.Asn)]],
                Secrets = SecretsOf(server),
                Outages = outages.GetValueOrDefault(number),
            };
        });
    }

    private List<UInt128> SecretsOf(Server server)
    {
        if (server.State == ServerState.Retired || keys.Find(server.Id) is not { } key || catalog.Find(server.Protocol) is not { } probe) return [];
        var settings = ServerEndpoint.Open(key, server.SealedEndpoint).Settings;
        return [.. probe.Settings.Where(s => s.IsSecret).Select(s => settings.GetValueOrDefault(s.Name, "")).Where(value => value.Length > 0)
            .Select(value => KnownSightings.TagNumber(tags.Tag("secret", Encoding.UTF8.GetBytes(value)))).Distinct()];
    }

    private async Task<List<Sighting>> SightingsAsync(DateOnly first, DateOnly last, CancellationToken cancellation) =>
        await probes.Set<Sighting>().AsNoTracking().Where(s => s.Day >= first && s.Day <= last).Select(s => new { s.Server, s.Kind, s.Tag }).Distinct()
            .Select(s => new Sighting { Server = s.Server, Day = first, Kind = s.Kind, Tag = s.Tag }).ToListAsync(cancellation);

    private async Task<Dictionary<int, FailedSlots>> OutagesAsync(List<ScheduleDay> days, DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation)
    {
        var closed = await records.ClosedDaysAsync(days, cancellation);
        var starts = days.ToDictionary(d => d.Day, d => d.StartsAt.ToUnixTimeSeconds());
        var tallies = new Dictionary<int, SlotTally>();
        await foreach (var record in records.OpenAsync([.. days.Where(d => !closed.Contains(d.Day))], servers: null, cancellation)) Add(record);
        await foreach (var record in records.ClosedAsync([.. days.Where(d => closed.Contains(d.Day))], servers: null).WithCancellation(cancellation)) Add(record);
        return tallies.Select(t => (t.Key, Outages: t.Value.Outages())).Where(t => t.Outages is not null).ToDictionary(t => t.Key, t => t.Outages!);

        void Add(DayRecord day)
        {
            if (!tallies.TryGetValue(day.Server, out var tally)) tallies[day.Server] = tally = new SlotTally((int)((to - from) / policy.Slot) + 1);
            foreach (var (slotAt, record) in day.All())
                if (slotAt >= starts[day.Day] && slotAt >= from.ToUnixTimeSeconds() && slotAt < to.ToUnixTimeSeconds())
                    tally.Add((int)((slotAt - from.ToUnixTimeSeconds()) / policy.SlotSeconds), record.State);
        }
    }

    /// <summary>Two bits a slot: a server failed in it where it failed from somewhere and worked from nowhere.</summary>
    private sealed class SlotTally(int slots)
    {
        private readonly System.Collections.BitArray _ok = new(slots);
        private readonly System.Collections.BitArray _fail = new(slots);

        public void Add(int slot, SlotState state)
        {
            if (state == SlotState.Ok) _ok[slot] = true;
            else if (state == SlotState.Fail) _fail[slot] = true;
        }

        public FailedSlots? Outages()
        {
            var places = Enumerable.Range(0, slots).Where(slot => _ok[slot] || _fail[slot]).ToList();
            return FailedSlots.Of(places.FindAll(slot => !_ok[slot]), places.Count);
        }
    }
}
