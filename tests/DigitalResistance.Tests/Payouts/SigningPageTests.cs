using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Treasury;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NBitcoin;

namespace DigitalResistance.Tests.Payouts;

/// <summary>The signing room at the page: a PSBT out, signatures in, and the network left alone.</summary>
public sealed class SigningPageTests
{
    [Fact]
    public async Task Uploads_are_taken_while_the_node_is_away_and_the_complete_transaction_leaves_later_from_what_was_stored()
    {
        await using var app = new FaultyApp();
        Assert.IsType<AdoptionResult.Adopted>(await app.AdoptAsync());
        await app.InScopeAsync(services => services.GetRequiredService<DonationOpening>().OpenAsync(DonationOpening.NewToken(), default));
        await app.PayAsync(0, 1_000_000);
        await app.InScopeAsync(async services => await PayoutWorld.ApproveAsync(
            services.GetRequiredService<MoneyDb>(), (await services.GetRequiredService<ITreasuryFacts>().ReadAsync(default))!, app.Time.GetUtcNow(), 1, 100_000, 50, PayoutWorld.Address, 400_000));
        await app.SealAsync();
        Assert.IsType<BuildResult.Built>(await app.InScopeAsync(services => services.GetRequiredService<BatchBuilding>().BuildAsync(1, 6, PayoutWorld.Treasurer, default)));
        await app.SealAsync();
        var batch = (await BatchAsync(app)).Batch.Id;

        var person = await app.NewPersonAsync(Roles.Treasurer);
        using var treasurer = app.NewVisitor();
        await treasurer.SignInAsync(person);
        await treasurer.SetUpAuthenticatorAsync(app, person);
        app.Chain.IsAway = true;
        var path = $"/en/treasury/batches/{batch}";
        var psbt = Convert.FromBase64String((await treasurer.SendAsync(await treasurer.OpenAsync(path), "as text")).Html);
        foreach (var signer in new[] { 0, 2 })
        {
            var answer = await treasurer.SendAsync(await treasurer.OpenAsync(path), "name=\"Pasted\"", ("Pasted", Convert.ToBase64String(PayoutWorld.Sign(psbt, signer))));
            Assert.Equal(302, answer.Status);
        }

        var (signed, version) = await BatchAsync(app);
        Assert.Equal((BatchState.Signed, 0), (signed.State, app.Chain.Sent));
        Assert.Equal(version.Txid, Transaction.Load(version.FinalBytes!, Network.RegTest).GetHash().ToString());

        app.Chain.IsAway = false;
        byte[]? left = null;
        app.Chain.BeforeSend = transaction => Task.FromResult(left = transaction.ToBytes());
        await app.InScopeAsync(services => services.GetRequiredService<PayoutPass>().RunAsync(default));
        Assert.Equal(version.FinalBytes, left);
    }

    [Fact]
    public async Task What_leaves_the_treasury_is_shown_for_the_chosen_target_before_anything_is_built()
    {
        await using var app = new FaultyApp();
        await app.AdoptAsync();
        await app.InScopeAsync(services => services.GetRequiredService<DonationOpening>().OpenAsync(DonationOpening.NewToken(), default));
        await app.PayAsync(0, 1_000_000);
        await app.InScopeAsync(async services => await PayoutWorld.ApproveAsync(
            services.GetRequiredService<MoneyDb>(), (await services.GetRequiredService<ITreasuryFacts>().ReadAsync(default))!, app.Time.GetUtcNow(), 1, 100_000, 50, PayoutWorld.Address, 400_000));
        await app.SealAsync();
        var person = await app.NewPersonAsync(Roles.Treasurer);
        using var treasurer = app.NewVisitor();
        await treasurer.SignInAsync(person);
        await treasurer.SetUpAuthenticatorAsync(app, person);

        var slow = await LookAsync(6);
        var fast = await LookAsync(2);
        Assert.True(fast > slow);
        Assert.Contains(Sat(400_000 + slow), (await treasurer.OpenAsync("/ru/treasury/rounds/1?Target=6")).Text, StringComparison.Ordinal);
        Assert.Equal(400, (await treasurer.GetAsync("/en/treasury/rounds/1?Target=5")).Status);
        Assert.Equal(0, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Batch>().CountAsync()));
        await treasurer.SubmitAsync(await treasurer.OpenAsync("/en/treasury/rounds/1?Target=2"), "type=\"hidden\" name=\"Target\"");
        Assert.Equal(fast, (await BatchAsync(app)).Version.Fee.Value);

        // The fee that the sandbox's rate makes of this transaction's size, as the page says it, with its sum.
        async Task<long> LookAsync(int target)
        {
            var page = await treasurer.OpenAsync($"/en/treasury/rounds/1?Target={target}");
            var outlook = (BuildResult.Outlook)await app.InScopeAsync(services => services.GetRequiredService<BatchBuilding>().LookAsync(1, target, default));
            Assert.Contains(Sat(400_000 + outlook.Fee.Value), page.Text, StringComparison.Ordinal);
            return outlook.Fee.Value;
        }
    }

    // As pages write satoshis: groups of three, kept together.
    private static string Sat(long sats) => sats.ToString("#,0", new System.Globalization.NumberFormatInfo { NumberGroupSeparator = "\u202f" });

    private static Task<(Batch Batch, BatchTransaction Version)> BatchAsync(FaultyApp app) => app.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<MoneyDb>();
        var batch = await db.Set<Batch>().AsNoTracking().SingleAsync();
        return (batch, await db.Set<BatchTransaction>().AsNoTracking().SingleAsync(t => t.BatchId == batch.Id));
    });

    /// <summary>The sandbox, behind a connection that can fail.</summary>
    private sealed class FaultyApp : SandboxApp
    {
        public FaultyChain Chain => (FaultyChain)Services.GetRequiredService<IChain>();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton<IChain>(provider => new FaultyChain(provider.GetRequiredService<SandboxChain>()))));
        }
    }
}
