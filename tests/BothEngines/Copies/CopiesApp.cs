using System.Security.Cryptography;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Staff;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Tests;
using DigitalResistance.Tests.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DigitalResistance.Testing.Copies;

/// <summary>The whole product on this project's engine, with staff who are signed in, money enough, and shortcuts to every moment at which somebody presses a button.</summary>
internal sealed class CopiesApp : SandboxApp, IScoreBook
{
    private static readonly DateTimeOffset FirstPeriod = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _policy = Path.Combine(Path.GetTempPath(), $"dr-policy-{Guid.NewGuid():N}.json");
    private readonly string? _connection;
    private readonly List<ServerScore> _scores = [];
    private int _periods;
    private int _addresses = 20_000;

    private CopiesApp(string? connection)
    {
        _connection = connection;
        File.WriteAllBytes(_policy, RoundsWorld.PolicyWith(approvalsNeeded: 2, maxSignedIn: 2, objectionSeconds: 0).Bytes);
    }

    /// <summary>An admin with a key.</summary>
    public Member Alice { get; private set; } = null!;

    /// <summary>Another one, without.</summary>
    public Member Boris { get; private set; } = null!;

    public Member Treasurer { get; private set; } = null!;

    public Member Operator { get; private set; } = null!;

    public TestSshKey Key { get; } = TestSshKey.Create("ssh-ed25519");

    protected override IEnumerable<(string Key, string Value)> Settings =>
    [
        .. base.Settings.Where(s => s.Key != "Bitcoin:LookAhead"), ("Database:Provider", Engine.Name), .. _connection is null ? [] : new[] { ("Database:ConnectionString", _connection) },
        ("Scoring:PolicyFile", _policy), // More are never asked for here: no copy happens to be the one that adds rows.
        ("Bitcoin:LookAhead", "150"), ("Bitcoin:Confirmations", "1"), ("Bitcoin:FinalConfirmations", "2"), ("Payouts:MaxDaySat", "100000000000"),
        ("Dialing:AllowLoopback", "true"), ("Canary:Addresses:0", "127.0.0.1:7531"), ("Probing:TlsTargets", "none"), ("Probing:Telegram", "none"), ("Servers:HttpProofPort", "1"),
        // Here copies of a call are to have one effect; that the second of a day is refused is tried elsewhere.
        ("Servers:OptOutsPerAddressAndDay", "100"), ("Servers:OptOutsPerNetworkAndHour", "1000"), ("Servers:OptOutsPerMinute", "1000"),
    ];

    /// <summary>Without a treasury.</summary>
    public static async Task<CopiesApp> StartAsync()
    {
        var app = new CopiesApp(await Engine.CreateAsync());
        (app.Alice, app.Boris) = (await app.MemberAsync(Roles.Admin), await app.MemberAsync(Roles.Admin));
        (app.Treasurer, app.Operator) = (await app.MemberAsync(Roles.Treasurer), await app.MemberAsync(Roles.Operator, hasCodes: false));
        await app.EnrolAsync(app.Alice, app.Key);
        return app;
    }

    /// <summary>Donations that sixty payments can be made of, and an operator with an address and a score.</summary>
    public async Task FundAsync()
    {
        var treasury = Treasury.TestTreasuries.Parse(Treasury.TestTreasuries.TwoOfThree);
        await In((DonationOpening act) => act.OpenAsync(DonationOpening.NewToken(), default));
        for (var i = 0; i < 90; i++) Chain.Pay(treasury.Derive(Branch.Receive, 0).ScriptPubKey, new Sats(1_000_000));
        Chain.Mine(3);
        await In((ChainPass pass) => pass.RunAsync(default));
        await ScoreAsync(10);
        await SealAsync();
    }

    /// <summary>Somebody of whom reviewers have decided nothing yet is the only one who has a score.</summary>
    public async Task NewOperatorAsync()
    {
        Operator = await MemberAsync(Roles.Operator, hasCodes: false);
        _scores.Clear();
        await ScoreAsync(Interlocked.Increment(ref _addresses));
    }

    public SandboxChain Chain => Services.GetRequiredService<SandboxChain>();

    public DateTimeOffset SettledAt(DateTimeOffset to, Policy policy) => to;

    public Task SettleAsync(DateTimeOffset to, CancellationToken cancellation) => Task.CompletedTask;

    public Task<IReadOnlyList<ServerScore>> ScoreAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ServerScore>>([.. _scores]);

    public Task<IReadOnlyList<ServerScore>> ForecastAsync(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, Policy policy, CancellationToken cancellation) =>
        ScoreAsync(from, to, policy, cancellation);

    /// <summary>One service in a scope of its own, as a request has it.</summary>
    public Task<T> In<TService, T>(Func<TService, Task<T>> act) where TService : notnull => InScopeAsync(services => act(services.GetRequiredService<TService>()));

    public Task<T> AskAsync<T>(Func<MoneyDb, Task<T>> question) => In(question);

    /// <summary>Somebody new, signed in; with an authenticator unless told otherwise.</summary>
    public async Task<Member> MemberAsync(string role, bool hasCodes = true)
    {
        var (person, browser) = (await NewPersonAsync(role), NewVisitor());
        await browser.SignInAsync(person);
        return new Member(this, browser, person, hasCodes ? await browser.SetUpAuthenticatorAsync(this, person) : []);
    }

    /// <summary>A code for a role, to which both admins agreed.</summary>
    public async Task<string> InviteAsync(string role)
    {
        var code = await In((Invitations act) => act.IssueAsync(role, Alice.Person.Id, default));
        var open = await AskAsync(db => db.Set<Invitation>().Where(i => i.UsedAt == null && i.Role == role).OrderByDescending(i => i.ExpiresAt).Select(i => i.Id).FirstAsync());
        Assert.IsType<StaffResult.Agreed>(await In((InvitationAgreeing act) => act.ConfirmAsync(Boris.Person.Id, open)));
        return code;
    }

    /// <summary>A key of an admin's, as enough others had confirmed it.</summary>
    public Task<string> EnrolAsync(Member admin, TestSshKey key) => AskAsync(async db =>
    {
        var fingerprint = "SHA256:" + Convert.ToBase64String(SHA256.HashData(key.PublicBlob)).TrimEnd('=');
        db.Add(new AdminKey { AccountId = admin.Person.Id, PublicKey = Line(key), Fingerprint = fingerprint, AddedAt = Time.GetUtcNow() });
        db.Append(new KeyAdded(Line(key), fingerprint, 2), Time.GetUtcNow());
        await db.SaveChangesAsync();
        return fingerprint;
    });

    public static string Line(TestSshKey key) => $"{key.Type} {Convert.ToBase64String(key.PublicBlob)}";

    /// <summary>
    /// A round of an hour of its own, brought to a state by the acts that lead there. Others that would stand in its way are given up. What <paramref name="review"/> does comes
    /// between the scores and the amounts.
    /// </summary>
    public async Task<Round> RoundAsync(RoundState state, Func<int, Task>? review = null)
    {
        foreach (var open in await AskAsync(db => db.Set<Round>().Where(r => r.State == RoundState.Allocated).Select(r => r.Number).ToListAsync()))
            await StepAsync(open, (RoundStepBack act, long version) => act.CancelAsync(open, version, CancelReason.Mistake));
        var start = FirstPeriod.AddHours(Interlocked.Increment(ref _periods));
        var number = Done(await In((RoundDrafting act) => act.CreateAsync(TermsFrom(start), Alice.Person.Id)));
        if (state >= RoundState.Open) await StepAsync(number, (RoundOpening act, long version) => act.OpenAsync(number, version));
        if (state >= RoundState.Frozen) await StepAsync(number, (RoundFreezing act, long version) => act.FreezeAsync(number, version));
        if (review is not null) await review(number);
        if (state >= RoundState.Allocated) await StepAsync(number, (RoundAllocating act, long version) => act.AllocateAsync(number, version));
        return await AskAsync(db => db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == number));
    }

    /// <summary>Terms that fit a period.</summary>
    public static RoundTerms TermsFrom(DateTimeOffset start) => new(start, start.AddHours(1), new(200_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50);

    /// <summary>A round that may be built.</summary>
    public async Task<int> ApprovedAsync()
    {
        var number = await AskAsync(async db =>
        {
            var facts = (await Services.CreateScope().ServiceProvider.GetRequiredService<ITreasuryFacts>().ReadAsync(default))!;
            var next = (await db.Set<Round>().MaxAsync(r => (int?)r.Number) ?? 0) + 1;
            return (await PayoutWorld.ApproveAsync(db, facts, Time.GetUtcNow(), next, 100_000, 50, i => PayoutWorld.Address((next * 10) + i), 400_000, 300_000)).Number;
        });
        await SealAsync();
        return number;
    }

    /// <summary>A payment that may be downloaded.</summary>
    public async Task<Guid> BuiltAsync()
    {
        var number = await ApprovedAsync();
        Assert.IsType<BuildResult.Built>(await In((BatchBuilding act) => act.BuildAsync(number, 6, Treasurer.Person.Id, default)));
        await SealAsync();
        return await AskAsync(db => db.Set<Batch>().Where(b => b.RoundNumber == number).Select(b => b.Id).SingleAsync());
    }

    /// <summary>A payment that is out for signatures, and what was downloaded.</summary>
    public async Task<(Guid Batch, byte[] Psbt)> ExportedAsync()
    {
        var batch = await BuiltAsync();
        return (batch, Assert.IsType<ExportResult.Ready>(await In((BatchExport act) => act.DownloadAsync(batch, default))).Psbt);
    }

    /// <summary>A payment that all signed, and that waits in the pool.</summary>
    public async Task<Guid> SentAsync()
    {
        var (batch, psbt) = await ExportedAsync();
        Assert.IsType<IntakeResult.Accepted>(await In((SignatureIntake act) => act.TakeAsync(batch, PayoutWorld.Sign(psbt, 0, 1), Treasurer.Person.Id, default)));
        await In((PayoutPass pass) => pass.RunAsync(default));
        return batch;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureServices(services =>
        {
            services.Replace(ServiceDescriptor.Singleton<IScoreBook>(this));
            // Nothing is missing here, so that the button is there which opens the site.
            services.RemoveAll<DigitalResistance.Web.Pages.Setup.ISetupCheck>();
            // Twenty copies are more than one visitor may send at once: most would be told to wait, and would show nothing.
            services.PostConfigure<RateLimiterOptions>(limits => limits.GlobalLimiter = null);
        });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        File.Delete(_policy);
    }

    private async Task ScoreAsync(int address)
    {
        Assert.IsType<PayoutAddressResult.Set>(await In((PayoutAddressChange act) => act.SetAsync(Operator.Person.Id, PayoutWorld.Address(address))));
        _scores.Add(new ServerScore(Guid.NewGuid(), Operator.Person.Id, 995_000, 6, 700) { Parts = new(1000, 1_000_000, 750_000) });
    }

    private async Task StepAsync<TAct>(int number, Func<TAct, long, Task<RoundResult>> step) where TAct : notnull
    {
        var version = await AskAsync(db => db.Set<Round>().Where(r => r.Number == number).Select(r => r.Version).SingleAsync());
        Done(await In((TAct act) => step(act, version)));
    }

    private static int Done(RoundResult result) => Assert.IsType<RoundResult.Done>(result).Number;
}

/// <summary>Somebody at a browser.</summary>
internal sealed record Member(CopiesApp App, Visitor Browser, Person Person, byte[] Secret)
{
    /// <summary>A code that was not used yet: the clock moves on to the next one.</summary>
    public string NextCode()
    {
        App.Time.Advance(TimeSpan.FromSeconds(31));
        return Totp.Code(Secret, Totp.StepOf(App.Time.GetUtcNow()));
    }
}
