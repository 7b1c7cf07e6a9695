using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

public sealed class PayoutLifeTests
{
    [Fact]
    public async Task A_round_is_built_exported_signed_broadcast_confirmed_and_closed()
    {
        await using var world = await PayoutWorld.FundedAsync(3_000_000, 500_000);
        await world.ApprovedAsync(1, 100_000, 200_000, 300_000, 100_000, 5_000);

        Assert.Equal(new BuildResult.Built([1], 0).Numbers, Assert.IsType<BuildResult.Built>(await world.BuildAsync(1)).Numbers);
        Assert.Equal(RoundState.Building, await world.StateAsync(1));
        await world.World.SealAsync();
        var (batch, version) = await world.BatchAsync(1);
        var psbt = await world.DownloadAsync(batch.Id);
        Assert.Equal(RoundState.Signing, await world.StateAsync(1));

        var first = Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch.Id, PayoutWorld.Sign(psbt, 0)));
        Assert.Equal(["4ba43603"], first.Signers);
        Assert.False(first.IsComplete);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch.Id, PayoutWorld.Sign(psbt, 2))).IsComplete);
        Assert.Equal(BatchState.Signed, (await world.BatchAsync(1)).Batch.State);

        await world.TurnAsync();
        Assert.Equal(RoundState.Broadcast, await world.StateAsync(1));
        Assert.True(await world.World.Chain.IsWaitingAsync(uint256.Parse(version.Txid), default));
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.Equal(RoundState.Confirmed, await world.StateAsync(1));
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));

        Assert.Equal(
            ["psbt.created", "tx.broadcast", "tx.confirmed", "round.closed"],
            (await world.World.LedgerTypesAsync()).Where(type => type is "psbt.created" or "tx.broadcast" or "tx.confirmed" or "round.closed"));
        Assert.Contains($"\"fee_sat\":{version.Fee.Value},\"paid_sat\":705000,", (await world.World.LedgerAsync())[^1], StringComparison.Ordinal);
        await BooksEqualTheChainAsync(world, version.Paid + version.Fee, donated: 3_500_000);
    }

    [Fact]
    public async Task Everybody_gets_exactly_the_approved_amount_in_an_output_of_their_own()
    {
        await using var world = await PayoutWorld.FundedAsync(900_000_000);
        long[] amounts = [.. Enumerable.Range(0, 240).Select(i => 10_000L + (i * 37))];
        await world.LimitedAsync(3, maxFee: 1_000_000, maxRate: 50, amounts);
        for (var batch = 1; batch <= 3; batch++)
        {
            // One coin: each batch waits for the change of the one before.
            var (id, psbt) = await world.ExportedAsync(3, batch);
            await world.UploadAsync(id, PayoutWorld.Sign(psbt, 1, 2));
            await world.TurnAsync();
            world.World.Chain.Mine(2);
            await world.TurnAsync();
        }

        var received = await world.ReceivedAsync();
        var payouts = await world.World.Read(db => db.Set<Payout>().ToListAsync());
        Assert.Equal(240, payouts.Count);
        Assert.All(payouts, payout => Assert.Equal(payout.Amount.Value, received[Convert.ToHexStringLower(payout.Script)]));
        Assert.Equal(240, payouts.Select(p => (p.PaidTxid, p.PaidVout)).Distinct().Count());
        Assert.Equal([80, 80, 80], payouts.GroupBy(p => p.PaidTxid).Select(batch => batch.Count()));
    }

    [Fact]
    public async Task As_many_batches_are_built_at_once_as_the_coins_allow()
    {
        await using var world = await PayoutWorld.FundedAsync(5_000_000, 5_000_000, 100_000);
        await world.LimitedAsync(1, maxFee: 1_000_000, maxRate: 50, [.. Enumerable.Range(0, 250).Select(_ => 20_000L)]);
        var outlook = Assert.IsType<BuildResult.Outlook>(await world.World.Do((BatchBuilding act) => act.LookAsync(1, 6, default)));
        Assert.Equal((2, 3, 3), (outlook.Count, outlook.Missing, outlook.Batches));
        var built = Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
        Assert.Equal("1,2 and 1", $"{string.Join(',', built.Numbers)} and {built.Waiting}");
        var missing = Assert.IsType<BuildResult.NotEnough>(await world.BuildAsync(1));
        Assert.True(missing.Available < missing.Needed);
    }

    [Fact]
    public async Task The_transaction_commits_to_the_checkpoint_that_holds_the_approvals_and_stands_in_BIP_69_order()
    {
        await using var world = await PayoutWorld.FundedAsync(800_000, 700_000, 600_000);
        await world.ApprovedAsync(1, 900_000, 800_000, 1_000);
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
        var (batch, version) = await world.BatchAsync(1);
        var transaction = PSBT.Load(version.Psbt, Network.RegTest).GetGlobalTransaction();

        var checkpoint = (await world.World.Do((LedgerSeals seals) => seals.LatestAsync()))!;
        Assert.Equal(checkpoint.Size, batch.CheckpointSize);
        var commitment = Assert.Single(transaction.Outputs, output => output.Value == Money.Zero);
        Assert.Equal("6a20" + Convert.ToHexStringLower(OpReturnCommitment.Of(checkpoint)), commitment.ScriptPubKey.ToHex());
        Assert.Equal(transaction.Outputs.OrderBy(o => o.Value.Satoshi).ThenBy(o => o.ScriptPubKey.ToHex(), StringComparer.Ordinal), transaction.Outputs);
        Assert.Equal(transaction.Inputs.OrderBy(i => i.PrevOut.Hash.ToString(), StringComparer.Ordinal).ThenBy(i => i.PrevOut.N), transaction.Inputs);
        Assert.True(transaction.RBF);
        Assert.Equal(version.Txid, transaction.GetHash().ToString());
    }

    [Fact]
    public async Task The_PSBT_holds_all_that_a_signing_device_wants_to_see()
    {
        await using var world = await PayoutWorld.FundedAsync(800_000, 700_000, 600_000);
        await world.ApprovedAsync(1, 900_000, 800_000);
        var (_, bytes) = await world.ExportedAsync(1);
        var psbt = PSBT.Load(bytes, Network.RegTest);
        Assert.All(psbt.Inputs, input =>
        {
            Assert.Equal(input.PrevOut.Hash, input.NonWitnessUtxo!.GetHash());
            Assert.Equal(input.NonWitnessUtxo.Outputs[(int)input.PrevOut.N].Value, input.WitnessUtxo!.Value);
            Assert.Equal(input.WitnessUtxo.ScriptPubKey, input.WitnessScript!.WitHash.ScriptPubKey);
            Assert.Equal(["4ba43603", "56c4fac3", "8dfc9b34"], input.HDKeyPaths.Values.Select(path => path.MasterFingerprint.ToString()).Order(StringComparer.Ordinal));
            Assert.Null(input.SighashType);
        });
        var change = Assert.Single(psbt.Outputs, output => output.WitnessScript is not null);
        Assert.Equal(3, change.HDKeyPaths.Count);
        Assert.All(change.HDKeyPaths.Values, path => Assert.EndsWith("/1/0", path.ToString(), StringComparison.Ordinal));
        Assert.Equal(3, psbt.GlobalXPubs.Count);
        Assert.True(psbt.IsReadyToSign());
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 30)]
    [InlineData(20, 100)]
    public async Task The_size_of_the_signed_transaction_is_known_before_it_is_signed(int coins, int recipients)
    {
        await using var world = await PayoutWorld.FundedAsync([.. Enumerable.Range(0, coins).Select(i => 300_000L + i)]);
        await world.ApprovedAsync(1, [.. Enumerable.Range(0, recipients).Select(_ => (coins * 290_000L) / recipients)]);
        var (id, psbt) = await world.ExportedAsync(1);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(id, PayoutWorld.Sign(psbt, 0, 1))).IsComplete);
        var (_, version) = await world.BatchAsync(1);
        var final = Transaction.Load(version.FinalBytes!, Network.RegTest);
        Assert.Equal(coins, final.Inputs.Count);
        Assert.InRange(VByteRate.VBytes(version.Weight) - final.GetVirtualSize(), 0, coins);
    }

    private static async Task BooksEqualTheChainAsync(PayoutWorld world, Sats spent, long donated)
    {
        var coins = await world.World.Read(db => db.Set<TreasuryCoin>().Where(c => c.Height != null && c.SpentHeight == null).Select(c => c.Amount).ToListAsync());
        Assert.Equal(new Sats(donated) - spent, Sats.Sum(coins));
    }
}
