using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Payouts;

/// <summary>The rehearsal at its pages: from the address of the deposit to a key that had not signed.</summary>
public sealed class RehearsalPageTests
{
    [Fact]
    public async Task Treasurers_rehearse_at_the_pages_and_the_check_of_the_set_up_turns_green()
    {
        await using var app = new SandboxApp();
        var treasurer = await StaffAsync(app, Roles.Treasurer);
        var admin = await StaffAsync(app, Roles.Admin);
        Assert.Contains("No treasury yet", (await treasurer.OpenAsync("/en/treasury/rehearsal")).Text, StringComparison.Ordinal);
        Assert.Equal(SetupState.Missing, await CheckAsync(app));
        await app.AdoptAsync();
        Assert.Equal(SetupState.Missing, await CheckAsync(app));

        var page = await treasurer.SubmitAsync(await treasurer.OpenAsync("/ru/treasury/rehearsal"), "Дать адрес");
        Assert.Contains("2 из 3 ключей должны подписать", page.Text, StringComparison.Ordinal);
        var address = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Address(Branch.Receive, 0);
        Assert.Contains(address, page.Text, StringComparison.Ordinal);
        var seen = await admin.OpenAsync("/en/treasury/rehearsal");
        Assert.Contains(address, seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("handler=", seen.Html, StringComparison.Ordinal);

        await app.PayAsync(0, 60_000);
        page = await treasurer.SubmitAsync(await treasurer.OpenAsync("/en/treasury/rehearsal"), "Prepare a rehearsal");
        Assert.Contains("The rehearsal is in the ledger.", page.Text, StringComparison.Ordinal);
        Assert.Contains("It is being published", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing can be built now", page.Text, StringComparison.Ordinal);
        await app.SealAsync();
        page = await treasurer.OpenAsync("/en/treasury/rehearsal");
        Assert.Equal(400, (await treasurer.SendAsync(page, "name=\"Number\"", ("Number", "7"))).Status);
        page = await treasurer.SubmitAsync(page, "name=\"Number\"");
        Assert.Contains("The transaction is built.", page.Text, StringComparison.Ordinal);
        await app.SealAsync();

        var batch = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Batch>().Select(b => b.Id).SingleAsync());
        var psbt = Assert.IsType<ExportResult.Ready>(await app.InScopeAsync(services => services.GetRequiredService<BatchExport>().DownloadAsync(batch, default))).Psbt;
        foreach (var (language, sentence) in new[] { ("en", "Expected are signatures of 4ba43603 (m/48h/1h/0h/2h), 56c4fac3"), ("ru", "Ожидаются подписи 4ba43603 (m/48h/1h/0h/2h), 56c4fac3") })
        {
            var room = await treasurer.OpenAsync($"/{language}/treasury/batches/{batch}");
            var refused = await treasurer.SendAsync(room, "name=\"Pasted\"", ("Pasted", Convert.ToBase64String(psbt)));
            Assert.Equal(422, refused.Status);
            Assert.Contains(sentence, refused.Text, StringComparison.Ordinal);
        }

        foreach (var signer in new[] { 0, 1 })
            await treasurer.SubmitAsync(await treasurer.OpenAsync($"/en/treasury/batches/{batch}"), "name=\"Pasted\"", ("Pasted", Convert.ToBase64String(PayoutWorld.Sign(psbt, signer))));
        page = await treasurer.OpenAsync("/en/treasury/rehearsal");
        Assert.Contains("counts after 3 confirmations", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("To the signing room", page.Text, StringComparison.Ordinal);
        await TurnAsync(app);
        page = await treasurer.OpenAsync("/en/treasury/rehearsal");
        Assert.Contains("The treasury has been rehearsed", page.Text, StringComparison.Ordinal);
        Assert.Contains("Next: 56c4fac3, 4ba43603.", page.Text, StringComparison.Ordinal);
        Assert.Equal(SetupState.Ready, await CheckAsync(app));
        Assert.Contains("Not seen to sign yet: 56c4fac3.", page.Text, StringComparison.Ordinal);

        page = await treasurer.SubmitAsync(page, "Prepare a rehearsal");
        page = await treasurer.SubmitAsync(page, "Give this rehearsal up");
        Assert.Contains("The rehearsal was given up.", page.Text, StringComparison.Ordinal);
        using var anybody = app.NewVisitor();
        Assert.Contains("Treasury rehearsed", (await anybody.OpenAsync("/en/ledger?kind=treasury.rehearsed")).Text, StringComparison.Ordinal);
        Assert.NotEqual(200, (await anybody.GetAsync("/en/treasury/rehearsal")).Status);
    }

    [Fact]
    public async Task A_deposit_is_told_how_deep_it_must_lie_and_one_that_cannot_bear_its_fee_asks_for_more_at_the_same_address()
    {
        await using var app = new SandboxApp();
        var treasurer = await StaffAsync(app, Roles.Treasurer);
        await app.AdoptAsync();
        var page = await treasurer.SubmitAsync(await treasurer.OpenAsync("/en/treasury/rehearsal"), "Give an address");
        Assert.Contains("A deposit is shown here with its first block and counts after 3 confirmations", page.Text, StringComparison.Ordinal);
        var address = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Address(Branch.Receive, 0);
        await app.PayAsync(0, 5_000, blocks: 1);
        page = await treasurer.OpenAsync("/en/treasury/rehearsal");
        Assert.Contains("5 000 sat has come", page.Text.Replace('\u202f', ' '), StringComparison.Ordinal);
        Assert.Contains("That is less than was asked for", page.Text, StringComparison.Ordinal);
        Assert.Contains(address, page.Text, StringComparison.Ordinal);

        // Deep enough now, and less than its fee is worth: what is missing is asked for before anything is announced.
        await app.MineAsync(2);
        page = await treasurer.OpenAsync("/en/treasury/rehearsal");
        Assert.Contains("Pay more to the same address", page.Text, StringComparison.Ordinal);
        Assert.Contains(address, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Prepare a rehearsal", page.Text, StringComparison.Ordinal);
        // Who has paid enough is not asked once more.
        await app.PayAsync(0, 60_000, blocks: 1);
        page = await treasurer.OpenAsync("/en/treasury/rehearsal");
        Assert.Contains("60 000 sat has come", page.Text.Replace('\u202f', ' '), StringComparison.Ordinal);
        Assert.DoesNotContain(address, page.Text, StringComparison.Ordinal);
        await app.MineAsync(2);
        page = await treasurer.SubmitAsync(await treasurer.OpenAsync("/en/treasury/rehearsal"), "Prepare a rehearsal");
        Assert.Contains("The rehearsal is in the ledger.", page.Text, StringComparison.Ordinal);
    }

    private static async Task TurnAsync(SandboxApp app)
    {
        for (var turn = 0; turn < 4; turn++)
        {
            await app.InScopeAsync(async services =>
            {
                await services.GetRequiredService<PayoutPass>().RunAsync(default);
                services.GetRequiredService<SandboxChain>().Mine(3);
                return await services.GetRequiredService<ChainPass>().RunAsync(default);
            });
        }

        await app.SealAsync();
    }

    private static Task<SetupState> CheckAsync(SandboxApp app) => app.InScopeAsync(async services =>
        (await services.GetServices<ISetupCheck>().Single(c => c.GetType().Name == "RehearsalCheck").LookAsync(default)).State);

    private static async Task<Visitor> StaffAsync(SandboxApp app, string role)
    {
        var (person, visitor) = (await app.NewPersonAsync(role), app.NewVisitor());
        await visitor.SignInAsync(person);
        await visitor.SetUpAuthenticatorAsync(app, person);
        return visitor;
    }
}
