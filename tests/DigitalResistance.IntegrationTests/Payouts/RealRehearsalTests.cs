using System.Text;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.IntegrationTests.Treasury;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Payouts;

/// <summary>Three people with Electrum make a treasury and rehearse it on a real node, on both engines.</summary>
public sealed class RealRehearsalTests
{
    private static readonly Guid[] Holders = [.. Enumerable.Range(1, 3).Select(i => new Guid(i, 0, 0, new byte[8]))];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Keys_as_Electrum_shows_them_make_the_wallet_that_Electrum_has_and_every_one_of_them_signs(string engine)
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var wallet = await ElectrumPeer.MultisigAsync(2, 3);
        var database = engine == Engine.Name ? await MoneyDatabase.CreateAsync() : MoneyDatabase.Sqlite();
        await using var payouts = new PayoutWorld(TreasuryWorld.On(database, NodeFollowingTests.Settings(node)));
        var world = payouts.World;

        Assert.IsType<CeremonyResult.Done>(await world.Do((CeremonyOpening act) => act.BeginAsync(TreasuryScript.SortedMultisig, 2, 3, null, Holders[0], default)));
        var id = await world.Read(db => db.Set<Ceremony>().Select(c => c.Id).SingleAsync());
        for (var i = 0; i < 3; i++)
        {
            var key = await wallet.KeyAsync(i);
            Assert.StartsWith("Vpub", key.Text, StringComparison.Ordinal);
            Assert.IsType<CeremonyResult.Done>(await world.Do((CeremonyKeys act) => act.GiveAsync(id, key.Text, key.Fingerprint, key.Path, SigningDevice.Software, Holders[i], default)));
        }

        var descriptor = TestTreasuries.Parse(wallet.Descriptor);
        for (var i = 0; i < 3; i++) await world.Do((CeremonyConfirmation act) => act.ConfirmAsync(id, descriptor.Sha256, null, Holders[i], default));
        Assert.Equal(descriptor.Text, (await world.Do((TreasuryWallet treasury) => treasury.FindAsync(default)))!.Descriptor.Text);
        Assert.Equal((await wallet.AddressesAsync()).Take(3), Enumerable.Range(0, 3).Select(i => descriptor.Address(Branch.Receive, (uint)i)));
        Assert.Equal((await wallet.ChangeAddressesAsync()).Take(3), Enumerable.Range(0, 3).Select(i => descriptor.Address(Branch.Change, (uint)i)));

        var address = Assert.IsType<RehearsalResult.Given>(await world.Do((Rehearsals act) => act.GiveAddressAsync(default))).Address;
        Assert.Contains(address, await wallet.AddressesAsync());
        await node.FundAsync(address, 80_000);
        await node.MineAsync(2);
        await payouts.TurnAsync();

        await RehearseAsync(payouts, node, wallet, 1, 0, 2);
        Assert.Equal([true, false, true], (await payouts.World.Do((RehearsalQuery query) => query.FindAsync(default)))!.Keys.Select(k => k.HasSigned));
        await RehearseAsync(payouts, node, wallet, 2, 1, 0);
        Assert.IsType<RehearsalResult.AllProven>(await world.Do((Rehearsals act) => act.PrepareAsync(Holders[0], default)));
        Assert.Equal(await payouts.BalanceAsync(), await node.HeldAsync([.. await wallet.AddressesAsync(), .. await wallet.ChangeAddressesAsync()]));
        await payouts.OneLogAsync();
    }

    private static async Task RehearseAsync(PayoutWorld world, BcoinPeer node, ElectrumPeer wallet, int move, params int[] signers)
    {
        Assert.Equal(new RehearsalResult.Prepared(move), await world.World.Do((Rehearsals act) => act.PrepareAsync(Holders[0], default)));
        await world.World.SealAsync();
        Assert.IsType<BuildResult.Built>(await world.World.Do((MoveBuilding act) => act.BuildAsync(move, 6, Holders[0], default)));
        await world.World.SealAsync();
        var batch = await world.World.Read(db => db.Set<Batch>().Where(b => b.MoveNumber == move).Select(b => b.Id).SingleAsync());
        var psbt = Convert.ToBase64String(await world.DownloadAsync(batch));

        // The same seed at another account's path: Electrum finds nothing of its own in it.
        Assert.IsType<IntakeResult.Unsigned>(await UploadAsync(world, batch, await wallet.SignAtOtherPathAsync(signers[0], psbt)));
        var room = (await world.World.Do((SigningRoom act) => act.FindAsync(batch, default)))!;
        Assert.Contains($"{(await wallet.KeyAsync(signers[0])).Fingerprint} (m/48h/1h/0h/2h)", room.Expected, StringComparison.Ordinal);
        foreach (var signer in signers) Assert.IsType<IntakeResult.Accepted>(await UploadAsync(world, batch, await wallet.SignAsync(signer, psbt)));

        await world.TurnAsync();
        await node.MineAsync(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(MoveState.Closed, (await world.World.Read(db => db.Set<Move>().AsNoTracking().SingleAsync(m => m.Number == move))).State);
        var told = Assert.Single(await world.World.LedgerAsync(), entry => entry.Contains("treasury.rehearsed", StringComparison.Ordinal) && entry.Contains($"\"move\":{move},", StringComparison.Ordinal));
        foreach (var signer in signers) Assert.Contains((await wallet.KeyAsync(signer)).Fingerprint, told, StringComparison.Ordinal);
    }

    private static Task<IntakeResult> UploadAsync(PayoutWorld world, Guid batch, string text) => world.UploadAsync(batch, Encoding.ASCII.GetBytes(text));
}
