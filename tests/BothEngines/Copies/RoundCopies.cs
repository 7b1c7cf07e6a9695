using DigitalResistance.Accounts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Copies;

/// <summary>What admins do with rounds, with their keys, and with invitations.</summary>
internal static class RoundCopies
{
    private const string One = "/admin/rounds/{number:int:min(1)}?handler=", Keys = "/admin/keys?handler=", People = "/admin/people?handler=";

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new("/admin/rounds/edit/{number:int:min(1)?}", app => Occasion.FormAsync(app.Alice.Browser, "/en/admin/rounds/edit", "Input.Budget", ("Input.Budget", "200000"))),
        new("/admin/rounds/edit/{number:int:min(1)?}", async app => await ChangedAsync(app, RoundState.Draft), IsSingle: true),
        new("/admin/rounds/edit/{number:int:min(1)?}", async app => await ChangedAsync(app, RoundState.Frozen), IsSingle: true),
        new("/admin/setup?handler=Open", async app =>
        {
            // As on the first day.
            await app.AskAsync(db => db.Set<SiteState>().ExecuteUpdateAsync(set => set.SetProperty(s => s.OpenedAt, (DateTimeOffset?)null)));
            return await Occasion.FormAsync(app.Alice.Browser, "/en/admin/setup", "handler=Open");
        }, IsSingle: true),
        new(One + "Open", app => AtAsync(app, RoundState.Draft, "handler=Open"), IsSingle: true),
        new(One + "Freeze", app => AtAsync(app, RoundState.Open, "handler=Freeze"), IsSingle: true),
        new(One + "Allocate", app => AtAsync(app, RoundState.Frozen, "handler=Allocate"), IsSingle: true),
        new(One + "Withdraw", app => AtAsync(app, RoundState.Allocated, "handler=Withdraw"), IsSingle: true),
        new(One + "Cancel", async app =>
        {
            var round = await app.RoundAsync(RoundState.Open);
            return await FormAsync(app.Alice, round, "handler=Cancel", ("CancelCode", app.Alice.NextCode()), ("Reason", nameof(CancelReason.Mistake))) with
            {
                Act = async a => await a.In((RoundStepBack act) => act.CancelAsync(round.Number, round.Version, CancelReason.Mistake)),
            };
        }, IsSingle: true),
        new(One + "Signature", async app =>
        {
            var round = await app.RoundAsync(RoundState.Allocated);
            return await FormAsync(app.Boris, round, "handler=Signature", ("Signature", app.Key.Sign(round.Manifest!, Manifest.SignatureNamespace)));
        }, IsSingle: true),
        new(One + "SignedIn", async app =>
        {
            var round = await app.RoundAsync(RoundState.Allocated);
            return await FormAsync(app.Boris, round, "handler=SignedIn", ("Code", app.Boris.NextCode())) with
            {
                Act = async a => await a.In((RoundApproval act) => act.ApproveSignedInAsync(round.Number, round.ManifestSha256!, a.Boris.Person.Id)),
            };
        }, IsSingle: true),
        new(One + "SignedIn", async app =>
        {
            // The one that decides: the round is approved, its credits count.
            var round = await app.RoundAsync(RoundState.Allocated);
            Assert.IsType<ApprovalResult.Counted>(await app.In((RoundApproval act) => act.ApproveSignedInAsync(round.Number, round.ManifestSha256!, app.Alice.Person.Id)));
            return await FormAsync(app.Boris, round, "handler=SignedIn", ("Code", app.Boris.NextCode())) with
            {
                Act = async a => await a.In((RoundApproval act) => act.ApproveSignedInAsync(round.Number, round.ManifestSha256!, a.Boris.Person.Id)),
            };
        }, IsSingle: true),
        new(Keys + "Enrol", async app =>
        {
            var (admin, line) = (await app.MemberAsync(Roles.Admin), CopiesApp.Line(TestSshKey.Create("ssh-ed25519")));
            return await Occasion.FormAsync(admin.Browser, "/en/admin/keys", "handler=Enrol", ("PublicKey", line), ("Code", admin.NextCode())) with
            {
                Act = async a => await a.In((AdminKeys act) => act.EnrolAsync(admin.Person.Id, line)),
            };
        }, IsSingle: true),
        new(Keys + "Confirm", async app =>
        {
            var admin = await app.MemberAsync(Roles.Admin);
            Assert.IsType<KeyResult.Waiting>(await app.In((AdminKeys act) => act.EnrolAsync(admin.Person.Id, CopiesApp.Line(TestSshKey.Create("ssh-ed25519")))));
            var motion = await app.AskAsync(db => db.Set<KeyMotion>().Where(m => m.AccountId == admin.Person.Id).Select(m => m.Id).SingleAsync());
            return await Occasion.FormAsync(app.Alice.Browser, "/en/admin/keys", "handler=Confirm", ("Motion", $"{motion}"), ("ConfirmCode", app.Alice.NextCode())) with
            {
                Act = async a => await a.In((AdminKeys act) => act.ConfirmAsync(a.Alice.Person.Id, motion)),
            };
        }, IsSingle: true),
        new(Keys + "Revoke", async app =>
        {
            var admin = await app.MemberAsync(Roles.Admin);
            await app.EnrolAsync(admin, TestSshKey.Create("ssh-ed25519"));
            return await Occasion.FormAsync(admin.Browser, "/en/admin/keys", "handler=Revoke", ("RevokeCode", admin.NextCode())) with
            {
                Act = async a => await a.In((AdminKeys act) => act.RevokeAsync(admin.Person.Id)),
            };
        }, IsSingle: true),
        new(Keys + "RevokeOther", async app =>
        {
            var fingerprint = await app.EnrolAsync(await app.MemberAsync(Roles.Admin), TestSshKey.Create("ssh-ed25519"));
            return await Occasion.FormAsync(app.Alice.Browser, "/en/admin/keys", "handler=RevokeOther", ("OtherKey", fingerprint), ("OtherCode", app.Alice.NextCode())) with
            {
                Act = async a => await a.In((AdminKeys act) => act.ProposeRevocationAsync(a.Alice.Person.Id, fingerprint)),
            };
        }, IsSingle: true),
        new(People + "Invite", app => Occasion.FormAsync(app.Alice.Browser, "/en/admin/people", "handler=Invite")),
        new(People + "Withdraw", async app =>
        {
            await app.In((Invitations act) => act.IssueAsync(Roles.Operator, app.Alice.Person.Id, default));
            var open = await app.AskAsync(db => db.Set<Invitation>().Where(i => i.UsedAt == null && i.Role == Roles.Operator && i.CreatedBy == app.Alice.Person.Id).OrderByDescending(i => i.ExpiresAt).Select(i => i.Id).FirstAsync());
            return await Occasion.FormAsync(app.Alice.Browser, "/en/admin/people", $"id={open}");
        }, IsSingle: true),
        new(People + "Registration", app => Occasion.FormAsync(app.Alice.Browser, "/en/admin/people", "handler=Registration", ("Registration", nameof(Registration.Open))), IsSingle: true),
    ];

    private static async Task<Occasion> AtAsync(CopiesApp app, RoundState state, string mark) => await FormAsync(app.Alice, await app.RoundAsync(state), mark);

    private static Task<Occasion> FormAsync(Member admin, Round round, string mark, params (string Name, string Value)[] values) =>
        Occasion.FormAsync(admin.Browser, $"/en/admin/rounds/{round.Number}", mark, values);

    private static async Task<Occasion> ChangedAsync(CopiesApp app, RoundState state) =>
        await Occasion.FormAsync(app.Alice.Browser, $"/en/admin/rounds/edit/{(await app.RoundAsync(state)).Number}", "Input.Budget", ("Input.Budget", "190000"));
}
