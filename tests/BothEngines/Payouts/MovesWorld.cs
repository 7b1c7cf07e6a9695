using System.Security.Cryptography;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A funded treasury with two admins, who move its money: Alice approves with a key, Boris signed in, as the standard policy wants it.</summary>
internal sealed class MovesWorld(PayoutWorld world, Guid alice, Guid boris, TestSshKey key) : IAsyncDisposable
{
    public static readonly MoveFees Fees = new(new Sats(100_000), 50);

    public PayoutWorld World => world;

    public Guid Alice => alice;

    public Guid Boris => boris;

    public TestSshKey Key => key;

    public static async Task<MovesWorld> FundedAsync(params long[] coins) => await OfAsync(await PayoutWorld.FundedAsync(coins));

    public static async Task<MovesWorld> OfAsync(PayoutWorld world)
    {
        var (alice, key) = (await world.AdminAsync(), TestSshKey.Create("ssh-ed25519"));
        var fingerprint = "SHA256:" + Convert.ToBase64String(SHA256.HashData(key.PublicBlob)).TrimEnd('=');
        await world.World.Read(db =>
        {
            var line = $"{key.Type} {Convert.ToBase64String(key.PublicBlob)}";
            db.Add(new AdminKey { AccountId = alice, PublicKey = line, Fingerprint = fingerprint, AddedAt = world.World.Time.GetUtcNow() });
            db.Append(new KeyAdded(line, fingerprint, 2), world.World.Time.GetUtcNow());
            return db.SaveChangesAsync();
        });
        return new MovesWorld(world, alice, await world.AdminAsync(), key);
    }

    public Task<MoveResult> ConsolidateAsync(int batches = 1) => world.World.Do((MoveProposal act) => act.ConsolidateAsync(batches, Fees, alice, default));

    public Task<MoveResult> PayAsync(params Bill[] bills) => world.World.Do((MoveProposal act) => act.PayCostsAsync(bills, Fees, alice, default));

    public Task<MoveResult> RotateAsync(string descriptor, int batches = 1) => world.World.Do((MoveProposal act) => act.RotateAsync(descriptor, batches, Fees, alice, default));

    public Task<Move> MoveAsync(int number = 1) => world.World.Read(db => db.Set<Move>().AsNoTracking().SingleAsync(m => m.Number == number));

    public async Task<ApprovalResult> ApproveAsync(Guid admin, int number = 1)
    {
        var move = await MoveAsync(number);
        return admin == alice
            ? await world.World.Do((MoveApproval act) => act.ApproveBySignatureAsync(number, key.Sign(move.Manifest, MoveManifest.SignatureNamespace), default))
            : await world.World.Do((MoveApproval act) => act.ApproveSignedInAsync(number, move.ManifestSha256, admin, default));
    }

    /// <summary>Waits out the time to object, lets both admins approve, and publishes that.</summary>
    public async Task ApprovedAsync(MoveResult proposed)
    {
        var number = Assert.IsType<MoveResult.Done>(proposed).Number;
        world.World.Time.Advance(TimeSpan.FromDays(30));
        foreach (var admin in new[] { alice, boris }) Assert.IsType<ApprovalResult.Counted>(await ApproveAsync(admin, number));
        Assert.Equal(MoveState.Approved, (await MoveAsync(number)).State);
        await world.World.FollowAsync();
        await world.World.SealAsync();
    }

    public Task<BuildResult> BuildAsync(int number = 1) => world.World.Do((MoveBuilding act) => act.BuildAsync(number, 6, PayoutWorld.Treasurer, default));

    public async Task<MoveResult> WithdrawAsync(int number = 1)
    {
        var seen = (await MoveAsync(number)).Version;
        return await world.World.Do((MoveWithdrawal act) => act.WithdrawAsync(number, seen, default));
    }

    public Task<List<Batch>> BatchesAsync(int number = 1) => world.World.Read(db => db.Set<Batch>().AsNoTracking().Where(b => b.MoveNumber == number).OrderBy(b => b.Number).ToListAsync());

    /// <summary>Every batch is downloaded, signed, uploaded and mined until it is final.</summary>
    public async Task FinishAsync(int number, Func<byte[], byte[]>? sign = null)
    {
        await world.World.SealAsync();
        foreach (var batch in await BatchesAsync(number))
        {
            var signed = (sign ?? (psbt => PayoutWorld.Sign(psbt, 0, 1)))(await world.DownloadAsync(batch.Id));
            Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch.Id, signed)).IsComplete);
        }

        await world.TurnAsync();
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(MoveState.Closed, (await MoveAsync(number)).State);
    }

    /// <summary>Unspent coins in the books, by the treasury they lie with.</summary>
    public Task<List<(string Treasury, long Amount)>> CoinsAsync() => world.World.Read(async db => (await (
        from coin in db.Set<TreasuryCoin>()
        where coin.IsBooked && coin.Height != null && coin.SpentHeight == null
        join address in db.Set<TreasuryAddress>() on coin.AddressId equals address.Id
        join descriptor in db.Set<TreasuryDescriptor>() on address.DescriptorId equals descriptor.Id
        orderby coin.Amount
        select new { descriptor.Sha256, coin.Amount }).ToListAsync()).ConvertAll(c => (c.Sha256, c.Amount.Value)));

    public Task<LedgerHead> HeadAsync() => world.World.Read(db => db.Set<LedgerHead>().AsNoTracking().SingleAsync());

    public ValueTask DisposeAsync() => world.DisposeAsync();
}
