using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>Holders bring the public parts of their keys to a ceremony, each one; a key that was given can be taken out, and then nobody has confirmed.</summary>
public sealed class CeremonyKeys(MoneyDb db, Network network, TimeProvider time)
{
    private const int Attempts = 20;

    /// <summary>
    /// Takes one key in: <see cref="CeremonyResult.Done"/>, or <see cref="CeremonyResult.NotLive"/>, <see cref="CeremonyResult.Faulty"/>, <see cref="CeremonyResult.AlreadyGave"/>,
    /// <see cref="CeremonyResult.SameKey"/>, <see cref="CeremonyResult.SameDevice"/>, <see cref="CeremonyResult.Full"/>. Nothing of what was pasted is kept but the key itself.
    /// </summary>
    /// <param name="id">The ceremony that the page showed.</param>
    /// <param name="text">What the wallet exports.</param>
    /// <param name="fingerprint">Of the master key, where the wallet tells it apart from the key; null or empty otherwise.</param>
    /// <param name="path">The path from there, likewise.</param>
    /// <param name="device">What it signs with, where the holder says.</param>
    /// <param name="holder">The account that brings it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<CeremonyResult> GiveAsync(int id, string? text, string? fingerprint, string? path, SigningDevice? device, Guid holder, CancellationToken cancellation)
    {
        if (await db.Set<Ceremony>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.IsLive, cancellation) is not { } terms) return new CeremonyResult.NotLive();
        // As they were typed: the fingerprint is read without regard to case, and then no secret could be told in it.
        if (PrivateParts.Find(fingerprint ?? "") >= 0 || PrivateParts.Find(path ?? "") >= 0) return new CeremonyResult.Faulty(new DescriptorFault(DescriptorFaultKind.PrivateKey, -1));
        var origin = string.IsNullOrWhiteSpace(fingerprint) && string.IsNullOrWhiteSpace(path) ? null : ExportedKey.JoinOrigin((fingerprint ?? "").Trim(), (path ?? "").Trim());
        if (!WalletExport.TryReadKey(text, origin, terms.Script, network, out var key, out var fault)) return new CeremonyResult.Faulty(fault);
        // Holders at once all get in: whose save came second looks again and saves again.
        for (var attempt = 1; ; attempt++)
        {
            if (await TryGiveAsync(id, key, device, holder, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"Ceremony {id} kept changing while a key was added to it {Attempts} times.");
        }
    }

    /// <summary>
    /// Takes a key out, one's own or that of a holder who does not confirm; every confirmation is void. <see cref="CeremonyResult.Done"/>, or
    /// <see cref="CeremonyResult.NotLive"/>.
    /// </summary>
    public async Task<CeremonyResult> TakeOutAsync(int id, string fingerprint, CancellationToken cancellation)
    {
        while (true)
        {
            if (await db.Set<Ceremony>().SingleOrDefaultAsync(c => c.Id == id && c.IsLive, cancellation) is not { } ceremony) return new CeremonyResult.NotLive();
            var keys = await db.Set<CeremonyKey>().Where(k => k.CeremonyId == id).ToListAsync(cancellation);
            if (keys.Find(k => k.Fingerprint == fingerprint) is not { } key) return new CeremonyResult.Done();
            db.Remove(key);
            foreach (var other in keys) (other.ConfirmedSha256, other.ConfirmedAt) = (null, null);
            ceremony.Version++;
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved) return new CeremonyResult.Done();
        }
    }

    private async Task<CeremonyResult?> TryGiveAsync(int id, DescriptorKey key, SigningDevice? device, Guid holder, CancellationToken cancellation)
    {
        if (await db.Set<Ceremony>().SingleOrDefaultAsync(c => c.Id == id && c.IsLive, cancellation) is not { } ceremony) return new CeremonyResult.NotLive();
        var given = await db.Set<CeremonyKey>().AsNoTracking().Where(k => k.CeremonyId == id).OrderBy(k => k.Position).ToListAsync(cancellation);
        if (given.Find(k => k.HolderId == holder) is { } own) return own.Key == key.ToString() ? new CeremonyResult.Done() : new CeremonyResult.AlreadyGave(own, key.ToString());
        if (given.Find(k => Read(k).DerivesAs(key)) is { } same)
        {
            if (same.HolderId is not null || same.Key != key.ToString()) return new CeremonyResult.SameKey(same.Fingerprint);
            // A key of a whole descriptor, whose holder comes and shows it.
            db.Attach(same).Entity.HolderId = holder;
            ceremony.Version++;
            return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new CeremonyResult.Done() : null;
        }

        if (given.Find(k => k.Fingerprint == key.Origin.MasterFingerprint.ToString()) is { } beside) return new CeremonyResult.SameDevice(beside.Fingerprint);
        if (given.Count >= ceremony.Size) return new CeremonyResult.Full();

        var place = Enumerable.Range(0, ceremony.Size).First(i => given.TrueForAll(k => k.Position != i));
        db.Add(CeremonyKey.Of(id, place, key, holder, device, time.GetUtcNow()));
        ceremony.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new CeremonyResult.Done() : null;
    }

    private DescriptorKey Read(CeremonyKey key) => Descriptor.Parse($"wsh(sortedmulti(1,{key.Key}))", network).Keys[0];
}
