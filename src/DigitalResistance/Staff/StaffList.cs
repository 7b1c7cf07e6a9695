using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Staff;

/// <summary>
/// Admins and treasurers as admins see each other: a short tag that is made from the account under a key outside the database and leads nowhere, the role, and the day it was
/// taken up. Never what somebody signs in with.
/// </summary>
public sealed class StaffList(MoneyDb db, KeyedTags tags, Policy policy, TimeProvider time)
{
    /// <summary>All of them, admins first, the longest-serving first.</summary>
    public async Task<IReadOnlyList<StaffMember>> AllAsync(Guid reader, CancellationToken cancellation)
    {
        var held = await (from member in db.UserRoles
                          join role in db.Roles on member.RoleId equals role.Id
                          join account in db.Users on member.UserId equals account.Id
                          where role.Name != Roles.Operator
                          select new { member.UserId, Role = role.Name!, account.CreatedAt }).ToListAsync(cancellation);
        var taken = await db.Set<Invitation>().AsNoTracking().Where(i => i.UsedAt != null && i.Role != Roles.Operator).Select(i => new { i.UsedBy, i.Role, i.UsedAt }).ToListAsync(cancellation);
        return
        [
            .. held.Select(h => new StaffMember(
                    h.UserId, TagOf(h.UserId), h.Role, Day(taken.Where(t => t.UsedBy == h.UserId && t.Role == h.Role).Max(t => t.UsedAt) ?? h.CreatedAt), h.UserId == reader))
                .OrderBy(m => m.Role, StringComparer.Ordinal).ThenBy(m => m.Since).ThenBy(m => m.Tag, StringComparer.Ordinal),
        ];
    }

    /// <summary>How many admins there are, and how many must agree.</summary>
    public async Task<StaffNumbers> NumbersAsync(CancellationToken cancellation)
    {
        var (admins, treasurers) = (await db.HoldersAsync(Roles.Admin, cancellation), await db.HoldersAsync(Roles.Treasurer, cancellation));
        return new(admins.Count, treasurers.Count, policy.ApprovalsNeeded, StaffQuorum.Of(policy, admins.Count), StaffQuorum.Full(policy));
    }

    /// <summary>Roles that are to end, the oldest first.</summary>
    public async Task<IReadOnlyList<RemovalView>> RemovalsAsync(Guid reader, CancellationToken cancellation)
    {
        var (now, admins, views) = (time.GetUtcNow(), await db.HoldersAsync(Roles.Admin, cancellation), new List<RemovalView>());
        foreach (var removal in await db.Set<RoleRemoval>().AsNoTracking().Where(r => r.ExpiresAt > now).OrderBy(r => r.Id).ToListAsync(cancellation))
        {
            var others = admins.Where(a => a != removal.AccountId).ToHashSet();
            var yes = await db.YesAsync(removal.Id, others, cancellation);
            views.Add(new(
                removal.Id, TagOf(removal.AccountId), removal.Role, removal.Reason, removal.ExpiresAt, yes.Count, StaffQuorum.Of(policy, others.Count), yes.Contains(reader),
                removal.ProposedBy == reader, removal.AccountId == reader));
        }

        return views;
    }

    /// <summary>Invitations that can still be used or agreed to, the oldest first. Those for the very first admin are nobody's to see.</summary>
    public async Task<IReadOnlyList<InvitationView>> InvitationsAsync(Guid reader, CancellationToken cancellation)
    {
        var (now, admins, views) = (time.GetUtcNow(), await db.HoldersAsync(Roles.Admin, cancellation), new List<InvitationView>());
        foreach (var open in await db.Set<Invitation>().AsNoTracking().Where(i => i.UsedAt == null && i.ExpiresAt > now && (i.CreatedBy != null || i.Purpose != null)).OrderBy(i => i.ExpiresAt).ToListAsync(cancellation))
        {
            var needed = Invitations.NeedsYes(open) ? StaffQuorum.Of(policy, admins.Count) : 0;
            var yes = await db.YesAsync(open.Id, admins, cancellation);
            views.Add(new(open.Id, open.Role, open.Purpose, open.ExpiresAt, yes.Count, needed, yes.Contains(reader), open.CreatedBy is null));
        }

        return views;
    }

    private static DateTimeOffset Day(DateTimeOffset at) => new(at.UtcDateTime.Date, TimeSpan.Zero);

    private string TagOf(Guid account) => Base32.Tag(tags.Tag("staff", account.ToByteArray(bigEndian: true)));
}

/// <summary>An admin or a treasurer.</summary>
/// <param name="AccountId">Whose account; not shown.</param>
/// <param name="Tag">What is shown.</param>
/// <param name="Role">Which role.</param>
/// <param name="Since">The day it was taken up.</param>
/// <param name="IsReader">Whether the reader is meant.</param>
public sealed record StaffMember(Guid AccountId, string Tag, string Role, DateTimeOffset Since, bool IsReader);

/// <summary>How many there are.</summary>
/// <param name="Admins">Admins.</param>
/// <param name="Treasurers">Treasurers.</param>
/// <param name="ToApprove">How many approve a round, by the policy.</param>
/// <param name="ToAgree">How many must agree to a role now.</param>
/// <param name="Enough">How many admins there must be for all that is n of m.</param>
public sealed record StaffNumbers(int Admins, int Treasurers, int ToApprove, int ToAgree, int Enough);

/// <summary>A role that is to end.</summary>
public sealed record RemovalView(Guid Id, string Tag, string Role, RemovalReason Reason, DateTimeOffset ExpiresAt, int Have, int Needed, bool IsConfirmed, bool IsOwn, bool IsConcerned);

/// <summary>An invitation that was not used yet; nothing is needed where <paramref name="Needed"/> is 0.</summary>
public sealed record InvitationView(Guid Id, string Role, InvitationPurpose? Purpose, DateTimeOffset ExpiresAt, int Have, int Needed, bool IsConfirmed, bool IsOfConsole)
{
    /// <summary>Whether its code works.</summary>
    public bool IsAgreed => Have >= Needed;
}
