using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Rounds;

/// <summary>Two admins press at the same moment, and a browser sends a press twice.</summary>
public sealed class AtOnceTests(RoundsApp app) : IClassFixture<RoundsApp>
{
    [Fact]
    public async Task Of_two_admins_who_press_at_once_one_does_it_and_the_other_is_told()
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        for (var repeat = 0; repeat < 3; repeat++)
        {
            var number = await app.OpenRoundAsync(alice.Person.Id);
            var (hers, his) = (await alice.OpenAsync($"/en/admin/rounds/{number}"), await boris.OpenAsync($"/ru/admin/rounds/{number}"));
            var answers = await Task.WhenAll(
                Task.Run(() => alice.Browser.SendAsync(hers, "Make the scores final")), Task.Run(() => boris.Browser.SendAsync(his, "Зафиксировать баллы")));
            Assert.Equal([302, 409], answers.Select(a => a.Status).Order());
            Assert.Contains(answers[0].Status == 409 ? "Nothing was done by you" : "Вами ничего не сделано", answers.Single(a => a.Status == 409).Text, StringComparison.Ordinal);
            Assert.Equal(1, await EntriesAsync(number, "round.frozen"));
        }
    }

    [Fact]
    public async Task Of_two_admins_who_approve_at_once_both_count()
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        var key = Testing.Rounds.TestSshKey.Create("ssh-ed25519");
        await boris.Browser.SubmitAsync(await boris.OpenAsync("/en/admin/keys"), "name=\"PublicKey\"", ("PublicKey", key.PublicLine), ("Code", boris.NextCode()));
        await app.InScopeAsync(async services => await services.GetRequiredService<AdminKeys>().ConfirmAsync(alice.Person.Id, (await services.GetRequiredService<MoneyDb>().Set<KeyMotion>().SingleAsync()).Id));
        var number = await AllocatedAsync(alice);
        var manifest = await alice.Browser.Http.GetStringAsync($"/rounds/{number}/manifest.txt");
        var (hers, his) = (await alice.OpenAsync($"/en/admin/rounds/{number}"), await boris.OpenAsync($"/ru/admin/rounds/{number}"));
        var code = alice.NextCode();
        var answers = await Task.WhenAll(
            Task.Run(() => alice.Browser.SendAsync(hers, "name=\"ManifestSha256\"", ("Code", code))),
            Task.Run(() => boris.Browser.SendAsync(his, "name=\"Signature\"", ("Signature", key.Sign(manifest, Manifest.SignatureNamespace)))));
        Assert.All(answers, a => Assert.Equal(302, a.Status));
        Assert.Equal((2, 1), (await EntriesAsync(number, "approval"), await EntriesAsync(number, "round.approved")));
    }

    [Fact]
    public async Task An_approval_sent_twice_counts_once_and_is_answered_alike()
    {
        using var alice = await app.NewAdminAsync();
        using var boris = await app.NewAdminAsync();
        var number = await AllocatedAsync(alice);
        var (page, code) = (await alice.OpenAsync($"/ru/admin/rounds/{number}"), alice.NextCode());
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => alice.Browser.SendAsync(page, "name=\"ManifestSha256\"", ("Code", code)))));
        Assert.All(answers, a => Assert.Equal((302, $"/ru/admin/rounds/{number}"), (a.Status, a.Location)));
        Assert.Equal((1, 0), (await EntriesAsync(number, "approval"), await EntriesAsync(number, "round.approved")));

        await boris.Browser.SubmitAsync(await boris.OpenAsync($"/en/admin/rounds/{number}"), "name=\"CancelCode\"", ("Reason", "Mistake"), ("CancelCode", boris.NextCode()));
        Assert.Equal(1, await EntriesAsync(number, "round.cancelled"));
    }

    private async Task<int> AllocatedAsync(Admin admin)
    {
        var number = await app.OpenRoundAsync(admin.Person.Id);
        await admin.Browser.SubmitAsync(await admin.OpenAsync($"/en/admin/rounds/{number}"), "Make the scores final");
        var allocated = await admin.Browser.SubmitAsync(await admin.OpenAsync($"/en/admin/rounds/{number}"), "Compute the amounts");
        Assert.Contains("The amounts are computed.", allocated.Text, StringComparison.Ordinal);
        return number;
    }

    private Task<int> EntriesAsync(int round, string type) => app.AskAsync(db => db.Set<LedgerEntry>().CountAsync(e => e.RoundNumber == round && e.Type == type));
}
