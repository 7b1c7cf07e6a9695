using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Enrolling and revoking the key an admin approves rounds with. The caller has just verified the admin's second factor. The first key
/// is the admin's own affair; after a revocation a new one must be vouched for by another admin, so that a stolen session cannot
/// quietly swap a key.
/// </summary>
public sealed class AdminKeys(MoneyDb db, TimeProvider time)
{
    /// <summary>Enrols a key from a line of a <c>.pub</c> file; <paramref name="voucher"/> is the other admin where one is needed.</summary>
    public async Task<KeyResult> EnrolAsync(Guid admin, string line, Guid? voucher = null, CancellationToken cancellation = default)
    {
        SshPublicKey key;
        try
        {
            key = SshPublicKey.Parse(line);
        }
        catch (FormatException exception)
        {
            return new KeyResult.Unreadable(exception.Message);
        }

        var admins = await AdminRole.MembersAsync(db, cancellation);
        if (!admins.Contains(admin)) return new KeyResult.NotAnAdmin();
        var own = await db.Set<AdminKey>().Where(k => k.AccountId == admin).ToListAsync(cancellation);
        if (own.Exists(k => k.RevokedAt is null)) return new KeyResult.HasKey();
        if (own.Count > 0 && (voucher is null || voucher == admin || !admins.Contains(voucher.Value))) return new KeyResult.NeedsVoucher();

        var now = time.GetUtcNow();
        db.Add(new AdminKey { AccountId = admin, PublicKey = key.ToString(), Fingerprint = key.Fingerprint, AddedAt = now });
        db.Append(new KeyAdded(key.ToString(), key.Fingerprint), now);
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new KeyResult.Enrolled(key.Fingerprint) : new KeyResult.Taken();
    }

    /// <summary>Revokes an admin's own key; approvals it gave to rounds that are not approved yet stop counting.</summary>
    public async Task<KeyResult> RevokeAsync(Guid admin, CancellationToken cancellation = default)
    {
        // Guarded by the book, so that no round is approved by this key at the very moment it is revoked.
        var book = await RoundBook.ReadAsync(db, cancellation);
        var key = await db.Set<AdminKey>().SingleOrDefaultAsync(k => k.AccountId == admin && k.RevokedAt == null, cancellation);
        if (key is null) return new KeyResult.HasNone();
        var now = time.GetUtcNow();
        key.RevokedAt = now;
        db.Append(new KeyRevoked(key.Fingerprint), now);
        book.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new KeyResult.Revoked(key.Fingerprint) : await RevokeAsync(admin, cancellation);
    }
}

/// <summary>How enrolling or revoking a key can end.</summary>
public abstract record KeyResult
{
    private KeyResult()
    {
    }

    /// <summary>The key approves rounds from now on.</summary>
    public sealed record Enrolled(string Fingerprint) : KeyResult;

    /// <summary>The key approves nothing any more.</summary>
    public sealed record Revoked(string Fingerprint) : KeyResult;

    /// <summary>The line is not a key that can approve.</summary>
    /// <param name="Reason">Why, in English.</param>
    public sealed record Unreadable(string Reason) : KeyResult;

    /// <summary>The account is not an admin's.</summary>
    public sealed record NotAnAdmin : KeyResult;

    /// <summary>The admin has a key already; it must be revoked first.</summary>
    public sealed record HasKey : KeyResult;

    /// <summary>There is no key to revoke.</summary>
    public sealed record HasNone : KeyResult;

    /// <summary>After a revocation another admin has to vouch for the new key.</summary>
    public sealed record NeedsVoucher : KeyResult;

    /// <summary>This key is or was enrolled already.</summary>
    public sealed record Taken : KeyResult;
}
