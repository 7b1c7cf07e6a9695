using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DigitalResistance.Tests.Site;

/// <summary>
/// A site in the middle of its life, behind a bitcoin node's RPC: a donation, a funded treasury, two admins and a treasurer, an operator who
/// is paid, round 1 paid and closed, rounds 2 and 3 out for signatures, round 4 approved, round 5 announced.
/// </summary>
public class PopulatedApp : WebApp, IScoreBook, IAsyncLifetime
{
    private readonly string _policy = Path.Combine(Path.GetTempPath(), $"dr-policy-{Guid.NewGuid():N}.json");
    private readonly List<ServerScore> _scores = [];

    public PopulatedApp() => File.WriteAllBytes(_policy, Testing.Rounds.RoundsWorld.PolicyWith(approvalsNeeded: 2, maxSignedIn: 2, objectionSeconds: 0).Bytes);

    internal SandboxNode Node { get; } = new();

    internal Staff Alice { get; private set; } = null!;

    internal Staff Boris { get; private set; } = null!;

    internal Staff Treasurer { get; private set; } = null!;

    /// <summary>The operator, signed in.</summary>
    internal Staff Operator { get; private set; } = null!;

    internal string DonationToken { get; private set; } = "";

    /// <summary>The rate for readers of every round.</summary>
    internal static DisplayRate Rate { get; } = new("EUR", 9_000_000, "rates.example.org", new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    internal static string OperatorsAddress { get; } = PayoutWorld.Address(10);

    protected override IEnumerable<(string Key, string Value)> Settings =>
    [
        ("Scoring:PolicyFile", _policy), ("Bitcoin:Network", "regtest"), ("Bitcoin:Backend", "core"), ("Bitcoin:NodeUrl", Node.Url), ("Bitcoin:NodeUser", "u"),
        ("Bitcoin:NodePassword", "kanareika-node-password"), ("Bitcoin:LookAhead", "9"), ("Bitcoin:Confirmations", "1"), ("Bitcoin:FinalConfirmations", "2"),
        ("Dialing:AllowLoopback", "true"), ("Canary:Listen", "127.0.0.1:0"), ("Probing:TlsTargets", "none"), ("Probing:Telegram", "none"),
    ];

    public DateTimeOffset SettledAt(DateTimeOffset to, Policy policy) => to;

    public Task SettleAsync(DateTimeOffset to, CancellationToken cancellation) => Task.CompletedTask;

    public Task<IReadOnlyList<ServerScore>> ScoreAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ServerScore>>([.. _scores.Select(s => s with { Basis = s.Basis with { Listed = Presence.Written([(from, to.AddMinutes(-10))], from, to) } })]);

    public Task<IReadOnlyList<ServerScore>> ForecastAsync(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, Policy policy, CancellationToken cancellation) =>
        ScoreAsync(from, to, policy, cancellation);

    public async ValueTask InitializeAsync()
    {
        (Alice, Boris, Treasurer, Operator) = (await StaffAsync(Roles.Admin), await StaffAsync(Roles.Admin), await StaffAsync(Roles.Treasurer), await StaffAsync(Roles.Operator));
        Assert.IsType<AdoptionResult.Adopted>(await InScopeAsync(services => services.GetRequiredService<TreasuryAdoption>().AdoptAsync(TestTreasuries.TwoOfThree, null, default)));
        using var donor = NewVisitor();
        var receipt = await donor.SubmitAsync(await donor.OpenAsync("/en/donate"), "name=\"Token\"");
        DonationToken = receipt.Path.Split('/')[^1];
        for (var index = 0u; index < 8; index++) Node.Chain.Pay(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Derive(Branch.Receive, index).ScriptPubKey, new Sats(1_000_000));
        Node.Chain.Mine();
        await TurnAsync();

        Assert.IsType<PayoutAddressResult.Set>(await InScopeAsync(services => services.GetRequiredService<PayoutAddressChange>().SetAsync(Operator.Person.Id, OperatorsAddress)));
        _scores.Add(new ServerScore(Guid.NewGuid(), Operator.Person.Id, 995_000, 6, 700) { Parts = new(1000, 1_000_000, 750_000) });
        // The rounds' periods are of this day.
        await AskAsync(db =>
        {
            var day = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            db.Append(new ScheduleCommitted(new DateOnly(2026, 1, 1), day, 600, new string('a', 64), new string('b', 64), new string('c', 64)), day);
            return db.SaveChangesAsync();
        });
        await ApprovedRoundAsync();
        var (batch, psbt) = await ExportedAsync(1);
        foreach (var signer in new[] { 0, 1 }) await InScopeAsync(services => services.GetRequiredService<SignatureIntake>().TakeAsync(batch, PayoutWorld.Sign(psbt, signer), Treasurer.Person.Id, default));
        await TurnAsync();
        Node.Chain.Mine(3);
        await TurnAsync();
        await TurnAsync();
        Assert.Equal(RoundState.Closed, await StateAsync(1));

        for (var round = 2; round <= 4; round++) await ApprovedRoundAsync();
        for (var round = 2; round <= 3; round++) await ExportedAsync(round);
        await OpenRoundAsync();
        await TurnAsync();
    }

    /// <summary>Everything that runs by itself, once.</summary>
    internal async Task TurnAsync()
    {
        await InScopeAsync(services => services.GetRequiredService<ChainPass>().RunAsync(default));
        await InScopeAsync(services => services.GetRequiredService<PayoutPass>().RunAsync(default));
        await SealAsync();
    }

    internal Task<int> SealAsync() => InScopeAsync(services => services.GetRequiredService<SealingPass>().RunAsync(default));

    internal Task<T> AskAsync<T>(Func<MoneyDb, Task<T>> question) => InScopeAsync(services => question(services.GetRequiredService<MoneyDb>()));

    internal Task<RoundState> StateAsync(int round) => AskAsync(db => db.Set<Round>().Where(r => r.Number == round).Select(r => r.State).SingleAsync());

    internal Task<Batch> BatchAsync(int round) => AskAsync(db => db.Set<Batch>().AsNoTracking().SingleAsync(b => b.RoundNumber == round));

    /// <summary>Somebody with these roles, signed in with a second factor.</summary>
    internal async Task<Staff> StaffAsync(params string[] roles)
    {
        var (person, visitor) = (await NewPersonAsync(roles), NewVisitor());
        await visitor.SignInAsync(person);
        return new Staff(person, visitor, await visitor.SetUpAuthenticatorAsync(this, person));
    }

    /// <summary>Builds the payment of an approved round and lets it out.</summary>
    internal async Task<(Guid Batch, byte[] Psbt)> ExportedAsync(int round)
    {
        Assert.IsType<BuildResult.Built>(await InScopeAsync(services => services.GetRequiredService<BatchBuilding>().BuildAsync(round, 6, Treasurer.Person.Id, default)));
        await SealAsync();
        var batch = await BatchAsync(round);
        return (batch.Id, Assert.IsType<ExportResult.Ready>(await InScopeAsync(services => services.GetRequiredService<BatchExport>().DownloadAsync(batch.Id, default))).Psbt);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton<IScoreBook>(this)));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Node.DisposeAsync();
        File.Delete(_policy);
    }

    private async Task<int> OpenRoundAsync()
    {
        var number = Done(await InScopeAsync(async services =>
        {
            var day = await services.GetRequiredService<MoneyDb>().Set<Round>().MaxAsync(r => (DateTimeOffset?)r.EndsAt) ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var terms = new RoundTerms(day, day.AddHours(1), new(200_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50);
            return await services.GetRequiredService<RoundDrafting>().CreateAsync(terms, Alice.Person.Id);
        }));
        await StepAsync(number, (services, version) => services.GetRequiredService<RoundOpening>().OpenAsync(number, version));
        return number;
    }

    private async Task ApprovedRoundAsync()
    {
        var number = await OpenRoundAsync();
        await StepAsync(number, (services, version) => services.GetRequiredService<RoundFreezing>().FreezeAsync(number, version));
        await StepAsync(number, (services, version) => services.GetRequiredService<RoundAllocating>().AllocateAsync(number, version, Rate));
        var sha = await AskAsync(db => db.Set<Round>().Where(r => r.Number == number).Select(r => r.ManifestSha256).SingleAsync());
        foreach (var admin in new[] { Alice, Boris }) await InScopeAsync(services => services.GetRequiredService<RoundApproval>().ApproveSignedInAsync(number, sha!, admin.Person.Id));
        Assert.Equal(RoundState.Approved, await StateAsync(number));
        await SealAsync();
    }

    private async Task StepAsync(int number, Func<IServiceProvider, long, Task<RoundResult>> step)
    {
        var version = await AskAsync(db => db.Set<Round>().Where(r => r.Number == number).Select(r => r.Version).SingleAsync());
        Done(await InScopeAsync(services => step(services, version)));
    }

    private static int Done(RoundResult result) => Assert.IsType<RoundResult.Done>(result).Number;
}

/// <summary>Somebody at a browser, with an authenticator.</summary>
internal sealed record Staff(Person Person, Visitor Browser, byte[] Secret);
