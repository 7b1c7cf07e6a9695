using System.Buffers.Binary;
using System.Collections.Frozen;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DigitalResistance.Servers;

/// <summary>
/// Which machines asked to be left alone, as this process knows it. Read again by whoever is about to contact a server, when what is known is
/// older than <see cref="Fresh"/>: so every process that dials knows of a call within seconds, and one that does not dial reads nothing.
/// </summary>
public sealed partial class OptedOutMachines(IServiceScopeFactory scopes, TimeProvider time, ILogger<OptedOutMachines> log)
{
    /// <summary>How old what is known may be. Shorter than the pause before a retry: a slot in which an opt-out was taken back is not lost.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Known? _known;
    private Task<Known>? _reading;
    private int _changes;

    /// <summary>Whether a machine asked to be left alone. Fails where that was never read: nothing is contacted on a guess.</summary>
    public async ValueTask<bool> HasAsync(byte[] machine, CancellationToken cancellation)
    {
        Task<Known> reading;
        lock (_lock)
        {
            if (_known is { } known && time.GetUtcNow() - known.ReadAt < Fresh) return known.Machines.Contains(NumberOf(machine));
            // One reads for all who ask meanwhile.
            var changes = _changes;
            reading = _reading ??= Task.Run(() => ReadAsync(changes), CancellationToken.None);
        }

        return (await reading.WaitAsync(cancellation)).Machines.Contains(NumberOf(machine));
    }

    /// <summary>Something changed: the next who asks reads again, whatever is being read now.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _changes++;
            _reading = null;
            _known = _known is { } known ? known with { ReadAt = DateTimeOffset.MinValue } : null;
        }
    }

    private async Task<Known> ReadAsync(int changes)
    {
        Known? read = null;
        var (before, at) = (_known, time.GetUtcNow());
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            await using var scope = scopes.CreateAsyncScope();
            var tags = await scope.ServiceProvider.GetRequiredService<MoneyDb>().Set<OptOut>().AsNoTracking().Select(o => o.Machine).ToListAsync(patience.Token);
            read = new(tags.Select(NumberOf).ToFrozenSet(), at);
        }
#pragma warning disable CA1031 // While the database is away what was claimed before goes on being probed, with what was known before.
        catch (Exception exception) when (before is not null)
#pragma warning restore CA1031
        {
            LogNotRead(exception);
            read = before with { ReadAt = at };
        }
        finally
        {
            lock (_lock)
            {
                if (_changes == changes) (_known, _reading) = (read ?? _known, null);
            }
        }

        return read;
    }

    private static UInt128 NumberOf(byte[] tag) => BinaryPrimitives.ReadUInt128BigEndian(tag);

    private sealed record Known(FrozenSet<UInt128> Machines, DateTimeOffset ReadAt);

    [LoggerMessage(1, LogLevel.Warning, "Which machines asked to be left alone could not be read; what was known before counts")]
    private partial void LogNotRead(Exception exception);
}
