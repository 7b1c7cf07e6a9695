using DigitalResistance.Data;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Accounts;

/// <summary>An operator says where to be paid, or takes back what still waits. The caller has just verified a second factor where the account has one.</summary>
public sealed class PayoutAddressChange(MoneyDb db, Policy policy, IOptions<BitcoinOptions> bitcoin, TimeProvider time)
{
    /// <summary>Sets the address of an account.</summary>
    public async Task<PayoutAddressResult> SetAsync(Guid account, string? entered, CancellationToken cancellation = default)
    {
        var reading = AddressReading.Read(entered, bitcoin.Value.ChainNetwork);
        if (reading is not AddressReading.Good(var address)) return new PayoutAddressResult.Unreadable(reading);

        var now = time.GetUtcNow();
        var own = await db.Set<PayoutAddress>().Where(a => a.AccountId == account).ToListAsync(cancellation);
        var known = own.Find(a => a.Address == address);
        if (known is { WithdrawnAt: null } && (known.EffectiveAt > now || known == PayoutAddress.EffectiveAmong(own, now))) return new PayoutAddressResult.Unchanged(known.EffectiveAt);
        // The descriptor is public, so it may be told; a payment to it would pay nobody.
        var script = NBitcoin.BitcoinAddress.Create(address, bitcoin.Value.ChainNetwork).ScriptPubKey.ToBytes();
        if (await db.Set<TreasuryAddress>().AnyAsync(a => a.Script == script, cancellation)) return new PayoutAddressResult.OfTreasury();
        // Whose it is, is not told, and neither is that it is anybody's.
        if (known is null && await db.Set<PayoutAddress>().AnyAsync(a => a.Address == address, cancellation)) return new PayoutAddressResult.CannotBeUsed();

        // The first address of an account takes nothing away from anybody; every later one might be a thief's, and so might any of an account that admins gave back.
        var isFirst = own.Count == 0 && !await db.Users.AnyAsync(a => a.Id == account && a.ReturnedAt != null, cancellation);
        var effectiveAt = isFirst ? now : now.AddSeconds(policy.AddressCoolingOffSeconds);
        Withdraw(own, now);
        if (known is null) db.Add(new PayoutAddress { AccountId = account, Address = address, SetAt = now, EffectiveAt = effectiveAt, ConfirmedAt = now });
        else (known.SetAt, known.EffectiveAt, known.ConfirmedAt, known.WithdrawnAt) = (now, effectiveAt, now, null);
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new PayoutAddressResult.Set(address, effectiveAt) : new PayoutAddressResult.CannotBeUsed();
    }

    /// <summary>Takes back the address that still waits; the one before it goes on to count. Returns false where none waits.</summary>
    public async Task<bool> TakeBackAsync(Guid account, CancellationToken cancellation = default)
    {
        var own = await db.Set<PayoutAddress>().Where(a => a.AccountId == account).ToListAsync(cancellation);
        if (!Withdraw(own, time.GetUtcNow())) return false;
        await db.SaveChangesAsync(cancellation);
        return true;
    }

    /// <summary>The owner says that the address that counts is still theirs. Returns false where none counts.</summary>
    public async Task<bool> ConfirmAsync(Guid account, CancellationToken cancellation = default)
    {
        var now = time.GetUtcNow();
        var own = await db.Set<PayoutAddress>().Where(a => a.AccountId == account).ToListAsync(cancellation);
        if (PayoutAddress.EffectiveAmong(own, now) is not { } address) return false;
        address.ConfirmedAt = now;
        await db.SaveChangesAsync(cancellation);
        return true;
    }

    private static bool Withdraw(List<PayoutAddress> own, DateTimeOffset now)
    {
        var waiting = own.FindAll(a => a.WithdrawnAt is null && a.EffectiveAt > now);
        foreach (var address in waiting) address.WithdrawnAt = now;
        return waiting.Count > 0;
    }
}

/// <summary>How setting a payout address can end.</summary>
public abstract record PayoutAddressResult
{
    private PayoutAddressResult()
    {
    }

    /// <summary>It is stored, and counts for freezes from an instant on.</summary>
    public sealed record Set(string Address, DateTimeOffset EffectiveAt) : PayoutAddressResult;

    /// <summary>It is the address that counts or waits already; nothing was changed.</summary>
    public sealed record Unchanged(DateTimeOffset EffectiveAt) : PayoutAddressResult;

    /// <summary>It cannot be read as an address of this treasury's network.</summary>
    public sealed record Unreadable(AddressReading Reading) : PayoutAddressResult;

    /// <summary>It is an address of the treasury itself.</summary>
    public sealed record OfTreasury : PayoutAddressResult;

    /// <summary>It cannot be used here; a fresh one is needed. The reason is not told: it might concern another account.</summary>
    public sealed record CannotBeUsed : PayoutAddressResult;
}
