using DigitalResistance.Accounts;
using DigitalResistance.Returns;
using DigitalResistance.Tests;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Copies;

/// <summary>The slow way back, from its beginning to its end.</summary>
internal static class ReturnCopies
{
    private const string Phrase = "nineteen copies too many", Returns = "/admin/returns?handler=";

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new("/account/return/{code?}", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            return await Occasion.FormAsync(app.NewVisitor(), "/en/account/return", "name=\"AccountId\"", ("AccountId", somebody.Person.AccountId));
        }),
        new("/account/return/{code?}?handler=Finish", async app =>
        {
            var (_, asked) = await AskedAsync(app);
            var id = await IdAsync(app, asked);
            foreach (var admin in new[] { app.Alice, app.Boris }) await app.In((ReturnDeciding act) => act.AgreeAsync(admin.Person.Id, id));
            // The days pass for this one alone: everybody else's sessions live on.
            DateTimeOffset? then = app.Time.GetUtcNow().AddDays(-15);
            await app.AskAsync(db => db.Set<AccountReturn>().Where(r => r.Id == id).ExecuteUpdateAsync(set => set.SetProperty(r => r.AgreedAt, then)));
            var browser = app.NewVisitor();
            var page = await browser.OpenAsync("/en/account/return/" + asked.Code);
            var code = Totp.Code(Authenticators.SecretOf(page), Totp.StepOf(app.Time.GetUtcNow()));
            return new Occasion(browser, key =>
            {
                (string, string)[] values = [("Input.OneTimeCode", code), ("Input.Password", Phrase), ("Input.Again", Phrase)];
                return Visitor.Request(page, "Input.Pending", key is null ? values : [.. values, ("_key", key)]);
            });
        }, IsSingle: true),
        new("/account?handler=StopReturn", async app =>
        {
            var (somebody, _) = await AskedAsync(app);
            return await Occasion.FormAsync(somebody.Browser, "/en/account", "handler=StopReturn");
        }, IsSingle: true),
        new(Returns + "Agree", async app =>
        {
            var id = await IdAsync(app, (await AskedAsync(app)).Asked);
            return await Occasion.FormAsync(app.Alice.Browser, "/en/admin/returns", "handler=Agree", ("Which", $"{id}"), ("Code", app.Alice.NextCode())) with
            {
                Act = async a => await a.In((ReturnDeciding act) => act.AgreeAsync(a.Alice.Person.Id, id)),
            };
        }, IsSingle: true),
        new(Returns + "Refuse", async app => await Occasion.FormAsync(app.Alice.Browser, "/en/admin/returns", $"id={await IdAsync(app, (await AskedAsync(app)).Asked)}"), IsSingle: true),
    ];

    private static async Task<(Member Somebody, AskedReturn Asked)> AskedAsync(CopiesApp app)
    {
        var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
        return (somebody, (await app.In((ReturnAsking act) => act.AskAsync(somebody.Person.AccountId))).Asked!);
    }

    private static Task<Guid> IdAsync(CopiesApp app, AskedReturn asked) => app.AskAsync(db => db.Set<AccountReturn>().Where(r => r.Reference == asked.Reference).Select(r => r.Id).SingleAsync());
}
