using System.ComponentModel.DataAnnotations;
using System.Threading.Channels;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Prober.Dispatch;

/// <summary>How many probes run at once.</summary>
public sealed class ProbeRunnerOptions
{
    /// <summary>Probes under way at once. 1 to 20,000, within the process's limit of open files; default 128.</summary>
    [Range(1, 20_000)]
    public int Concurrency { get; set; } = 128;
}

/// <summary>Makes probes of assignments, a bounded number at a time. Whatever happens, each assignment gets exactly one report.</summary>
public sealed class ProbeRunner(ProbeCatalog catalog, Dialer dialer, TrustRoots trustRoots, ProbeRunnerOptions options, TimeProvider time)
{
    /// <summary>
    /// Takes assignments until there are no more and gives a report for each, in the order in which they end. When cancelled, what is under
    /// way is reported as such; what had not been taken stays in the channel.
    /// </summary>
    public async Task RunAsync(ChannelReader<ProbeAssignment> assignments, ChannelWriter<ProbeReport> reports, CancellationToken cancellation)
    {
        var workers = Enumerable.Range(0, options.Concurrency).Select(_ => WorkAsync(assignments, reports, cancellation)).ToArray();
        await Task.WhenAll(workers);
    }

    /// <summary>Makes one probe. Never throws.</summary>
    public async Task<ProbeReport> ProbeAsync(ProbeAssignment assignment, CancellationToken cancellation)
    {
        var startedAt = time.GetUtcNow();
        if (catalog.Find(assignment.Protocol) is not { } probe) return NotBegun(assignment, 0, startedAt, Failure.UnknownProtocol);
        if (probe.Parse(assignment.Settings) is not SettingsParse.Accepted accepted) return NotBegun(assignment, probe.Version, startedAt, Failure.SettingsInvalid);

        using var deadline = dialer.StartDeadline(probe.Timeout, cancellation);
        await using var session = new ProbeSession(assignment, accepted.Settings, dialer, trustRoots, time, deadline);
        await ConverseAsync(probe, session);
        var failure = session.Failure ?? (session.Level >= Level.L2 ? null : Failure.InternalError);
        return new ProbeReport(
            assignment.Id, assignment.Slot, probe.Id, probe.Version, startedAt, session.Level, failure?.CountsAs() ?? Outcome.Ok, session.Stage, failure,
            session.Code, session.Timings(), session.Family, session.Egress) { Ingress = session.Ingress, ClockAhead = session.ClockAhead, Throughput = session.Throughput };
    }

    private static async ValueTask ConverseAsync(IProbe probe, ProbeSession session)
    {
        try
        {
            await probe.ConverseAsync(session);
        }
#pragma warning disable CA1031 // A mistake in one protocol's file must cost one report, not the process, and its message may hold what a stranger sent.
        catch (Exception)
#pragma warning restore CA1031
        {
            session.Fail(Failure.InternalError);
        }
    }

    private async Task WorkAsync(ChannelReader<ProbeAssignment> assignments, ChannelWriter<ProbeReport> reports, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && await MoreAsync(assignments, cancellation))
        {
            while (!cancellation.IsCancellationRequested && assignments.TryRead(out var assignment))
            {
                // The report of a probe that was cancelled is still delivered: somebody waits for every assignment's end.
                await reports.WriteAsync(await ProbeAsync(assignment, cancellation), CancellationToken.None);
            }
        }
    }

    private static async ValueTask<bool> MoreAsync(ChannelReader<ProbeAssignment> assignments, CancellationToken cancellation)
    {
        try
        {
            return await assignments.WaitToReadAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static ProbeReport NotBegun(ProbeAssignment assignment, int version, DateTimeOffset startedAt, Failure failure) => new(
        assignment.Id, assignment.Slot, assignment.Protocol, version, startedAt, Level.None, failure.CountsAs(), Stage.Setup, failure,
        null, default, System.Net.Sockets.AddressFamily.Unspecified, null);
}
