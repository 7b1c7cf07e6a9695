using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A backup from before a round was allocated, or even frozen, under a log that announced its payments.</summary>
public sealed class RestoredRoundTests
{
    private static readonly Guid[] Operators = [.. Enumerable.Range(1, 4).Select(i => new Guid(i, 0, 0, new byte[8]))];
    private static readonly DisplayRate Rate = new("EUR", 5_000_000, "example.org", new DateTimeOffset(2018, 4, 30, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Where_the_freeze_is_in_the_backup_everything_follows_from_the_tables_and_the_log()
    {
        await using var world = await WorldAsync();
        await OpenAsync(world);
        await FreezeAsync(world);
        var backup = await BackUpAsync(world);
        await ApprovedAsync(world);
        var before = await RoundAsync(world);
        var signed = await SignedAsync(world);

        await using var restored = await RestoreAsync(world, backup);
        Assert.IsType<RoundResult.LogIsAhead>(await AllocateAsync(restored));
        Assert.NotNull(await LockAsync(restored));
        for (var turn = 0; turn < 2; turn++) await restored.World.TurnAsync();
        var after = await RoundAsync(restored);
        Assert.Equal((before.Manifest, before.ManifestSha256, before.Revision, before.Carry), (after.Manifest, after.ManifestSha256, after.Revision, after.Carry));
        Assert.Equal((before.AllocatedAt, before.ApprovedAt, before.CreditsExpireAt), (after.AllocatedAt, after.ApprovedAt, after.CreditsExpireAt));
        await EndAsync(restored, signed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_the_freeze_is_younger_the_list_of_payments_brings_the_round_back(bool hasRate)
    {
        await using var world = await WorldAsync();
        if (!hasRate) await OpenAsync(world);
        var backup = await BackUpAsync(world);
        if (hasRate) await OpenAsync(world);
        await FreezeAsync(world);
        await ApprovedAsync(world, hasRate ? Rate : null);
        var signed = await SignedAsync(world);
        var manifest = (await RoundAsync(world)).Manifest!;
        var grants = await GrantsAsync(world);
        var list = Encoding.ASCII.GetString(RoundFiles.Payouts(grants));

        await using var restored = await RestoreAsync(world, backup);
        for (var turn = 0; turn < 2; turn++) await restored.World.TurnAsync();
        var view = (await restored.World.World.Do((PaymentRecovery recovery) => recovery.LookAsync(default)))!;
        Assert.Equal([PaymentOrder.Round(1)], view.MissingRounds);
        // An address that somebody exchanged, a list of another round, half of what is needed.
        var paid = grants.Where(g => g.Paid > Sats.Zero).ToList();
        await RefusedAsync(restored, manifest + list.Replace(paid[0].Address!, PayoutWorld.Address(7_001), StringComparison.Ordinal));
        await RefusedAsync(restored, list[..(list.TrimEnd('\n').LastIndexOf('\n') + 1)]);
        await RefusedAsync(restored, manifest);
        if (hasRate) await RefusedAsync(restored, list);
        Assert.Equal(0, await restored.World.World.Read(db => db.Set<Grant>().CountAsync()));

        Assert.Equal(new ImportResult.OrderBack(PaymentOrder.Round(1)), await TakeAsync(restored, (hasRate ? list + manifest : list).Replace("\n", "\r\n", StringComparison.Ordinal)));
        Assert.Equal(manifest, (await RoundAsync(restored)).Manifest);
        Assert.Equal(grants.Sum(g => g.Credited.Value), (await GrantsAsync(restored)).Sum(g => g.Credited.Value));
        for (var turn = 0; turn < 2; turn++) await restored.World.TurnAsync();
        if (hasRate) Assert.Equal(new ImportResult.Known(), await TakeAsync(restored, manifest));
        await EndAsync(restored, signed);
    }

    [Fact]
    public async Task A_round_that_nobody_has_any_more_is_cancelled_when_admins_booked_that_none_of_its_payments_can_be_mined()
    {
        await using var world = await WorldAsync();
        await OpenAsync(world);
        var backup = await BackUpAsync(world);
        await FreezeAsync(world);
        await ApprovedAsync(world);
        await SignedAsync(world);
        var coins = await world.World.World.Read(db => db.Set<BatchInput>().GroupBy(i => i.BatchId).Select(g => g.Min(i => i.CoinId)).ToListAsync());
        Assert.Equal(2, coins.Count);

        await using var restored = await RestoreAsync(world, backup);
        await restored.World.TurnAsync();
        foreach (var (coin, i) in coins.Select((c, i) => (c, i)))
        {
            Assert.NotNull(await LockAsync(restored));
            var spend = await restored.World.SpendElsewhereAsync((await restored.World.World.DonateAsync()).Address, 200_000, coin);
            restored.World.World.Chain.Mine(4);
            await restored.World.TurnAsync();
            foreach (var admin in new[] { world.Alice, world.Boris })
            {
                Assert.DoesNotContain("round.cancelled", await restored.World.World.LedgerTypesAsync());
                await restored.World.ExplainAsync(spend, ForeignSpendReason.Consolidation, admin);
                if (admin == world.Alice || i == 0) await restored.World.TurnAsync();
            }
        }

        for (var turn = 0; turn < 2; turn++) await restored.World.TurnAsync();
        Assert.Single(await restored.World.World.LedgerTypesAsync(), type => type == "round.cancelled");
        Assert.Equal(RoundState.Cancelled, (await RoundAsync(restored)).State);
        Assert.Null(await LockAsync(restored));
        Assert.Equal(await restored.World.HoldsAsync(), await restored.World.BalanceAsync());
        // The treasury pays again.
        await restored.World.ApprovedAsync(2, 50_000);
        Assert.IsType<BuildResult.Built>(await restored.World.BuildAsync(2));
    }

    private static async Task<MovesWorld> WorldAsync() => await MovesWorld.OfAsync(await PayoutWorld.FundedAsync([("Payouts:OutputsPerBatch", "2")], 600_000, 600_000, 400_000));

    private static Task OpenAsync(MovesWorld world) => world.World.World.Read(async db =>
    {
        var now = world.World.World.Time.GetUtcNow();
        var end = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var terms = new RoundTerms(end.AddDays(-30), end, new Sats(900_000), 1_000_000, new Sats(10_000), new Sats(10_000), new Sats(100_000), 50);
        var round = new Round
        {
            Number = 1, State = RoundState.Open, StartsAt = terms.StartsAt, EndsAt = terms.EndsAt, Budget = terms.Budget, CapPpm = terms.CapPpm, Floor = terms.Floor, Step = terms.Step,
            MaxFee = terms.MaxFee, MaxFeeRate = terms.MaxFeeRate, PolicyJson = Policy.Standard.Bytes, ProposedBy = world.Alice, OpenedAt = now,
        };
        db.Add(round);
        db.Append(new RoundOpened(1, 1, round.Policy.Sha256, terms), now);
        return await db.SaveChangesAsync();
    });

    // Two of the four earn the same; the last one has no address, so that all of its share is credit.
    private static Task FreezeAsync(MovesWorld world) => world.World.World.Read(async db =>
    {
        var (now, round) = (world.World.World.Time.GetUtcNow(), await db.Set<Round>().SingleAsync());
        round.TokenSecret = RoundToken.NewSecret();
        long[] weights = [500, 300, 300, 100];
        var grants = Operators.Select((account, i) => new Grant
        {
            RoundNumber = 1, AccountId = account, Token = RoundToken.ForOperator(round.TokenSecret, account), Weight = weights[i], Address = i < 3 ? PayoutWorld.Address(7_010 + i) : null,
        }).OrderBy(g => g.Token, StringComparer.Ordinal).ToArray();
        db.AddRange(grants);
        (round.ScoresSha256, round.State, round.FrozenAt) = (RoundFiles.Sha256(RoundFiles.Scores(grants)), RoundState.Frozen, now);
        round.Version++;
        db.Append(new RoundFrozen(1, 1, round.ScoresSha256, grants.Length), now);
        foreach (var grant in grants) db.Append(new ScoreFrozen(1, 1, grant.Token, grant.Weight), now);
        return await db.SaveChangesAsync();
    });

    private static async Task<RoundResult> AllocateAsync(MovesWorld world, DisplayRate? rate = null)
    {
        var facts = new Facts((await world.World.World.Do((ITreasuryFacts facts) => facts.ReadAsync(default)))!);
        return await world.World.World.Read(async db => await new RoundAllocating(db, facts, world.World.World.Time).AllocateAsync(1, (await db.Set<Round>().AsNoTracking().SingleAsync()).Version, rate));
    }

    private static async Task ApprovedAsync(MovesWorld world, DisplayRate? rate = null)
    {
        Assert.IsType<RoundResult.Done>(await AllocateAsync(world, rate));
        world.World.World.Time.Advance(TimeSpan.FromDays(30));
        var round = await RoundAsync(world);
        var armoured = world.Key.Sign(round.Manifest!, Manifest.SignatureNamespace);
        Assert.IsType<ApprovalResult.Counted>(await world.World.World.Read(db => Approval(db, world).ApproveBySignatureAsync(1, armoured)));
        Assert.IsType<ApprovalResult.Counted>(await world.World.World.Read(db => Approval(db, world).ApproveSignedInAsync(1, round.ManifestSha256!, world.Boris)));
        await world.World.World.FollowAsync();
        await world.World.World.SealAsync();
    }

    private static RoundApproval Approval(MoneyDb db, MovesWorld world) => new(db, world.World.World.Time, NullLogger<RoundApproval>.Instance);

    /// <summary>What signers hold when the database is lost: every payment, completely signed.</summary>
    private static async Task<List<byte[]>> SignedAsync(MovesWorld world)
    {
        Assert.IsType<BuildResult.Built>(await world.World.BuildAsync(1));
        await world.World.World.SealAsync();
        var signed = new List<byte[]>();
        foreach (var id in await BatchesAsync(world)) signed.Add(PayoutWorld.Sign(await world.World.DownloadAsync(id), 0, 1));
        return signed;
    }

    private static async Task EndAsync(MovesWorld restored, List<byte[]> signed)
    {
        Assert.Null(await LockAsync(restored));
        foreach (var (id, upload) in (await BatchesAsync(restored)).Zip(signed)) Assert.True(Assert.IsType<IntakeResult.Accepted>(await restored.World.UploadAsync(id, upload)).IsComplete);
        await restored.World.TurnAsync();
        restored.World.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await restored.World.TurnAsync();
        Assert.Equal(RoundState.Closed, await restored.World.StateAsync(1));
        Assert.Equal(await restored.World.HoldsAsync(), await restored.World.BalanceAsync());
        var received = await restored.World.ReceivedAsync();
        Assert.All(await GrantsAsync(restored), grant => Assert.Equal(grant.Paid.Value, grant.Address is null ? 0 : received[PayoutWorld.Script(grant.Address).ToHex()]));
        var types = await restored.World.World.LedgerTypesAsync();
        Assert.Equal((2, 1, 1, 1), (types.Count(t => t == "psbt.created"), types.Count(t => t == "round.allocated"), types.Count(t => t == "round.approved"), types.Count(t => t == "round.closed")));
        await restored.World.OneLogAsync();
    }

    private static async Task RefusedAsync(MovesWorld restored, string text) => Assert.IsType<ImportResult.NotTold>(await TakeAsync(restored, text));

    private static Task<ImportResult> TakeAsync(MovesWorld world, string text) => world.World.World.Do((PaymentImport import) => import.TakeAsync(Encoding.ASCII.GetBytes(text), default));

    private static Task<PaymentLockState?> LockAsync(MovesWorld world) => world.World.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default));

    private static Task<List<Guid>> BatchesAsync(MovesWorld world) => world.World.World.Read(db => db.Set<Batch>().Where(b => b.RoundNumber == 1).OrderBy(b => b.Number).Select(b => b.Id).ToListAsync());

    private static Task<Round> RoundAsync(MovesWorld world) => world.World.World.Read(db => db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == 1));

    private static Task<List<Grant>> GrantsAsync(MovesWorld world) => world.World.World.Read(db => db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == 1).ToListAsync());

    private static async Task<string> BackUpAsync(MovesWorld world)
    {
        await world.World.TurnAsync();
        return await world.World.World.Read(DatabaseBackup.TakeAsync);
    }

    private static async Task<MovesWorld> RestoreAsync(MovesWorld world, string backup) => new(await RestoredDatabaseTests.RestoreAsync(world.World, backup), world.Alice, world.Boris, world.Key);

    private sealed class Facts(TreasuryFacts facts) : ITreasuryFacts
    {
        public Task<TreasuryFacts?> ReadAsync(CancellationToken cancellation) => Task.FromResult<TreasuryFacts?>(facts);

        public Task<Sats?> EstimateFeeAsync(int recipients, Sats paid, int maxRate, CancellationToken cancellation) => Task.FromResult<Sats?>(null);
    }
}
