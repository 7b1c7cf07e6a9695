using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Scoring;
using DigitalResistance.Staff;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Enrolling and revoking the keys that admins approve rounds with. The caller has just verified the admin's second factor. As many admins
/// as approve a round must say yes to a key, or to taking away another's; only one's own key is revoked at once and alone, since a lost key
/// cannot wait. So a stolen session can neither bring in a key nor take one out of the way.
/// </summary>
public sealed class AdminKeys(MoneyDb db, Policy policy, TimeProvider time)
{
    private const int Attempts = 20;

    /// <summary>
    /// Proposes an admin's own key from a line of a <c>.pub</c> file, in place of one that still waits: <see cref="KeyResult.Waiting"/> for others, or
    /// <see cref="KeyResult.Enrolled"/> where nobody else is needed.
    /// </summary>
    public Task<KeyResult> EnrolAsync(Guid admin, string line, CancellationToken cancellation = default) => RepeatAsync(async () =>
    {
        if (SshPublicKey.HoldsPrivateKey(line)) return new KeyResult.Private();
        SshPublicKey key;
        try
        {
            key = SshPublicKey.Parse(line);
        }
        catch (FormatException)
        {
            return new KeyResult.Unreadable();
        }

        if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length > 2) return new KeyResult.Commented();
        var admins = await AdminRole.MembersAsync(db, cancellation);
        if (!admins.Contains(admin)) return new KeyResult.NotAnAdmin();
        if (await db.Set<AdminKey>().AnyAsync(k => k.AccountId == admin && k.RevokedAt == null, cancellation)) return new KeyResult.HasKey();
        if (await db.Set<AdminKey>().AnyAsync(k => k.Fingerprint == key.Fingerprint, cancellation)) return new KeyResult.Taken();

        var waiting = await MotionAsync(m => m.AccountId == admin && m.Kind == KeyMotionKind.Enrol, cancellation);
        if (waiting?.PublicKey == key.ToString()) return await CountAsync(waiting, admin, admins, cancellation);
        if (waiting is not null) db.Remove(waiting);
        return await ProposeAsync(KeyMotionKind.Enrol, admin, key.ToString(), key.Fingerprint, admin, admins, cancellation);
    });

    /// <summary>Says yes to what waits: <see cref="KeyResult.Waiting"/>, or with the last yes <see cref="KeyResult.Enrolled"/> or <see cref="KeyResult.Revoked"/>.</summary>
    public Task<KeyResult> ConfirmAsync(Guid admin, Guid motion, CancellationToken cancellation = default) => RepeatAsync(async () =>
    {
        var admins = await AdminRole.MembersAsync(db, cancellation);
        if (!admins.Contains(admin)) return new KeyResult.NotAnAdmin();
        return await MotionAsync(m => m.Id == motion, cancellation) is { } waiting ? await CountAsync(waiting, admin, admins, cancellation) : new KeyResult.Gone();
    });

    /// <summary>Proposes to revoke a key that is not one's own.</summary>
    public Task<KeyResult> ProposeRevocationAsync(Guid admin, string fingerprint, CancellationToken cancellation = default) => RepeatAsync(async () =>
    {
        var admins = await AdminRole.MembersAsync(db, cancellation);
        if (!admins.Contains(admin)) return new KeyResult.NotAnAdmin();
        if (await db.Set<AdminKey>().AsNoTracking().SingleOrDefaultAsync(k => k.Fingerprint == fingerprint && k.RevokedAt == null, cancellation) is not { } key) return new KeyResult.HasNone();
        var waiting = await MotionAsync(m => m.AccountId == key.AccountId && m.Kind == KeyMotionKind.Revoke, cancellation);
        return waiting is not null
            ? await CountAsync(waiting, admin, admins, cancellation)
            : await ProposeAsync(KeyMotionKind.Revoke, key.AccountId, key.PublicKey, key.Fingerprint, admin, admins, cancellation);
    });

    /// <summary>Revokes an admin's own key; approvals it gave to rounds that are not approved yet stop counting.</summary>
    public Task<KeyResult> RevokeAsync(Guid admin, CancellationToken cancellation = default) => RepeatAsync(async () =>
        await TakeAwayAsync(admin, 1, cancellation) is { } fingerprint ? await SavedAsync(new KeyResult.Revoked(fingerprint), cancellation) : new KeyResult.HasNone());

    /// <summary>What waits, as an admin sees it, the oldest first.</summary>
    public async Task<IReadOnlyList<KeyMotionView>> WaitingAsync(Guid admin, CancellationToken cancellation = default)
    {
        var admins = await AdminRole.MembersAsync(db, cancellation);
        var views = new List<KeyMotionView>();
        foreach (var motion in await db.Set<KeyMotion>().AsNoTracking().Include(m => m.Votes).OrderBy(m => m.ProposedAt).ToListAsync(cancellation))
        {
            var votes = motion.Votes.FindAll(v => admins.Contains(v.AdminId));
            views.Add(new(motion.Id, motion.Kind, motion.Fingerprint, votes.Count, await NeededAsync(motion, admins, cancellation), votes.Exists(v => v.AdminId == admin), motion.AccountId == admin));
        }

        return views;
    }

    private Task<KeyMotion?> MotionAsync(System.Linq.Expressions.Expression<Func<KeyMotion, bool>> which, CancellationToken cancellation) =>
        db.Set<KeyMotion>().Include(m => m.Votes).SingleOrDefaultAsync(which, cancellation);

    private Task<KeyResult?> ProposeAsync(KeyMotionKind kind, Guid owner, string publicKey, string fingerprint, Guid admin, HashSet<Guid> admins, CancellationToken cancellation) =>
        CountAsync(new KeyMotion { Kind = kind, AccountId = owner, PublicKey = publicKey, Fingerprint = fingerprint, ProposedAt = time.GetUtcNow() }, admin, admins, cancellation);

    private async Task<KeyResult?> CountAsync(KeyMotion motion, Guid admin, HashSet<Guid> admins, CancellationToken cancellation)
    {
        var (now, isNew) = (time.GetUtcNow(), db.Entry(motion).State == EntityState.Detached);
        var (have, needed) = (motion.Votes.Count(v => v.AdminId != admin && admins.Contains(v.AdminId)) + 1, await NeededAsync(motion, admins, cancellation));
        // Said again by who said it: nothing changes, whatever was pressed how often.
        if (!isNew && have < needed && motion.Votes.Exists(v => v.AdminId == admin)) return new KeyResult.Waiting(have, needed);
        motion.Version++;
        if (have < needed)
        {
            if (isNew) db.Add(motion);
            if (!motion.Votes.Exists(v => v.AdminId == admin)) db.Add(new KeyMotionVote { MotionId = motion.Id, AdminId = admin, At = now });
            return await SavedAsync(new KeyResult.Waiting(have, needed), cancellation);
        }

        if (!isNew) db.Remove(motion);
        if (motion.Kind == KeyMotionKind.Revoke)
            return await SavedAsync(await TakeAwayAsync(motion.AccountId, have, cancellation) is { } revoked ? new KeyResult.Revoked(revoked) : new KeyResult.HasNone(), cancellation);

        // What held when it was proposed may have changed since.
        if (!admins.Contains(motion.AccountId)) return await SavedAsync(new KeyResult.NotAnAdmin(), cancellation);
        if (await db.Set<AdminKey>().AnyAsync(k => k.Fingerprint == motion.Fingerprint, cancellation)) return await SavedAsync(new KeyResult.Taken(), cancellation);
        db.Add(new AdminKey { AccountId = motion.AccountId, PublicKey = motion.PublicKey, Fingerprint = motion.Fingerprint, AddedAt = now });
        db.Append(new KeyAdded(motion.PublicKey, motion.Fingerprint, have), now);
        return await SavedAsync(new KeyResult.Enrolled(motion.Fingerprint), cancellation);
    }

    /// <summary>As many as approve a round, or all there are where these are fewer; never one alone where there is another, nor for a key in the place of another or a revocation.</summary>
    private async Task<int> NeededAsync(KeyMotion motion, HashSet<Guid> admins, CancellationToken cancellation)
    {
        var never = motion.Kind == KeyMotionKind.Revoke || await db.Set<AdminKey>().AnyAsync(k => k.AccountId == motion.AccountId, cancellation);
        return Math.Max(StaffQuorum.Of(policy, admins.Count), never ? 2 : 1);
    }

    /// <summary>Takes an admin's key away; null where there is none. The caller saves.</summary>
    internal async Task<string?> TakeAwayAsync(Guid owner, int admins, CancellationToken cancellation)
    {
        // Guarded by the book, so that no round is approved by this key at the very moment it is revoked.
        var book = await RoundBook.ReadAsync(db, cancellation);
        var key = await db.Set<AdminKey>().SingleOrDefaultAsync(k => k.AccountId == owner && k.RevokedAt == null, cancellation);
        if (key is null) return null;
        if (await MotionAsync(m => m.AccountId == owner && m.Kind == KeyMotionKind.Revoke, cancellation) is { } waiting) db.Remove(waiting);
        key.RevokedAt = time.GetUtcNow();
        db.Append(new KeyRevoked(key.Fingerprint, admins), key.RevokedAt.Value);
        book.Version++;
        return key.Fingerprint;
    }

    private async Task<KeyResult?> SavedAsync(KeyResult result, CancellationToken cancellation) => await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? result : null;

    /// <summary>Whose save came second looks again at what the first one left.</summary>
    private static async Task<KeyResult> RepeatAsync(Func<Task<KeyResult?>> act)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await act() is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"The admins' keys kept changing {Attempts} times.");
        }
    }
}

/// <summary>A key that waits, as an admin sees it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Kind">What is to be done.</param>
/// <param name="Fingerprint">The key.</param>
/// <param name="Have">Admins who said yes.</param>
/// <param name="Needed">How many must.</param>
/// <param name="IsConfirmed">Whether the reader said yes.</param>
/// <param name="IsOwn">Whether it is the reader's key.</param>
public sealed record KeyMotionView(Guid Id, KeyMotionKind Kind, string Fingerprint, int Have, int Needed, bool IsConfirmed, bool IsOwn);
