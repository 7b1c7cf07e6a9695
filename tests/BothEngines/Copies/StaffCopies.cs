using DigitalResistance.Accounts;
using DigitalResistance.Staff;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Copies;

/// <summary>What admins agree about each other.</summary>
internal static class StaffCopies
{
    private const string People = "/admin/people?handler=", Remove = "/admin/people/remove?handler=";

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new(People + "Propose", app => Occasion.FormAsync(app.Alice.Browser, "/en/admin/people", "handler=Propose", ("Role", Roles.Treasurer), ("Code", app.Alice.NextCode()))),
        new(People + "Confirm", async app =>
        {
            await app.In((Invitations act) => act.IssueAsync(Roles.Admin, app.Alice.Person.Id, default, InvitationPurpose.Growth));
            var open = await app.AskAsync(db => db.Set<Invitation>().Where(i => i.UsedAt == null && i.Purpose == InvitationPurpose.Growth).OrderByDescending(i => i.ExpiresAt).Select(i => i.Id).FirstAsync());
            return await Occasion.FormAsync(app.Boris.Browser, "/en/admin/people", "handler=Confirm", ("Waiting", $"{open}"), ("ConfirmCode", app.Boris.NextCode())) with
            {
                Act = async a => await a.In((InvitationAgreeing act) => act.ConfirmAsync(a.Boris.Person.Id, open)),
            };
        }, IsSingle: true),
        new(Remove + "Propose", async app =>
        {
            var treasurer = await app.MemberAsync(Roles.Treasurer, hasCodes: false);
            return await Occasion.FormAsync(app.Alice.Browser, "/en/admin/people/remove", "handler=Propose", ("Whose", $"{await TagAsync(app, treasurer.Person.Id)} {Roles.Treasurer}"), ("Reason", nameof(RemovalReason.Lost)), ("Code", app.Alice.NextCode())) with
            {
                Act = async a => await a.In((RoleRemoving act) => act.ProposeAsync(a.Alice.Person.Id, treasurer.Person.Id, Roles.Treasurer, RemovalReason.Lost)),
            };
        }, IsSingle: true),
        new(Remove + "Confirm", async app =>
        {
            var removal = await ProposedAsync(app);
            return await Occasion.FormAsync(app.Boris.Browser, "/en/admin/people/remove", "handler=Confirm", ("Removal", $"{removal}"), ("ConfirmCode", app.Boris.NextCode())) with
            {
                Act = async a => await a.In((RoleRemoving act) => act.ConfirmAsync(a.Boris.Person.Id, removal)),
            };
        }, IsSingle: true),
        new(Remove + "Withdraw", async app =>
        {
            var removal = await ProposedAsync(app);
            return await Occasion.FormAsync(app.Alice.Browser, "/en/admin/people/remove", $"id={removal}") with
            {
                Act = async a => await a.In((RoleRemoving act) => act.WithdrawAsync(a.Alice.Person.Id, removal)),
            };
        }, IsSingle: true),
    ];

    private static async Task<Guid> ProposedAsync(CopiesApp app)
    {
        var treasurer = await app.MemberAsync(Roles.Treasurer, hasCodes: false);
        Assert.IsType<StaffResult.Waiting>(await app.In((RoleRemoving act) => act.ProposeAsync(app.Alice.Person.Id, treasurer.Person.Id, Roles.Treasurer, RemovalReason.Leaves)));
        return await app.AskAsync(db => db.Set<RoleRemoval>().Where(r => r.AccountId == treasurer.Person.Id).Select(r => r.Id).SingleAsync());
    }

    private static async Task<string> TagAsync(CopiesApp app, Guid account) => (await app.In((StaffList list) => list.AllAsync(account, default))).Single(m => m.IsReader).Tag;
}
