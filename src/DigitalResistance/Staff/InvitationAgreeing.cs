using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Staff;

/// <summary>Admins say yes to an invitation that another one proposed for a role that touches money. The caller has just verified a second factor.</summary>
public sealed class InvitationAgreeing(MoneyDb db, Policy policy, TimeProvider time)
{
    /// <summary>Says yes.</summary>
    public async Task<StaffResult> ConfirmAsync(Guid admin, Guid invitation, CancellationToken cancellation = default)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        await db.TakeTurnAsync(cancellation);
        var now = time.GetUtcNow();
        var admins = await db.HoldersAsync(Roles.Admin, cancellation);
        if (!admins.Contains(admin)) return new StaffResult.NotAnAdmin();
        if (!await db.Set<Invitation>().AnyAsync(i => i.Id == invitation && i.UsedAt == null && i.ExpiresAt > now && i.CreatedBy != null && i.Role != Roles.Operator, cancellation))
            return new StaffResult.Gone();
        await db.AddYesAsync(invitation, admin, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        var (have, needed) = ((await db.YesAsync(invitation, admins, cancellation)).Count, StaffQuorum.Of(policy, admins.Count));
        return have < needed ? new StaffResult.Waiting(have, needed) : new StaffResult.Agreed();
    }
}
