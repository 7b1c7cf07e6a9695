using System.Text.Json.Nodes;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Testing.Rounds;

/// <summary>
/// A real database with accounts, a clock, a score book and a treasury of which the test says what they hold. Every call of an act runs
/// in a context of its own, as a request would.
/// </summary>
internal sealed class RoundsWorld : IScoreBook, IServerTraits, ITreasuryFacts, IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly MoneyDatabase _database;
    private readonly List<ServerScore> _scores = [];

    private RoundsWorld(MoneyDatabase database) => _database = database;

    /// <summary>Runs once, after the next act has read everything and before it saves: what somebody else does at that very moment.</summary>
    public Func<Task>? Meanwhile { get; set; }

    public MoneyDb Open() => _database.Open();

    public FakeTimeProvider Time { get; } = new(Start);

    public Policy Policy { get; set; } = PolicyWith(approvalsNeeded: 2, maxSignedIn: 2);

    public TreasuryFacts? Treasury { get; set; } = new("regtest", new string('d', 64), new Sats(100_000_000), 100);

    /// <summary>Which rules drafts get, and what follows; null for the usual.</summary>
    public RoundPlanning? Planning { get; set; }

    public RoundTerms Terms { get; set; } = new(Start, Start.AddDays(30), new(1_000_000), 500_000, new(10_000), new(1_000), new(20_000), 50);

    public Guid Alice { get; private set; }

    public Guid Boris { get; private set; }

    public static async Task<RoundsWorld> CreateAsync()
    {
        RoundsWorld? world = null;
        var database = await MoneyDatabase.CreateAsync(new BeforeSave(async () =>
        {
            if (world?.Meanwhile is not { } meanwhile) return;
            world.Meanwhile = null;
            await meanwhile();
        }));
        world = new RoundsWorld(database);
        world.Alice = await world.AdminAsync();
        world.Boris = await world.AdminAsync();
        return world;
    }

    /// <summary>On a database that somebody else keeps.</summary>
    public static async Task<RoundsWorld> OnAsync(MoneyDatabase database)
    {
        var world = new RoundsWorld(database);
        world.Alice = await world.AdminAsync();
        world.Boris = await world.AdminAsync();
        return world;
    }

    public static Policy PolicyWith(int approvalsNeeded = 2, int maxSignedIn = 2, int objectionSeconds = 3_600, string eligibility = "automatic")
    {
        var json = JsonNode.Parse(Policy.Standard.Bytes)!;
        (json["approvalsNeeded"], json["maxSignedInApprovals"], json["objectionSeconds"]) = (approvalsNeeded, maxSignedIn, objectionSeconds);
        json["eligibility"] = eligibility;
        return Policy.Read(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    public DateTimeOffset SettledAt(DateTimeOffset to, Policy policy) => to.AddMinutes(5);

    /// <summary>Up to where slots were made final, each time.</summary>
    public List<DateTimeOffset> Settled { get; } = [];

    public Task SettleAsync(DateTimeOffset to, CancellationToken cancellation)
    {
        Settled.Add(to);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ServerScore>> ScoreAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<ServerScore>>([.. _scores]);

    /// <summary>What a freeze finds out about servers beside their scores.</summary>
    public List<ServerTraits> Traits { get; } = [];

    public Task<IReadOnlyList<ServerTraits>> OfAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ServerTraits>>([.. Traits]);

    public Task<IReadOnlyList<ServerScore>> ForecastAsync(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, Policy policy, CancellationToken cancellation) =>
        ScoreAsync(from, to, policy, cancellation);

    public Task<TreasuryFacts?> ReadAsync(CancellationToken cancellation) => Task.FromResult(Treasury);

    public Task<Sats?> EstimateFeeAsync(int recipients, Sats paid, int maxRate, CancellationToken cancellation) => Task.FromResult<Sats?>(new(100L * recipients));

    public async Task<Guid> AccountAsync()
    {
        await using var db = Open();
        var account = new Account { Id = Guid.NewGuid(), UserName = Guid.NewGuid().ToString("N"), CreatedAt = Start };
        db.Add(account);
        await db.SaveChangesAsync();
        return account.Id;
    }

    public async Task<Guid> AdminAsync()
    {
        var account = await AccountAsync();
        await using var db = Open();
        db.Add(new IdentityUserRole<Guid> { UserId = account, RoleId = await db.Set<IdentityRole<Guid>>().Where(r => r.Name == Roles.Admin).Select(r => r.Id).SingleAsync() });
        await db.SaveChangesAsync();
        return account;
    }

    /// <summary>An operator whose servers will have these weights, with an address that counts at once unless the test says otherwise.</summary>
    public async Task<Guid> OperatorAsync(long[] weights, string? address = "", DateTimeOffset? effectiveAt = null, Guid? account = null)
    {
        var id = account ?? await AccountAsync();
        _scores.AddRange(weights.Select(w => new ServerScore(Guid.NewGuid(), id, 990_000, 4_000, w)));
        if (address is not null) await AddressAsync(id, address.Length == 0 ? $"bcrt1q{id:N}" : address, effectiveAt ?? Start);
        return id;
    }

    public async Task AddressAsync(Guid account, string address, DateTimeOffset effectiveAt)
    {
        await using var db = Open();
        db.Add(new PayoutAddress { AccountId = account, Address = address, SetAt = Start, ConfirmedAt = Start, EffectiveAt = effectiveAt });
        await db.SaveChangesAsync();
    }

    public void ForgetScores() => _scores.Clear();

    public void Score(Guid account, long weight) => _scores.Add(new ServerScore(Guid.NewGuid(), account, 990_000, 4_000, weight));

    public Task<RoundResult> CreateAsync(RoundTerms? terms = null, Guid? proposer = null, RoundPlanning? planning = null) =>
        On(db => Drafting(db).CreateAsync(terms ?? Terms, proposer ?? Alice, planning ?? Planning));

    /// <summary>By whoever proposed it, unless the test says otherwise.</summary>
    public async Task<RoundResult> EditAsync(int round, long version, RoundTerms terms, Guid? editor = null)
    {
        var by = editor ?? (await RoundAsync(round)).ProposedBy;
        return await On(db => Drafting(db).EditAsync(round, version, terms, by));
    }

    public Task<RoundResult> OpenAsync(int round, long version) => On(db => Opening(db).OpenAsync(round, version));

    public Task<FreezePreview?> PreviewAsync(int round) => On(db => new RoundFreezing(db, this, new ReviewOpening(db, this, Bitcoin), Time).PreviewAsync(round));

    public Task<RoundResult> FreezeAsync(int round, long version, bool evenForNobody = true) => On(db => new RoundFreezing(db, this, new ReviewOpening(db, this, Bitcoin), Time).FreezeAsync(round, version, evenForNobody));

    public Task<RoundForecast> LookAsync(RoundTerms? terms = null, Policy? policy = null, NextRound next = NextRound.None) =>
        On(db => new RoundForecasting(db, this, Budget(db), this, Time).LookAsync(0, terms ?? Terms, policy ?? Policy, next));

    /// <summary>What runs every minute: opens the round that is to follow.</summary>
    public Task<int> TurnCalendarAsync() =>
        On(db => new RoundCalendarPass(db, Rules, Budget(db), Drafting(db), Opening(db), Time, NullLogger<RoundCalendarPass>.Instance).RunAsync(default));

    public Task<RoundResult> AllocateAsync(int round, long version) => On(db => new RoundAllocating(db, this, Time).AllocateAsync(round, version));

    /// <summary>As <see cref="EditAsync"/>.</summary>
    public async Task<RoundResult> ReviseAsync(int round, long version, RoundTerms terms, Guid? editor = null)
    {
        var by = editor ?? (await RoundAsync(round)).ProposedBy;
        return await On(db => Back(db).ReviseAsync(round, version, terms, by));
    }

    public Task<RoundResult> WithdrawAsync(int round, long version) => On(db => Back(db).WithdrawAsync(round, version));

    public Task<RoundResult> CancelAsync(int round, long version, CancelReason reason = CancelReason.Mistake) => On(db => Back(db).CancelAsync(round, version, reason));

    public Task<ApprovalResult> ApproveAsync(int round, string manifestSha256, Guid admin) => On(db => Approval(db).ApproveSignedInAsync(round, manifestSha256, admin));

    public Task<ApprovalResult> ApproveAsync(int round, string armoured) => On(db => Approval(db).ApproveBySignatureAsync(round, armoured));

    /// <summary>Proposes a key, and lets the other admins say yes.</summary>
    public async Task<KeyResult> EnrolAsync(Guid admin, string line)
    {
        var result = await ProposeAsync(admin, line);
        foreach (var other in new[] { Alice, Boris }.Where(a => a != admin && result is KeyResult.Waiting)) result = await ConfirmAsync(other);
        return result;
    }

    public Task<KeyResult> ProposeAsync(Guid admin, string line) => On(db => new AdminKeys(db, Policy, Time).EnrolAsync(admin, line));

    /// <summary>Says yes to the newest that waits.</summary>
    public Task<KeyResult> ConfirmAsync(Guid admin) => On(async db => await new AdminKeys(db, Policy, Time).ConfirmAsync(admin, (await db.Set<KeyMotion>().OrderBy(m => m.ProposedAt).LastAsync()).Id));

    public Task<KeyResult> RevokeAsync(Guid admin) => On(db => new AdminKeys(db, Policy, Time).RevokeAsync(admin));

    public Task<KeyResult> ProposeRevocationAsync(Guid admin, string fingerprint) => On(db => new AdminKeys(db, Policy, Time).ProposeRevocationAsync(admin, fingerprint));

    /// <summary>Decides about operators as the page would show them now.</summary>
    public async Task<DecisionResult> DecideAsync(Guid admin, Eligibility outcome, DecisionReason? reason, params Guid[] operators) =>
        await DecideAsync(1, admin, await RequestAsync(1, outcome, reason, operators));

    public Task<DecisionResult> DecideAsync(int round, Guid admin, DecisionRequest request) => On(db => new OperatorReview(db, Time).DecideAsync(round, admin, request));

    /// <summary>What a page that is read now would send.</summary>
    public async Task<DecisionRequest> RequestAsync(int round, Eligibility outcome, DecisionReason? reason, params Guid[] operators)
    {
        var (state, grants) = (await RoundAsync(round), await GrantsAsync(round));
        return new(state.State, state.Revision, outcome, reason, [.. grants.Where(g => operators.Contains(g.AccountId)).Select(g => new SeenOperator(g.Token, g.Eligibility))]);
    }

    public Task<ObjectionResult> ObjectAsync(Guid account, string? text = "It is one machine of mine and one of a friend's.", int round = 1) =>
        On(db => new ObjectionRaising(db, Protection, Time).RaiseAsync(round, account, text));

    public async Task<VoteResult> VoteAsync(Guid admin, Guid account, ObjectionVerdict verdict, int round = 1)
    {
        var token = (await GrantAsync(account, round)).Token;
        return await On(db => new ObjectionDeciding(db, Time).VoteAsync(round, token, admin, verdict));
    }

    public Task<IReadOnlyList<ObjectionView>> ObjectionsAsync(Guid admin) => On(db => new ReviewSheet(db, Protection).ObjectionsAsync(1, admin, default));

    public Task<IReadOnlyList<ReviewRow>> ReviewAsync(Guid admin, ReviewFilter filter = ReviewFilter.All, int round = 1) => On(db => new ReviewSheet(db, Protection).RowsAsync(round, filter, null, admin, default));

    public Task<int> ExpireAsync() => On(db => new CreditExpiryPass(db, Time).RunAsync(default));

    public Task<Round> RoundAsync(int number = 1) => On(db => db.Set<Round>().SingleAsync(r => r.Number == number));

    public Task<List<Grant>> GrantsAsync(int number = 1) => On(db => db.Set<Grant>().Where(g => g.RoundNumber == number).OrderBy(g => g.Token).ToListAsync());

    public async Task<Grant> GrantAsync(Guid account, int number = 1) => (await GrantsAsync(number)).Single(g => g.AccountId == account);

    public async Task<Sats> CreditAsync(Guid account) => (await On(db => Credits.BalancesAsync(db, default))).GetValueOrDefault(account);

    /// <summary>The types of all entries in the order of their making, or of one round's.</summary>
    public Task<List<string>> EntriesAsync(int? round = null) =>
        On(db => db.Set<LedgerEntry>().Where(e => round == null || e.RoundNumber == round).OrderBy(e => e.Id).Select(e => e.Type).ToListAsync());

    /// <summary>The newest entry of a type in a round, as it is written.</summary>
    public async Task<string> EntryAsync(int round, string type) => System.Text.Encoding.ASCII.GetString(
        await On(db => db.Set<LedgerEntry>().Where(e => e.RoundNumber == round && e.Type == type).OrderByDescending(e => e.Id).Select(e => e.Bytes).FirstAsync()));

    /// <summary>Drafts and opens a round of 30 days that follows the previous one, and waits until it can be frozen.</summary>
    public async Task<Round> OpenedAsync(RoundTerms? terms = null)
    {
        var number = Done(await CreateAsync(terms));
        Done(await OpenAsync(number, (await RoundAsync(number)).Version));
        var round = await RoundAsync(number);
        var wait = SettledAt(round.EndsAt, Policy) - Time.GetUtcNow();
        if (wait > TimeSpan.Zero) Time.Advance(wait);
        return round;
    }

    public async Task<Round> FrozenAsync(RoundTerms? terms = null)
    {
        var round = await OpenedAsync(terms);
        Done(await FreezeAsync(round.Number, round.Version));
        return await RoundAsync(round.Number);
    }

    /// <summary>An allocated round whose time to object is over.</summary>
    public async Task<Round> AllocatedAsync(RoundTerms? terms = null)
    {
        var round = await FrozenAsync(terms);
        Done(await AllocateAsync(round.Number, round.Version));
        Time.Advance(TimeSpan.FromHours(1));
        return await RoundAsync(round.Number);
    }

    public async Task<Round> ApprovedAsync(RoundTerms? terms = null)
    {
        var round = await AllocatedAsync(terms);
        Assert.IsType<ApprovalResult.Counted>(await ApproveAsync(round.Number, round.ManifestSha256!, Alice));
        Assert.IsType<ApprovalResult.Counted>(await ApproveAsync(round.Number, round.ManifestSha256!, Boris));
        return await RoundAsync(round.Number);
    }

    /// <summary>The terms of a round that follows another.</summary>
    public RoundTerms After(Round round) => Terms with { StartsAt = round.EndsAt, EndsAt = round.EndsAt.AddDays(30) };

    public static int Done(RoundResult result) => Assert.IsType<RoundResult.Done>(result).Number;

    public async Task<T> On<T>(Func<MoneyDb, Task<T>> act)
    {
        await using var db = Open();
        return await act(db);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private sealed class BeforeSave(Func<Task> act) : SaveChangesInterceptor
    {
        public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            await act();
            return result;
        }
    }

    private static IOptions<BitcoinOptions> Bitcoin => Options.Create(new BitcoinOptions { Network = "regtest" });

    private static EphemeralDataProtectionProvider Protection { get; } = new();

    private static IOptions<RoundsOptions> Limits => Options.Create(new RoundsOptions());

    private RuleBooks Rules => new(Policy);

    private RoundBudget Budget(MoneyDb db) => new(db, this);

    private RoundDrafting Drafting(MoneyDb db) => new(db, Rules, Budget(db), Limits);

    private RoundOpening Opening(MoneyDb db) => new(db, Rules, Budget(db), Limits, Time);

    private RoundStepBack Back(MoneyDb db) => new(db, Budget(db), Limits, Time);

    private RoundApproval Approval(MoneyDb db) => new(db, Time, NullLogger<RoundApproval>.Instance);
}
