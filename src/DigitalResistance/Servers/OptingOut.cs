using System.Net;
using DigitalResistance.Data;
using DigitalResistance.Prober.Dialing;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>
/// A machine asks to be left alone. That the call comes from its address is the proof. Nothing is looked up: the same is written, and the same
/// answered, whether anybody registered the machine or not. A listed server that it concerns leaves the list when it would be dialled next
/// (<see cref="OptedOutServers"/>).
/// </summary>
public sealed class OptingOut(MoneyDb db, KeyedTags tags, Dialer dialer, Limits limits, OptedOutMachines machines, TimeProvider time)
{
    /// <summary>Accepts a call from an address.</summary>
    public async Task<OptingOutResult> AcceptAsync(IPAddress? source, CancellationToken cancellation)
    {
        if (CallSource.Of(source, dialer) is not { } address) return OptingOutResult.HiddenSource;
        await using (var transaction = await db.JoinTransactionAsync(cancellation))
        {
            switch (await limits.TakeOptOutAsync(address, cancellation))
            {
                // Undone with the transaction: whoever is refused because others call too much keeps his own call of the day.
                case LimitResult.Yours: return OptingOutResult.CalledAlready;
                case LimitResult.Shared: return OptingOutResult.Limited;
            }

            var (machine, at) = (tags.Machine(address), db.Database.Stored(time.GetUtcNow()));
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO opt_outs (machine, at) VALUES ({machine}, {at}) ON CONFLICT (machine) DO UPDATE SET at = excluded.at", cancellation);
            await transaction.CommitAsync(cancellation);
        }

        machines.Forget();
        return OptingOutResult.Noted;
    }
}

/// <summary>How a call to be left alone ended.</summary>
public enum OptingOutResult
{
    /// <summary>The machine is left alone from now on.</summary>
    Noted,

    /// <summary>The address has called as often as it may in a day; nothing was changed.</summary>
    CalledAlready,

    /// <summary>Too many calls from the network around it, or from everywhere.</summary>
    Limited,

    /// <summary>The source address cannot be seen.</summary>
    HiddenSource,
}
