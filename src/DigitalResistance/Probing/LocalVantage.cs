using System.Net;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Review;
using DigitalResistance.Servers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Probing;

/// <summary>
/// The vantage inside this process. It holds what was claimed until its moment, makes the probe, retries once, stands it between two
/// checks of itself, and keeps the result until a pass has recorded it. What it holds is bounded; it knows no database.
/// </summary>
public sealed partial class LocalVantage(
    ProvenProbe probe, ControlChecks everyCheck, Targets targets, ProbeCatalog catalog, KeyedTags tags, AsnRanges asns, IOptions<ProbingOptions> options, TimeProvider time, ILogger<LocalVantage> log) : IAsyncDisposable
{
    /// <summary>Its name in schedules, canary tickets and the ledger.</summary>
    public const string Name = "local";

    /// <summary>Its number in stored results.</summary>
    public const short Number = 1;

    private readonly SemaphoreSlim _slots = new(options.Value.Concurrency);
    private readonly Queue<SlotResult> _done = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource? _idle;
    private int _underWay;
    private int _waiting;
    private Unrecorded? _batch;

    /// <summary>Everything that was claimed and is not recorded yet.</summary>
    public int Pending
    {
        get
        {
            lock (_lock) return _underWay + _done.Count + (_batch?.Results.Count ?? 0);
        }
    }

    /// <summary>That part of it whose moment has come.</summary>
    internal int Finishing
    {
        get
        {
            lock (_lock) return Pending - _waiting;
        }
    }

    /// <summary>How many conversations are under way at this moment.</summary>
    internal int Talking => options.Value.Concurrency - _slots.CurrentCount;

    /// <summary>Whether so many more would still be within the bound.</summary>
    public bool HasRoomFor(int count) => Pending + count <= options.Value.MostPending;

    /// <summary>Takes assignments; each ends in exactly one result. They outlive the turn that claimed them, and end with the process.</summary>
    public void Take(IReadOnlyCollection<Assignment> assignments)
    {
        lock (_lock)
        {
            _underWay += assignments.Count;
            _waiting += assignments.Count;
        }

        foreach (var assignment in assignments) _ = RunAsync(assignment, _stop.Token);
    }

    /// <summary>
    /// The results to record next; the same ones under the same id until <see cref="Recorded"/> is told, so that a batch whose commit was
    /// not answered can be sent again.
    /// </summary>
    public Unrecorded? NextBatch()
    {
        lock (_lock)
        {
            if (_batch is not null || _done.Count == 0) return _batch;
            var results = new List<SlotResult>();
            while (results.Count < options.Value.BatchSize && _done.TryDequeue(out var result)) results.Add(result);
            return _batch = new(Guid.CreateVersion7(time.GetUtcNow()), results);
        }
    }

    /// <summary>The batch is in the database.</summary>
    public void Recorded(Unrecorded batch)
    {
        lock (_lock)
        {
            if (_batch == batch) _batch = null;
        }
    }

    /// <summary>Ends what is under way; its slots stay without a result and count neither way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task idle;
        lock (_lock) idle = _underWay == 0 ? Task.CompletedTask : (_idle = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        await idle;
        _slots.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(Assignment assignment, CancellationToken cancellation)
    {
        var result = Missed(assignment, Failure.Cancelled);
        try
        {
            await WaitAsync(assignment.Draw.StartsAt, cancellation);
            result = await ProbeAsync(assignment, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // One assignment's trouble must not end the others, nor leave its slot without a result.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(exception);
            result = Missed(assignment, Failure.InternalError);
        }

        lock (_lock)
        {
            _done.Enqueue(result);
            if (--_underWay == 0) _idle?.SetResult();
        }
    }

    private async Task WaitAsync(DateTimeOffset moment, CancellationToken cancellation)
    {
        try
        {
            var wait = moment - time.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellation);
        }
        finally
        {
            lock (_lock) _waiting--;
        }
    }

    private async Task<SlotResult> ProbeAsync(Assignment assignment, CancellationToken cancellation)
    {
        var (draw, times) = (assignment.Draw, assignment.Times);
        var kind = catalog.Find(assignment.Protocol)?.LeadsTo ?? TargetKind.Anywhere;
        if (!targets.Has(kind)) return Missed(assignment, Reasons.NoTarget);
        var checks = everyCheck.Of(kind);
        var before = await checks.BeforeAsync(times.CheckEvery).WaitAsync(cancellation);
        if (!before.Sees) return Missed(assignment, Reasons.VantageBlind);

        if (await TryAsync(assignment, targets.Of(kind, draw, Name), draw.StartsAt + times.LateAfter, cancellation) is not { } first) return Missed(assignment, Reasons.StartedLate);
        var (counted, record) = (first, first.Record);
        if (first.Record.State != SlotState.Ok)
        {
            // One retry, at another target: a lost packet or a target that is down is not the server's fault. More would hide a flapping server.
            await Task.Delay(draw.RetryAfter, time, cancellation);
            counted = (await TryAsync(assignment, targets.OfRetry(kind, draw, Name), DateTimeOffset.MaxValue, cancellation))!;
            record = counted.Record with { FirstReason = first.Record.Reason };
        }

        var after = await checks.AfterAsync(times.CheckEvery).WaitAsync(cancellation);
        // Blind time counts neither way, whatever the probe found in it: what succeeded by luck would make up for nothing.
        if (before.Doubts(record.FailedStage) || after.Doubts(record.FailedStage) || checks.WasBlind(before.StartedAt, after.EndedAt)) record = record.Blind();
        var startedAfter = (int)(first.StartedAt - DateTimeOffset.FromUnixTimeSeconds(draw.SlotAt)).TotalMilliseconds;
        return new(assignment.ServerId, draw.SlotAt, startedAfter, record, [.. Seen(SightingKind.Entrance, counted.Ingress), .. Seen(SightingKind.Exit, counted.Egress)])
        {
            OptedOut = counted.OptedOut,
        };
    }

    private IEnumerable<(SightingKind, byte[])> Seen(SightingKind kind, IPAddress? address) =>
        address is null ? []
        : asns.Find(address) is { } asn ? [(kind, tags.Machine(address)), (SightingKind.Network, tags.Network(address)), (SightingKind.Asn, tags.Asn(asn))]
        : [(kind, tags.Machine(address)), (SightingKind.Network, tags.Network(address))];

    /// <summary>One try; null when its turn came after <paramref name="latest"/>.</summary>
    private async Task<Try?> TryAsync(Assignment assignment, ProbeTarget target, DateTimeOffset latest, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        try
        {
            return time.GetUtcNow() > latest ? null : await probe.MakeAsync(assignment, target, cancellation);
        }
        finally
        {
            _slots.Release();
        }
    }

    private static SlotResult Missed(Assignment assignment, Failure failure) => Missed(assignment, failure.Code());

    private static SlotResult Missed(Assignment assignment, string reason) => new(
        assignment.ServerId, assignment.Draw.SlotAt, (int)assignment.Draw.Offset.TotalMilliseconds,
        new SlotRecord(SlotState.Invalid, (byte)Stage.Setup, false, Reasons.Number(reason), 0, 0), []);

    [LoggerMessage(1, LogLevel.Error, "A probe broke")]
    private partial void LogFailed(Exception exception);
}

/// <summary>Results that wait for the database, under the id by which it recognises them.</summary>
public sealed record Unrecorded(Guid Id, IReadOnlyList<SlotResult> Results);
