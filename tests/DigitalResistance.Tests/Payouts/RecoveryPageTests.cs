using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Tests.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Payouts;

/// <summary>The pages of a treasury whose database forgot a payment, and of its signing devices.</summary>
public sealed class RecoveryPageTests
{
    [Fact]
    public async Task A_forgotten_payment_locks_the_pages_and_comes_back_by_a_kept_copy()
    {
        await using var app = new SandboxApp();
        await app.AdoptAsync();
        await app.InScopeAsync(services => services.GetRequiredService<DonationOpening>().OpenAsync(DonationOpening.NewToken(), default));
        await app.PayAsync(0, 1_000_000);
        await app.InScopeAsync(async services => await PayoutWorld.ApproveAsync(
            services.GetRequiredService<MoneyDb>(), (await services.GetRequiredService<ITreasuryFacts>().ReadAsync(default))!, app.Time.GetUtcNow(), 1, 100_000, 50, PayoutWorld.Address, 400_000));
        await app.SealAsync();
        Assert.IsType<BuildResult.Built>(await app.InScopeAsync(services => services.GetRequiredService<BatchBuilding>().BuildAsync(1, 6, PayoutWorld.Treasurer, default)));
        await app.SealAsync();
        var version = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<BatchTransaction>().AsNoTracking().SingleAsync());
        using var treasurer = app.NewVisitor();
        var person = await app.NewPersonAsync(Roles.Treasurer);
        await treasurer.SignInAsync(person);
        await treasurer.SetUpAuthenticatorAsync(app, person);
        Assert.Contains("Nothing is missing", (await treasurer.OpenAsync("/en/treasury/recovery")).Text, StringComparison.Ordinal);
        Assert.Equal("Healthy", (await treasurer.GetAsync("/health/ready")).Html);

        await app.InScopeAsync(services => ForgetAsync(services.GetRequiredService<MoneyDb>()));
        Assert.Equal("Degraded", (await treasurer.GetAsync("/health/ready")).Html);
        Assert.Contains("/ru/treasury/recovery", (await treasurer.OpenAsync("/ru/treasury")).Html, StringComparison.Ordinal);
        Assert.Contains("step by step what is missing", (await treasurer.OpenAsync("/en/treasury/rounds/1")).Text, StringComparison.Ordinal);
        var page = await treasurer.OpenAsync("/en/treasury/recovery");
        Assert.Contains(version.Txid, page.Text, StringComparison.Ordinal);
        Assert.Contains("a copy is needed", page.Text, StringComparison.Ordinal);
        Assert.Contains("0 of 1.", page.Text, StringComparison.Ordinal);
        Assert.Contains("нужна копия", (await treasurer.OpenAsync("/ru/treasury/recovery")).Text, StringComparison.Ordinal);

        var refused = await treasurer.SendAsync(page, "name=\"Pasted\"", ("Pasted", "nothing"));
        Assert.Contains("neither a PSBT nor a transaction", refused.Text, StringComparison.Ordinal);
        var done = await treasurer.SubmitAsync(await treasurer.OpenAsync("/en/treasury/recovery"), "name=\"Pasted\"", ("Pasted", Convert.ToBase64String(PayoutWorld.Sign(version.Psbt, 1))));
        Assert.Contains("It is back:", done.Text, StringComparison.Ordinal);
        Assert.Equal("Healthy", (await treasurer.GetAsync("/health/ready")).Html);
        Assert.Equal(version.Txid, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<BatchTransaction>().Select(t => t.Txid).SingleAsync()));
    }

    [Fact]
    public async Task Treasurers_name_the_devices_and_see_the_limits_that_follow()
    {
        await using var app = new SandboxApp();
        await app.AdoptAsync();
        using var treasurer = app.NewVisitor();
        var person = await app.NewPersonAsync(Roles.Treasurer);
        await treasurer.SignInAsync(person);
        await treasurer.SetUpAuthenticatorAsync(app, person);
        var page = await treasurer.OpenAsync("/en/treasury/devices");
        Assert.Contains("no limit", page.Text, StringComparison.Ordinal);
        var older = await treasurer.OpenAsync("/en/treasury/devices");
        var said = await treasurer.SubmitAsync(page, "name=\"Devices\"", ("Devices", "Ledger"), ("Devices", "ColdcardMk3"), ("Devices", ""));
        Assert.Contains("384 KiB", said.Text, StringComparison.Ordinal);
        // At a page that was open before, both versions stand side by side.
        var late = await treasurer.SendAsync(older, "name=\"Devices\"", ("Devices", "Trezor"), ("Devices", ""), ("Devices", "Ledger"));
        Assert.Equal(409, late.Status);
        Assert.Contains("What is stored now", late.Text, StringComparison.Ordinal);
        Assert.Contains("<strong>Coldcard Mk3 or older</strong>", late.Html, StringComparison.Ordinal);
        Assert.Contains("384 KiB", (await treasurer.OpenAsync("/en/treasury/devices")).Text, StringComparison.Ordinal);
        Assert.Equal(302, (await treasurer.SendAsync(late, "name=\"Devices\"", ("Devices", "Trezor"), ("Devices", ""), ("Devices", "Ledger"))).Status);
        Assert.Equal(400, (await treasurer.SendAsync(await treasurer.OpenAsync("/en/treasury/devices"), "name=\"Devices\"", ("Devices", "Abacus"))).Status);
    }

    private static async Task<int> ForgetAsync(MoneyDb db)
    {
        await db.Set<BatchInput>().ExecuteDeleteAsync();
        await db.Set<BatchPayment>().ExecuteDeleteAsync();
        await db.Set<BatchTransaction>().ExecuteDeleteAsync();
        await db.Set<Payout>().ExecuteDeleteAsync();
        await db.Set<Batch>().ExecuteDeleteAsync();
        return await db.Set<Round>().ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RoundState.Approved));
    }
}
