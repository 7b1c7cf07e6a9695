using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Accounts;

/// <summary>Codes that are good once, counted attempts and budgets: however many try at once.</summary>
public sealed class SecretsTests(WebApp app)
{
    [Fact]
    public async Task A_recovery_code_is_redeemed_once_and_new_ones_void_the_old()
    {
        var person = await app.NewPersonAsync();
        var typed = person.RecoveryCodes[0].ToLowerInvariant().Replace("-", "", StringComparison.Ordinal);
        Assert.Equal(1, await WinnersAsync(services => services.GetRequiredService<RecoveryCodes>().RedeemAsync(person.Id, typed, default)));
        await app.InScopeAsync(async services =>
        {
            var codes = services.GetRequiredService<RecoveryCodes>();
            Assert.Equal(RecoveryCodes.Count - 1, await codes.LeftAsync(person.Id, default));
            Assert.False(await codes.RedeemAsync(Guid.NewGuid(), person.RecoveryCodes[1], default));
            var renewed = await codes.IssueAsync(person.Id, default);
            Assert.False(await codes.RedeemAsync(person.Id, person.RecoveryCodes[2], default));
            return await codes.RedeemAsync(person.Id, renewed[0], default);
        });
    }

    [Fact]
    public async Task A_one_time_code_is_accepted_once_however_many_send_it()
    {
        var person = await app.NewPersonAsync();
        var secret = await EnableAsync(person);
        // The code that turned it on is used up.
        Assert.False(await VerifyAsync(Totp.Code(secret, Totp.StepOf(app.Time.GetUtcNow()))));
        var next = Totp.Code(secret, Totp.StepOf(app.Time.GetUtcNow()) + 1);
        Assert.Equal(1, await WinnersAsync(services => VerifyInAsync(services, next), 5));
        Assert.False(await VerifyAsync(next));
        Assert.False(await VerifyAsync(null));

        Task<bool> VerifyAsync(string? code) => app.InScopeAsync(services => VerifyInAsync(services, code));
        async Task<bool> VerifyInAsync(IServiceProvider services, string? code)
        {
            var account = await services.GetRequiredService<MoneyDb>().Users.SingleAsync(a => a.Id == person.Id);
            return await services.GetRequiredService<SecondFactor>().VerifyFreshAsync(account, code, default);
        }
    }

    [Fact]
    public async Task A_secret_of_an_authenticator_is_not_readable_in_the_database()
    {
        var person = await app.NewPersonAsync();
        var secret = await EnableAsync(person);
        var stored = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Users.Where(a => a.Id == person.Id).Select(a => a.TotpSecret).SingleAsync());
        Assert.NotNull(stored);
        Assert.Equal(-1, stored.AsSpan().IndexOf(secret));
        var keys = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().DataProtectionKeys.Select(k => k.Xml).ToListAsync());
        Assert.NotEmpty(keys);
        Assert.All(keys, xml => Assert.DoesNotContain("masterKey", xml, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hundred_guesses_at_once_are_ten()
    {
        var person = await app.NewPersonAsync();
        Assert.Equal(Attempts.Most, await WinnersAsync(services => services.GetRequiredService<Attempts>().BeginAsync(person.Id, default), 100));
    }

    [Fact]
    public async Task A_budget_gives_what_it_has_and_comes_back_with_time()
    {
        var budget = new Budget("test." + Guid.NewGuid().ToString("N")[..8], Most: 5, PerHour: 2);
        Assert.Equal(5, await WinnersAsync(async services => await services.GetRequiredService<Budgets>().TakeAsync(budget, default) is null, 12));
        var wait = await app.InScopeAsync(services => services.GetRequiredService<Budgets>().PeekAsync(budget, default));
        Assert.InRange(wait!.Value, TimeSpan.FromMinutes(28), TimeSpan.FromMinutes(31));
        var later = new ShiftedTime(app.Time, TimeSpan.FromMinutes(61));
        await app.InScopeAsync(async services =>
        {
            var budgets = new Budgets(services.GetRequiredService<MoneyDb>(), later);
            Assert.Null(await budgets.TakeAsync(budget, default));
            Assert.Null(await budgets.TakeAsync(budget, default));
            return await budgets.TakeAsync(budget, default) is null;
        });
        Assert.NotNull(await app.InScopeAsync(services => new Budgets(services.GetRequiredService<MoneyDb>(), later).PeekAsync(budget, default)));
    }

    private Task<byte[]> EnableAsync(Person person) => app.InScopeAsync(async services =>
    {
        var account = await services.GetRequiredService<MoneyDb>().Users.SingleAsync(a => a.Id == person.Id);
        var secret = SecondFactor.NewSecret();
        Assert.True(await services.GetRequiredService<SecondFactor>().EnableAsync(account, secret, Totp.Code(secret, Totp.StepOf(app.Time.GetUtcNow())), default));
        return secret;
    });

    private async Task<int> WinnersAsync(Func<IServiceProvider, Task<bool>> attempt, int tries = 20) =>
        (await Task.WhenAll(Enumerable.Range(0, tries).Select(_ => Task.Run(() => app.InScopeAsync(attempt))))).Count(won => won);

    private sealed class ShiftedTime(TimeProvider time, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + by;
    }
}
