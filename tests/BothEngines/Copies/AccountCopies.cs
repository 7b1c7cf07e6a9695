using DigitalResistance.Accounts;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Tests;
using DigitalResistance.Tests.Web;

namespace DigitalResistance.Testing.Copies;

/// <summary>What people do with their accounts and their payout address.</summary>
internal static class AccountCopies
{
    private const string Phrase = "nineteen copies too many";

    private static int _addresses = 1_000;

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        new("/account/new/{code?}", app => Occasion.FormAsync(app.NewVisitor(), "/en/account/new", "Input.Password", ("Input.Password", Phrase), ("Input.Again", Phrase))),
        new("/account/new/{code?}", async app =>
        {
            var code = await app.InviteAsync(Roles.Treasurer);
            return await Occasion.FormAsync(app.NewVisitor(), $"/en/account/new/{code}", "Input.Password", ("Input.Password", Phrase), ("Input.Again", Phrase));
        }, IsSingle: true),
        new("/account/invitation", async app =>
        {
            var (somebody, code) = (await app.MemberAsync(Roles.Operator, hasCodes: false), await app.InviteAsync(Roles.Treasurer));
            return await Occasion.FormAsync(somebody.Browser, "/en/account/invitation", "Input.Code", ("Input.Code", code));
        }, IsSingle: true),
        new("/account/sign-in/code", async app =>
        {
            var (somebody, browser) = (await app.MemberAsync(Roles.Operator), app.NewVisitor());
            await browser.SignInAsync(somebody.Person);
            return await Occasion.FormAsync(browser, "/en/account/sign-in/code", "Input.Code", ("Input.Code", somebody.NextCode()));
        }),
        new("/account/new-codes", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            return await Occasion.FormAsync(somebody.Browser, "/en/account/new-codes", "Input.Password", ("Input.Password", somebody.Person.Password));
        }),
        new("/account/password", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            return await Occasion.FormAsync(somebody.Browser, "/en/account/password", "Input.Old", ("Input.Old", somebody.Person.Password), ("Input.Password", Phrase), ("Input.Again", Phrase));
        }),
        new("/account/recover", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            return await Occasion.FormAsync(app.NewVisitor(), "/en/account/recover", "Input.RecoveryCode", ("Input.AccountId", somebody.Person.AccountId),
                ("Input.RecoveryCode", somebody.Person.RecoveryCodes[0]), ("Input.Password", Phrase), ("Input.Again", Phrase));
        }, IsSingle: true),
        new("/account?handler=Everywhere", async app => await Occasion.FormAsync((await app.MemberAsync(Roles.Operator, hasCodes: false)).Browser, "/en/account", "handler=Everywhere")),
        new("/account/authenticator", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            var page = await somebody.Browser.OpenAsync("/en/account/authenticator");
            var code = Totp.Code(Authenticators.SecretOf(page), Totp.StepOf(app.Time.GetUtcNow()));
            return Of(somebody.Browser, page, null, ("Input.NewCode", code), ("Input.Password", somebody.Person.Password));
        }),
        new("/account/authenticator?handler=Off", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator);
            return Of(somebody.Browser, await somebody.Browser.OpenAsync("/en/account/authenticator"), "Off", ("Input.OldCode", somebody.NextCode()), ("Input.Password", somebody.Person.Password));
        }),
        new("/my/payout", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            return await Occasion.FormAsync(somebody.Browser, "/en/my/payout", "name=\"Address\"", ("Address", NextAddress()));
        }, IsSingle: true),
        new("/my/payout?handler=Confirm", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            Assert.IsType<PayoutAddressResult.Set>(await app.In((PayoutAddressChange act) => act.SetAsync(somebody.Person.Id, NextAddress())));
            return await Occasion.FormAsync(somebody.Browser, "/en/my/payout", "handler=Confirm");
        }),
        new("/my/payout?handler=TakeBack", async app =>
        {
            var somebody = await app.MemberAsync(Roles.Operator, hasCodes: false);
            for (var i = 0; i < 2; i++) Assert.IsType<PayoutAddressResult.Set>(await app.In((PayoutAddressChange act) => act.SetAsync(somebody.Person.Id, NextAddress())));
            return await Occasion.FormAsync(somebody.Browser, "/en/my/payout", "handler=TakeBack");
        }, IsSingle: true),
    ];

    // Nobody else's: two accounts cannot be paid at one.
    private static string NextAddress() => PayoutWorld.Address(Interlocked.Increment(ref _addresses));

    // One of its buttons names another handler than the form does.
    private static Occasion Of(Visitor browser, Page page, string? handler, params (string Name, string Value)[] values) => new(browser, key =>
    {
        var request = Visitor.Request(page, "Input.Pending", key is null ? values : [.. values, ("_key", key)]);
        if (handler is not null) request.RequestUri = new Uri($"/en/account/authenticator?handler={handler}", UriKind.Relative);
        return request;
    });
}
