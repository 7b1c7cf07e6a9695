using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// Each holder says, one after the other, that the device shows the same addresses. A confirmation is of one descriptor: whatever changes it voids them all. With
/// the last one the descriptor is adopted, in the same save.
/// </summary>
public sealed class CeremonyConfirmation(MoneyDb db, TreasuryAdoption adoption, AddressBook addresses, Network network, TimeProvider time)
{
    private const int Attempts = 20;

    /// <summary>
    /// Confirms the descriptor that the page showed; the caller has just verified a second factor. <see cref="CeremonyResult.Counted"/>, <see cref="CeremonyResult.Adopted"/>,
    /// or, nothing having changed, <see cref="CeremonyResult.NotLive"/>, <see cref="CeremonyResult.Incomplete"/>, <see cref="CeremonyResult.OtherDescriptor"/>,
    /// <see cref="CeremonyResult.NotTheHolder"/>, <see cref="CeremonyResult.AlreadyAdopted"/>, <see cref="CeremonyResult.ChainAway"/>.
    /// </summary>
    /// <param name="id">The ceremony that the page showed.</param>
    /// <param name="sha256">Of the descriptor that the page showed.</param>
    /// <param name="fingerprint">Of the key that is the holder's; needed where the descriptor was brought whole.</param>
    /// <param name="holder">The account.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<CeremonyResult> ConfirmAsync(int id, string sha256, string? fingerprint, Guid holder, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await TryConfirmAsync(id, sha256, fingerprint, holder, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"Ceremony {id} kept changing while it was confirmed {Attempts} times.");
        }
    }

    private async Task<CeremonyResult?> TryConfirmAsync(int id, string sha256, string? fingerprint, Guid holder, CancellationToken cancellation)
    {
        if (await db.Set<Ceremony>().SingleOrDefaultAsync(c => c.Id == id, cancellation) is not { } ceremony) return new CeremonyResult.NotLive();
        var keys = await db.Set<CeremonyKey>().Where(k => k.CeremonyId == id).OrderBy(k => k.Position).ToListAsync(cancellation);
        if (ceremony.Compose(keys, network) is not { } descriptor) return ceremony.IsLive ? new CeremonyResult.Incomplete() : new CeremonyResult.NotLive();
        var key = keys.Find(k => k.HolderId == holder) ?? keys.Find(k => k.HolderId is null && k.Fingerprint == fingerprint);
        var isSaid = key?.HolderId == holder && key.ConfirmedSha256 == sha256;
        if (!ceremony.IsLive) return isSaid && ceremony.End == CeremonyEnd.Adopted ? new CeremonyResult.Adopted(descriptor) : new CeremonyResult.NotLive();
        if (descriptor.Sha256 != sha256) return new CeremonyResult.OtherDescriptor(descriptor);
        if (key is null || (fingerprint is not null && key.Fingerprint != fingerprint)) return new CeremonyResult.NotTheHolder();
        if (isSaid) return new CeremonyResult.Counted(Confirmed(), keys.Count);

        var now = time.GetUtcNow();
        (key.HolderId, key.ConfirmedSha256, key.ConfirmedAt) = (holder, sha256, now);
        ceremony.Version++;
        if (Confirmed() < keys.Count) return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new CeremonyResult.Counted(Confirmed(), keys.Count) : null;
        return await AdoptAsync(ceremony, keys, descriptor, now, cancellation);

        int Confirmed() => keys.Count(k => k.ConfirmedSha256 == sha256);
    }

    private async Task<CeremonyResult?> AdoptAsync(Ceremony ceremony, List<CeremonyKey> keys, Descriptor descriptor, DateTimeOffset now, CancellationToken cancellation)
    {
        var (result, row) = await adoption.AddAsync(descriptor, ceremony.StartHeight, cancellation);
        if (row is null)
        {
            db.ChangeTracker.Clear();
            if (result is AdoptionResult.ChainAway) return new CeremonyResult.ChainAway();
            // Perhaps this very one, by the same holder's other copy: then that is looked at again.
            return await db.Set<Ceremony>().AnyAsync(c => c.Id == ceremony.Id && c.IsLive, cancellation) ? new CeremonyResult.AlreadyAdopted() : null;
        }

        ceremony.Finish(CeremonyEnd.Adopted, now);
        db.Append(new TreasuryConfirmed(descriptor.Sha256, descriptor.Threshold, [.. keys.Select(k => k.Fingerprint)]), now);
        await using (var transaction = await db.JoinTransactionAsync(cancellation))
        {
            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return null;
            db.AddRange(keys.Where(k => k.Device is not null).Select(k => new TreasuryKeyDevice { DescriptorId = row.Id, Position = k.Position, Device = k.Device!.Value }));
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }

        await addresses.FillAsync(cancellation);
        return new CeremonyResult.Adopted(descriptor);
    }
}
