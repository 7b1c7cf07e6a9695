using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Tests.Web;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DigitalResistance.Tests.Rounds;

/// <summary>The product with a score book and a treasury of which the test says what they hold, and a policy without waiting.</summary>
public class RoundsApp : WebApp, IScoreBook, IServerTraits, ITreasuryFacts
{
    private readonly string _policy = Path.Combine(Path.GetTempPath(), $"dr-policy-{Guid.NewGuid():N}.json");

    public RoundsApp()
        : this(objectionSeconds: 0)
    {
    }

    protected RoundsApp(int objectionSeconds) => File.WriteAllBytes(_policy, Testing.Rounds.RoundsWorld.PolicyWith(approvalsNeeded: 2, maxSignedIn: 1, objectionSeconds: objectionSeconds).Bytes);

    public List<ServerScore> Scores { get; } = [];

    public List<ServerTraits> Traits { get; } = [];

    public Task<IReadOnlyList<ServerTraits>> OfAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ServerTraits>>([.. Traits]);

    public DateTimeOffset SettledAt(DateTimeOffset to, Policy policy) => to;

    public Task SettleAsync(DateTimeOffset to, CancellationToken cancellation) => Task.CompletedTask;

    public Task<IReadOnlyList<ServerScore>> ScoreAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ServerScore>>([.. Scores]);

    public Task<IReadOnlyList<ServerScore>> ForecastAsync(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, Policy policy, CancellationToken cancellation) =>
        ScoreAsync(from, to, policy, cancellation);

    public Task<TreasuryFacts?> ReadAsync(CancellationToken cancellation) =>
        Task.FromResult<TreasuryFacts?>(new("regtest", new string('d', 64), new Platform.Sats(100_000_000), 100));

    public Task<Platform.Sats?> EstimateFeeAsync(int recipients, Platform.Sats paid, int maxRate, CancellationToken cancellation) => Task.FromResult<Platform.Sats?>(new(100L * recipients));

    protected override IEnumerable<(string Key, string Value)> Settings => [("Scoring:PolicyFile", _policy), ("Bitcoin:Network", "regtest")];

    /// <summary>An admin who is signed in with a second factor.</summary>
    internal async Task<Admin> NewAdminAsync()
    {
        var person = await NewPersonAsync(Roles.Admin);
        var visitor = NewVisitor();
        await visitor.SignInAsync(person);
        return new Admin(this, visitor, person, await visitor.SetUpAuthenticatorAsync(this, person));
    }

    internal Task<T> AskAsync<T>(Func<MoneyDb, Task<T>> question) => InScopeAsync(services => question(services.GetRequiredService<MoneyDb>()));

    /// <summary>An announced round whose period is over, and that follows all others; somebody without an address has earned in it.</summary>
    internal async Task<int> OpenRoundAsync(Guid proposer)
    {
        if (Scores.Count == 0) Scores.Add(new ServerScore(Guid.NewGuid(), (await NewPersonAsync()).Id, 990_000, 4_000, 1));
        var number = await InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            var day = await db.Set<Round>().Where(r => r.State != RoundState.Cancelled).MaxAsync(r => (DateTimeOffset?)r.EndsAt) ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var terms = new RoundTerms(day, day.AddHours(1), new(1_000_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50);
            return Assert.IsType<RoundResult.Done>(await services.GetRequiredService<RoundDrafting>().CreateAsync(terms, proposer)).Number;
        });
        Assert.IsType<RoundResult.Done>(await InScopeAsync(services => services.GetRequiredService<RoundOpening>().OpenAsync(number, 0)));
        return number;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton<IScoreBook>(this));
            services.Replace(ServiceDescriptor.Singleton<IServerTraits>(this));
            services.Replace(ServiceDescriptor.Singleton<ITreasuryFacts>(this));
        });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        File.Delete(_policy);
    }
}

/// <summary>An admin at a browser, with an authenticator.</summary>
internal sealed record Admin(RoundsApp App, Visitor Browser, Person Person, byte[] Secret) : IDisposable
{
    /// <summary>A code that was not used yet: the clock moves on to the next one.</summary>
    public string NextCode()
    {
        App.Time.Advance(TimeSpan.FromSeconds(31));
        return Totp.Code(Secret, Totp.StepOf(App.Time.GetUtcNow()));
    }

    public Task<Page> OpenAsync(string path) => Browser.OpenAsync(path);

    public void Dispose() => Browser.Dispose();
}
