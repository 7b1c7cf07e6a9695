using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Staff;

/// <summary>
/// Takes a role that touches money from somebody. As many admins as approve a round must say yes; the person concerned is not asked and cannot stop it. The caller has just verified a
/// second factor.
/// </summary>
public sealed class RoleRemoving(MoneyDb db, AdminKeys keys, Policy policy, TimeProvider time)
{
    private const int Attempts = 20;

    /// <summary>Proposes it, or says yes to what was proposed already.</summary>
    public Task<StaffResult> ProposeAsync(Guid admin, Guid account, string role, RemovalReason reason, CancellationToken cancellation = default) => TakeTurnAsync(async () =>
    {
        var now = time.GetUtcNow();
        if (await RefusalAsync(admin, account, role, cancellation) is { } refusal) return refusal;
        var waiting = await db.Set<RoleRemoval>().SingleOrDefaultAsync(r => r.AccountId == account && r.Role == role, cancellation);
        if (waiting is not null && waiting.ExpiresAt <= now)
        {
            await db.ForgetYesAsync(waiting.Id, cancellation);
            db.Remove(waiting);
            waiting = null;
            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return null;
        }

        if (waiting is null)
        {
            waiting = new RoleRemoval { AccountId = account, Role = role, Reason = reason, ProposedBy = admin, ExpiresAt = now + RoleRemoval.Lifetime };
            db.Add(waiting);
        }

        return await CountAsync(waiting, admin, cancellation);
    }, cancellation);

    /// <summary>Says yes.</summary>
    public Task<StaffResult> ConfirmAsync(Guid admin, Guid removal, CancellationToken cancellation = default) => TakeTurnAsync(async () =>
    {
        var now = time.GetUtcNow();
        if (await db.Set<RoleRemoval>().SingleOrDefaultAsync(r => r.Id == removal && r.ExpiresAt > now, cancellation) is not { } waiting) return new StaffResult.Gone();
        return await RefusalAsync(admin, waiting.AccountId, waiting.Role, cancellation) ?? await CountAsync(waiting, admin, cancellation);
    }, cancellation);

    /// <summary>Takes back what the same admin proposed.</summary>
    public Task<StaffResult> WithdrawAsync(Guid admin, Guid removal, CancellationToken cancellation = default) => TakeTurnAsync(async () =>
    {
        if (await db.Set<RoleRemoval>().SingleOrDefaultAsync(r => r.Id == removal, cancellation) is not { } waiting) return new StaffResult.Gone();
        if (waiting.ProposedBy != admin) return new StaffResult.NotTheProposer();
        await db.ForgetYesAsync(removal, cancellation);
        db.Remove(waiting);
        return await SavedAsync(new StaffResult.Withdrawn(), cancellation);
    }, cancellation);

    private async Task<StaffResult?> RefusalAsync(Guid admin, Guid account, string role, CancellationToken cancellation)
    {
        var admins = await db.HoldersAsync(Roles.Admin, cancellation);
        if (!admins.Contains(admin)) return new StaffResult.NotAnAdmin();
        if (admin == account) return new StaffResult.OwnAccount();
        if (role is not (Roles.Admin or Roles.Treasurer) || !(await db.HoldersAsync(role, cancellation)).Contains(account)) return new StaffResult.NotHeld();
        // Fewer could approve nothing any more, and could not even invite.
        return role == Roles.Admin && admins.Count - 1 < StaffQuorum.Full(policy) ? new StaffResult.TooFewLeft(StaffQuorum.Full(policy)) : null;
    }

    private async Task<StaffResult?> CountAsync(RoleRemoval removal, Guid admin, CancellationToken cancellation)
    {
        var others = await db.HoldersAsync(Roles.Admin, cancellation);
        others.Remove(removal.AccountId);
        var yes = await db.YesAsync(removal.Id, others, cancellation);
        yes.Add(admin);
        var needed = StaffQuorum.Of(policy, others.Count);
        if (yes.Count < needed)
        {
            await db.AddYesAsync(removal.Id, admin, time.GetUtcNow(), cancellation);
            return await SavedAsync(new StaffResult.Waiting(yes.Count, needed), cancellation);
        }

        await EndAsync(removal.AccountId, removal.Role, yes.Count, cancellation);
        await db.ForgetYesAsync(removal.Id, cancellation);
        db.Entry(removal).State = db.Entry(removal).State == EntityState.Added ? EntityState.Detached : EntityState.Deleted;
        return await SavedAsync(new StaffResult.Agreed(), cancellation);
    }

    /// <summary>
    /// Ends a role at once: sessions, the key that approves, invitations whose codes the person knows, and every yes that waits for others. The caller saves.
    /// </summary>
    internal async Task EndAsync(Guid account, string role, int admins, CancellationToken cancellation)
    {
        var member = await (from held in db.UserRoles join named in db.Roles on held.RoleId equals named.Id where held.UserId == account && named.Name == role select held).SingleAsync(cancellation);
        db.Remove(member);
        var person = await db.Users.SingleAsync(a => a.Id == account, cancellation);
        (person.SecurityStamp, person.ConcurrencyStamp) = (Base32.Random(32), Guid.NewGuid().ToString());
        if (role != Roles.Admin) return;

        // In the same save, as what guards rounds and moves: nothing is approved by this person at the very moment the role ends.
        await keys.TakeAwayAsync(account, admins, cancellation);
        (await RoundBook.ReadAsync(db, cancellation)).Version++;
        if (await db.Set<TreasuryDescriptor>().SingleOrDefaultAsync(d => d.IsCurrent, cancellation) is { } treasury) treasury.Version++;
        db.RemoveRange(await db.Set<KeyMotion>().Where(m => m.AccountId == account && m.Kind == KeyMotionKind.Enrol).ToListAsync(cancellation));
        var invitations = await db.Set<Invitation>().Where(i => i.CreatedBy == account && i.UsedAt == null).ToListAsync(cancellation);
        var subjects = invitations.ConvertAll(i => i.Id);
        db.RemoveRange(invitations);
        db.RemoveRange(await db.Set<StaffVote>().Where(v => v.AdminId == account || subjects.Contains(v.SubjectId)).ToListAsync(cancellation));
    }

    private async Task<StaffResult?> SavedAsync(StaffResult result, CancellationToken cancellation) => await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? result : null;

    /// <summary>A round or a key that somebody else changed at this moment makes it look again.</summary>
    private async Task<StaffResult> TakeTurnAsync(Func<Task<StaffResult?>> act, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var transaction = await db.JoinTransactionAsync(cancellation);
            await db.TakeTurnAsync(cancellation);
            if (await act() is { } result)
            {
                await transaction.CommitAsync(cancellation);
                return result;
            }

            if (attempt == Attempts) throw new InvalidOperationException($"Roles kept changing {Attempts} times.");
        }
    }
}
