using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether the admins there are can approve a round as the policy wants it: with a second factor each, and with keys where it wants signatures.</summary>
internal sealed class ApprovalsCheck(MoneyDb db, Policy policy, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 30;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        var admins = await WithRoleAsync(Roles.Admin, cancellation);
        if (admins.Count == 0) return Finding(SetupState.Missing, texts["Admin.Missing"]);
        var ready = admins.Count(a => a.HasSecondFactor);
        if (ready < policy.ApprovalsNeeded) return Finding(SetupState.Missing, texts["Approvals.Admins", policy.ApprovalsNeeded, ready, admins.Count]);
        var signatures = Math.Max(0, policy.ApprovalsNeeded - policy.MaxSignedInApprovals);
        var ids = admins.Select(a => a.Id).ToList();
        var keys = await db.Set<AdminKey>().CountAsync(k => k.RevokedAt == null && ids.Contains(k.AccountId), cancellation);
        if (keys < signatures) return Finding(SetupState.Missing, texts["Approvals.Keys", signatures, keys]);
        return Finding(SetupState.Ready, texts["Approvals.Ready", policy.ApprovalsNeeded, signatures]);
    }

    private Task<List<Member>> WithRoleAsync(string name, CancellationToken cancellation) =>
        (from member in db.Set<IdentityUserRole<Guid>>()
         join role in db.Set<IdentityRole<Guid>>() on member.RoleId equals role.Id
         join account in db.Users on member.UserId equals account.Id
         where role.Name == name
         select new Member(account.Id, account.TwoFactorEnabled)).ToListAsync(cancellation);

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Approvals.Title"], text);

    private sealed record Member(Guid Id, bool HasSecondFactor);
}
