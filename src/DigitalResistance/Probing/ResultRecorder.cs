using DigitalResistance.Data;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>Writes a batch of results, once however often it is tried, and tells the registry which servers have moved to an unproven address.</summary>
public sealed class ResultRecorder(ProbesDb probes, ServerNumbers numbers, AddressMoves moves, TimeProvider time)
{
    /// <summary>Durable when this returns; on an exception the same batch may be sent again.</summary>
    public async Task RecordAsync(Unrecorded batch, CancellationToken cancellation)
    {
        var known = await numbers.OfAsync(probes, [.. batch.Results.Select(r => r.ServerId).Distinct()], cancellation);
        var results = batch.Results.Select(r => new RawResult(known[r.ServerId], LocalVantage.Number, r.SlotAt, r.StartedAfter, r.Record)).ToList();
        await RawResults.Of(probes).SaveAsync(new(batch.Id, results, [.. Sightings(batch, known)]), time.GetUtcNow(), cancellation);

        var unproven = Reasons.Number(Reasons.AddressUnproven);
        var moved = batch.Results.Where(r => r.Record.Reason == unproven).Select(r => r.ServerId).Distinct().ToList();
        if (moved.Count > 0) await moves.RecordAsync(moved, cancellation);
    }

    private static IEnumerable<Sighting> Sightings(Unrecorded batch, IReadOnlyDictionary<Guid, int> numbers) =>
        from result in batch.Results
        from tag in result.Machines.Select(tag => (Tag: tag, IsNetwork: false)).Concat(result.Networks.Select(tag => (Tag: tag, IsNetwork: true)))
        group tag by (Server: numbers[result.ServerId], Day: RawResults.DayOf(result.SlotAt), tag.IsNetwork, Text: Convert.ToHexString(tag.Tag)) into seen
        select new Sighting { Server = seen.Key.Server, Day = seen.Key.Day, IsNetwork = seen.Key.IsNetwork, Tag = seen.First().Tag };
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
