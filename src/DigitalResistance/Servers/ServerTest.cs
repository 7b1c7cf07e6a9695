using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Probing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>
/// "Test now": one more probe, which is shown to the owner and never scored. An address that is not proven has the few attempts of a day. The new place
/// of a server that passes its test is where the server is from then on. Where its owner wants to know how fast a proven server is, a megabyte goes through it, of which there are a few a day.
/// </summary>
public sealed class ServerTest(
    MoneyDb db, ProbesDb probes, OwnServers servers, ServerAddresses addresses, Limits limits, ProbeRunner runner, Targets targets, ServerMoves moves,
    IOptions<ServersOptions> options, TimeProvider time)
{
    /// <summary>Whether a megabyte can be sent through servers of a protocol.</summary>
    public bool CanMeasure(IProbe protocol) => protocol.LeadsTo == TargetKind.Anywhere && targets.HasCanary && options.Value is { DownloadsPerDay: > 0, DownloadsPerAccountAndDay: > 0 };

    /// <summary>Probes the server now.</summary>
    public Task<ServerTestResult> TestAsync(Guid owner, Guid id, CancellationToken cancellation) => ProbeAsync(owner, id, measures: false, cancellation);

    /// <summary>Sends a megabyte through the server, which has to be proven.</summary>
    public Task<ServerTestResult> MeasureAsync(Guid owner, Guid id, CancellationToken cancellation) => ProbeAsync(owner, id, measures: true, cancellation);

    private async Task<ServerTestResult> ProbeAsync(Guid owner, Guid id, bool measures, CancellationToken cancellation)
    {
        if (await servers.FindAsync(owner, id, cancellation) is not { } own) return new ServerTestResult.NotFound();
        var kind = own.Protocol.LeadsTo;
        if (measures ? !CanMeasure(own.Protocol) : !targets.Has(kind)) return new ServerTestResult.NoTargets();
        var lookup = await addresses.OfAsync(own.Endpoint, cancellation);
        if (lookup is ServerLookup.Missing missing) return new ServerTestResult.NotReached(missing.Failure);
        if (lookup is not ServerLookup.Found { Addresses: var all })
        {
            var asked = await limits.TakeAttemptAsync(owner, [], cancellation);
            return asked == LimitResult.Granted ? new ServerTestResult.OptedOut() : new ServerTestResult.Limited(asked);
        }

        var before = own.Server.MovesFrom;
        var held = await db.Set<AddressClaim>().Where(c => (c.ServerId == id || c.ServerId == before) && c.PassesAt == null).Select(c => c.Tag).ToListAsync(cancellation);
        var proven = addresses.TagsOf(all).All(tag => held.Exists(h => h.AsSpan().SequenceEqual(tag)));
        if (measures && !proven) return new ServerTestResult.NotProven();
        var limit = measures ? await limits.TakeDownloadAsync(owner, cancellation)
            : proven ? await limits.TakeTestAsync(owner, cancellation) : await limits.TakeAttemptAsync(owner, all, cancellation);
        if (limit != LimitResult.Granted) return new ServerTestResult.Limited(limit);

        var target = measures ? targets.ForDownload(LocalVantage.Name)! : Draw(kind);
        var at = all[RandomNumberGenerator.GetInt32(all.Count)].Address;
        var report = await runner.ProbeAsync(new(id, 0, own.Protocol.Id, own.Endpoint.HostPort, own.Endpoint.Settings, target) { At = at }, cancellation);
        var record = ProbeRecords.Of(report, target is ProbeTarget.Canary or ProbeTarget.Download);
        probes.Add(new ExtraProbe { ServerId = id, At = time.GetUtcNow(), Record = record.ToBytes() });
        await probes.SaveChangesAsync(cancellation);
        if (before is not null && record.State == SlotState.Ok && await moves.ArriveAsync(own, addresses.TagsOf(all), cancellation) is ArrivalResult.Arrived arrived) return new ServerTestResult.Arrived(arrived.Server);
        return new ServerTestResult.Done(record, TestSight.Of(report, target));
    }

    private ProbeTarget Draw(TargetKind kind)
    {
        var canary = targets.HasCanary && (targets.TlsHosts.Count == 0 || RandomNumberGenerator.GetInt32(2) == 0);
        return targets.Of(kind, new SlotDraw { AtCanary = canary, Target = (uint)RandomNumberGenerator.GetInt32(int.MaxValue) }, LocalVantage.Name);
    }
}

/// <summary>How a test ended.</summary>
public abstract record ServerTestResult
{
    private ServerTestResult()
    {
    }

    /// <summary>The probe was made, with this result, and saw this besides.</summary>
    public sealed record Done(SlotRecord Record, TestSight Sight) : ServerTestResult;

    /// <summary>The new place carries traffic and is proven: the server is there from now on.</summary>
    public sealed record Arrived(Guid Server) : ServerTestResult;

    /// <summary>The server's name leads nowhere, or to where nobody may be probed; nothing was sent.</summary>
    public sealed record NotReached(Failure Failure) : ServerTestResult;

    /// <summary>The machine asked to be left alone; nothing was sent.</summary>
    public sealed record OptedOut : ServerTestResult;

    /// <summary>It is not proven to be the account's, so that no megabyte goes through it; nothing was sent.</summary>
    public sealed record NotProven : ServerTestResult;

    /// <summary>A limit is reached; nothing was sent.</summary>
    public sealed record Limited(LimitResult Limit) : ServerTestResult;

    /// <summary>This registry has nothing configured that servers of this protocol could lead to.</summary>
    public sealed record NoTargets : ServerTestResult;

    /// <summary>The account has no such server.</summary>
    public sealed record NotFound : ServerTestResult;
}
