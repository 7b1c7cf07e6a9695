using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Tests.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Payouts;

/// <summary>A foreign spend at the pages: everybody of the staff sees it at once, two admins book it.</summary>
public sealed class SpendPageTests
{
    [Fact]
    public async Task Pages_and_health_say_what_to_do_and_two_admins_book_it_once()
    {
        await using var app = new SandboxApp();
        await app.AdoptAsync();
        await app.InScopeAsync(services => services.GetRequiredService<DonationOpening>().OpenAsync(DonationOpening.NewToken(), default));
        await app.PayAsync(0, 1_000_000);
        var (alice, boris, treasurer) = (await StaffAsync(app, Roles.Admin), await StaffAsync(app, Roles.Admin), await StaffAsync(app, Roles.Treasurer));
        Assert.Equal("Healthy", (await alice.Browser.GetAsync("/health/ready")).Html);
        var txid = await SpendAsync(app);
        var path = $"treasury/spends/{txid}";

        Assert.Equal("Degraded", (await alice.Browser.GetAsync("/health/ready")).Html);
        Assert.Contains($"/en/{path}", (await treasurer.Browser.OpenAsync("/en/treasury")).Html, StringComparison.Ordinal);
        Assert.Contains("Её ещё может отменить цепочка", (await alice.Browser.OpenAsync($"/ru/{path}")).Text, StringComparison.Ordinal);
        await MineAsync(app, 6);
        Assert.Contains("Only admins can do it.", (await treasurer.Browser.OpenAsync($"/en/{path}")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await alice.Browser.GetAsync($"/en/treasury/spends/{new string('0', 64)}")).Status);

        var form = await alice.Browser.OpenAsync($"/en/{path}");
        Assert.Contains("0.01000000", form.Text, StringComparison.Ordinal);
        var wrong = await alice.Browser.SendAsync(form, "name=\"Block\"", ("Reason", "Mistake"), ("Code", "000000"));
        Assert.Equal(422, wrong.Status);
        Assert.Contains("The code is wrong or was used already.", wrong.Text, StringComparison.Ordinal);

        form = await alice.Browser.OpenAsync($"/en/{path}");
        var code = NextCode(app, alice);
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => alice.Browser.SendAsync(form, "name=\"Block\"", ("Reason", "Mistake"), ("Code", code)))));
        Assert.All(answers, answer => Assert.Equal((302, $"/en/{path}"), (answer.Status, answer.Location)));
        Assert.Equal(0, await BookingsAsync(app));
        var his = await boris.Browser.OpenAsync($"/ru/{path}");
        Assert.Contains("1 из 2", his.Text, StringComparison.Ordinal);
        Assert.Contains("Записано в книги", (await boris.Browser.SubmitAsync(his, "name=\"Block\"", ("Reason", "Mistake"), ("Code", NextCode(app, boris)))).Text, StringComparison.Ordinal);
        Assert.Equal(1, await BookingsAsync(app));
        Assert.Equal("Healthy", (await alice.Browser.GetAsync("/health/ready")).Html);
        Assert.DoesNotContain(txid, (await treasurer.Browser.OpenAsync("/en/treasury")).Html, StringComparison.Ordinal);
    }

    private static async Task<Member> StaffAsync(SandboxApp app, string role)
    {
        var (person, visitor) = (await app.NewPersonAsync(role), app.NewVisitor());
        await visitor.SignInAsync(person);
        return new Member(visitor, await visitor.SetUpAuthenticatorAsync(app, person));
    }

    private static string NextCode(SandboxApp app, Member member)
    {
        app.Time.Advance(TimeSpan.FromSeconds(31));
        return Totp.Code(member.Secret, Totp.StepOf(app.Time.GetUtcNow()));
    }

    private static async Task<string> SpendAsync(SandboxApp app)
    {
        var txid = await app.InScopeAsync(async services =>
        {
            var final = await PayoutWorld.ForeignAsync(services.GetRequiredService<MoneyDb>());
            Assert.IsType<ChainVerdict.Accepted>(await services.GetRequiredService<SandboxChain>().SendAsync(final, default));
            return final.GetHash().ToString();
        });
        await MineAsync(app, 1);
        return txid;
    }

    private static Task<int> MineAsync(SandboxApp app, int blocks) => app.InScopeAsync(services =>
    {
        services.GetRequiredService<SandboxChain>().Mine(blocks);
        return services.GetRequiredService<ChainPass>().RunAsync(default);
    });

    private static Task<int> BookingsAsync(SandboxApp app) => app.InScopeAsync(services =>
        services.GetRequiredService<MoneyDb>().Set<LedgerEntry>().CountAsync(e => e.Type == "treasury.spent_external"));

    private sealed record Member(Visitor Browser, byte[] Secret);
}
