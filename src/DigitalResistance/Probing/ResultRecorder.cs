using System.Buffers.Binary;
using DigitalResistance.Data;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>Writes a batch of results, once however often it is tried, and tells the registry which servers have moved to an unproven address, or stand on a
/// machine that asked to be left alone.</summary>
public sealed class ResultRecorder(ProbesDb probes, ServerNumbers numbers, KnownSightings sightings, AddressMoves moves, OptedOutServers optedOut, TimeProvider time)
{
    /// <summary>Durable when this returns; on an exception the same batch may be sent again.</summary>
    public async Task RecordAsync(Unrecorded batch, CancellationToken cancellation)
    {
        var known = await numbers.OfAsync(probes, [.. batch.Results.Select(r => r.ServerId).Distinct()], cancellation);
        var results = batch.Results.Select(r => new RawResult(known[r.ServerId], LocalVantage.Number, r.SlotAt, r.StartedAfter, r.Record)).ToList();
        var seen = Sightings(batch, known).Where(s => !sightings.Has(s)).ToList();
        await RawResults.Of(probes).SaveAsync(new(batch.Id, results, seen), time.GetUtcNow(), cancellation);
        sightings.Remember(seen);

        var unproven = Reasons.Number(Reasons.AddressUnproven);
        var moved = batch.Results.Where(r => r.Record.Reason == unproven).Select(r => r.ServerId).Distinct().ToList();
        if (moved.Count > 0) await moves.RecordAsync(moved, cancellation);
        await optedOut.RecordAsync([.. batch.Results.Where(r => r.OptedOut is not null).Select(r => (r.ServerId, r.OptedOut!)).DistinctBy(r => r.ServerId)], cancellation);
    }

    private static IEnumerable<Sighting> Sightings(Unrecorded batch, IReadOnlyDictionary<Guid, int> numbers) =>
        batch.Results.SelectMany(result => result.Seen.Select(seen => new Sighting
        {
            Server = numbers[result.ServerId], Day = RawResults.DayOf(result.SlotAt), Kind = seen.Kind, Tag = seen.Tag,
        })).DistinctBy(KnownSightings.Key);
}

/// <summary>The short numbers of servers, remembered by the process; given by the database when a server is first recorded.</summary>
public sealed class ServerNumbers
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, int> _known = [];

    /// <summary>The numbers of some servers.</summary>
    public async Task<IReadOnlyDictionary<Guid, int>> OfAsync(ProbesDb db, IReadOnlyCollection<Guid> servers, CancellationToken cancellation)
    {
        var unknown = servers.Where(id => !_known.ContainsKey(id)).ToList();
        if (unknown.Count > 0)
        {
            foreach (var id in unknown) await db.Database.ExecuteSqlAsync($"INSERT INTO probed_servers (server_id) VALUES ({id}) ON CONFLICT DO NOTHING", cancellation);
            await foreach (var row in db.Set<ProbedServer>().AsNoTracking().Where(s => unknown.Contains(s.ServerId)).AsAsyncEnumerable().WithCancellation(cancellation))
            {
                _known[row.ServerId] = row.Number;
            }
        }

        return servers.ToDictionary(id => id, id => _known[id]);
    }
}

/// <summary>Which sightings are stored already: a server is seen at the same addresses all day, and is written down once.</summary>
public sealed class KnownSightings
{
    private readonly Lock _lock = new();
    private readonly HashSet<(int Server, DateOnly Day, SightingKind Kind, UInt128 Tag)> _known = [];

    /// <summary>Whether this process has stored it.</summary>
    public bool Has(Sighting sighting)
    {
        lock (_lock) return _known.Contains(Key(sighting));
    }

    /// <summary>They are stored. Days before the newest one's eve are forgotten; storing one again does no harm.</summary>
    public void Remember(IReadOnlyCollection<Sighting> sightings)
    {
        if (sightings.Count == 0) return;
        lock (_lock)
        {
            var eve = sightings.Max(s => s.Day).AddDays(-1);
            _known.RemoveWhere(s => s.Day < eve);
            _known.UnionWith(sightings.Select(Key));
        }
    }

    internal static (int, DateOnly, SightingKind, UInt128) Key(Sighting s) => (s.Server, s.Day, s.Kind, TagNumber(s.Tag));

    /// <summary>A tag as a number, which compares and hashes by value.</summary>
    internal static UInt128 TagNumber(byte[] tag) => BinaryPrimitives.ReadUInt128BigEndian(tag);
}
