using DigitalResistance.Data;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>The limits of what is built: those of the configuration, or of the weakest device that must sign where that one holds less.</summary>
public sealed class SigningLimits(MoneyDb db, IOptions<PayoutOptions> options)
{
    /// <summary>The limits in force now.</summary>
    public async Task<PayoutOptions> FindAsync(CancellationToken cancellation) =>
        options.Value.Within(DeviceLimits.Weakest(await db.Set<TreasuryKeyDevice>().Select(d => d.Device).ToListAsync(cancellation)));

    /// <summary>The devices of a treasury's keys, by their place in the descriptor; null where nobody said.</summary>
    public async Task<IReadOnlyList<SigningDevice?>> DevicesAsync(AdoptedTreasury treasury, CancellationToken cancellation)
    {
        var known = await db.Set<TreasuryKeyDevice>().Where(d => d.DescriptorId == treasury.Id).ToDictionaryAsync(d => d.Position, d => d.Device, cancellation);
        return [.. Enumerable.Range(0, treasury.Descriptor.Keys.Count).Select(i => known.TryGetValue(i, out var device) ? device : (SigningDevice?)null)];
    }

    /// <summary>Says what the keys sign with; null for a key of which nothing is known. False where the treasury has another number of keys.</summary>
    public async Task<bool> SayAsync(AdoptedTreasury treasury, IReadOnlyList<SigningDevice?> devices, CancellationToken cancellation)
    {
        if (devices.Count != treasury.Descriptor.Keys.Count) return false;
        var known = await db.Set<TreasuryKeyDevice>().Where(d => d.DescriptorId == treasury.Id).ToDictionaryAsync(d => d.Position, cancellation);
        for (var i = 0; i < devices.Count; i++)
        {
            if (devices[i] is not { } device)
            {
                if (known.TryGetValue(i, out var old)) db.Remove(old);
            }
            else if (known.TryGetValue(i, out var row)) row.Device = device;
            else db.Add(new TreasuryKeyDevice { DescriptorId = treasury.Id, Position = i, Device = device });
        }

        // Of two who say it at once one is believed, and both see the result.
        await db.TrySaveAsync(cancellation);
        return true;
    }
}
