using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Treasury;

/// <summary>The pages of donors and treasurers, in the whole product, without script.</summary>
public sealed class TreasuryPagesTests
{
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    public async Task A_donation_form_sent_several_times_at_once_opens_one_receipt_with_one_address(string language)
    {
        await using var app = new SandboxApp();
        await app.AdoptAsync();
        using var donor = app.NewVisitor();
        var form = await donor.OpenAsync($"/{language}/donate");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => donor.SendAsync(form, "name=\"Token\""))));
        Assert.All(answers, a => Assert.Equal((302, answers[0].Location), (a.Status, a.Location)));
        Assert.Equal(1, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Donation>().CountAsync()));
        Assert.Equal(200, (await donor.OpenAsync(answers[0].Location!)).Status);
    }

    [Fact]
    public async Task A_treasurer_adopts_a_treasury_and_a_stranger_donates_to_it()
    {
        await using var app = new SandboxApp();
        var donor = app.NewVisitor();
        Assert.Contains("No treasury yet", (await donor.OpenAsync("/en/donate")).Text, StringComparison.Ordinal);

        var person = await app.NewPersonAsync(Roles.Treasurer);
        var treasurer = app.NewVisitor();
        await treasurer.SignInAsync(person);
        await treasurer.SetUpAuthenticatorAsync(app, person);

        var adopt = await treasurer.OpenAsync("/en/treasury/adopt");
        var refused = await treasurer.SendAsync(adopt, "Show its addresses", ("Text", "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc"));
        Assert.Equal(422, refused.Status);
        Assert.DoesNotContain("xprvA1RpRA33", refused.Html, StringComparison.Ordinal);

        var shown = await treasurer.SendAsync(adopt, "Show its addresses", ("Text", TestTreasuries.TwoOfThree));
        Assert.Contains("bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8", shown.Text, StringComparison.Ordinal);
        var treasury = await treasurer.SubmitAsync(shown, "They are the same");
        Assert.Contains(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Sha256, treasury.Text, StringComparison.Ordinal);

        var receipt = await donor.SubmitAsync(await donor.OpenAsync("/ru/donate"), "Дать новый адрес");
        Assert.Contains("bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8", receipt.Text, StringComparison.Ordinal);
        Assert.Equal("image/png", (await donor.Http.GetAsync(receipt.Path + "/qr")).Content.Headers.ContentType?.MediaType);
        Assert.Equal(404, (await donor.GetAsync("/en/d/" + new string('a', 32))).Status);

        await app.InScopeAsync(async services =>
        {
            var chain = services.GetRequiredService<SandboxChain>();
            chain.Pay(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Derive(Branch.Receive, 0).ScriptPubKey, new Sats(250_000));
            chain.Mine(3);
            return await services.GetRequiredService<ChainPass>().RunAsync(default);
        });
        Assert.Contains("В открытой книге", (await donor.OpenAsync(receipt.Path)).Text, StringComparison.Ordinal);
        Assert.Contains("0.00250000", (await treasurer.OpenAsync("/en/treasury")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await treasurer.GetAsync("/en/treasury/rounds/1")).Status);
        Assert.Equal(404, (await treasurer.GetAsync($"/en/treasury/batches/{Guid.NewGuid()}")).Status);
    }
}
