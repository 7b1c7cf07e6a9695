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

    /// <summary>Says what the keys sign with, where it still was as <paramref name="seen"/>; null for a key of which nothing is known.</summary>
    public async Task<DevicesResult> SayAsync(AdoptedTreasury treasury, IReadOnlyList<SigningDevice?> seen, IReadOnlyList<SigningDevice?> devices, CancellationToken cancellation)
    {
        if (devices.Count != treasury.Descriptor.Keys.Count) return DevicesResult.OtherKeys;
        if (await db.Set<TreasuryDescriptor>().SingleOrDefaultAsync(d => d.Id == treasury.Id && d.IsCurrent, cancellation) is not { } inForce) return DevicesResult.ChangedMeanwhile;
        var stored = await DevicesAsync(treasury, cancellation);
        if (stored.SequenceEqual(devices)) return DevicesResult.Said;
        if (!stored.SequenceEqual(seen)) return DevicesResult.ChangedMeanwhile;
        // Of two who say it at once one starts over.
        inForce.Version++;
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

        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? DevicesResult.Said : DevicesResult.ChangedMeanwhile;
    }
}

/// <summary>How saying what the keys sign with can end.</summary>
public enum DevicesResult
{
    /// <summary>It is stored.</summary>
    Said,

    /// <summary>Somebody else said something else meanwhile, or the treasury has new keys; nothing was stored.</summary>
    ChangedMeanwhile,

    /// <summary>The treasury has another number of keys.</summary>
    OtherKeys,
}
