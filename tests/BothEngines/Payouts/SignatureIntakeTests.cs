using System.Text;
using DigitalResistance.Payouts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>Everything that can come back from signers, and from those who are none.</summary>
public sealed class SignatureIntakeTests
{
    [Fact]
    public async Task Nonsense_is_refused_by_kind_and_changes_nothing()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        var signed = PayoutWorld.Sign(psbt, 0);

        Assert.Equal(UploadProblem.Empty, await ProblemAsync(world, batch, []));
        Assert.Equal(UploadProblem.Empty, await ProblemAsync(world, batch, " \r\n"u8.ToArray()));
        Assert.Equal(UploadProblem.TooLarge, await ProblemAsync(world, batch, new byte[(4 * 1024 * 1024) + 1]));
        Assert.Equal(UploadProblem.Unreadable, await ProblemAsync(world, batch, "hello"u8.ToArray()));
        Assert.Equal(UploadProblem.Unreadable, await ProblemAsync(world, batch, [0x89, 0x50, 0x4e, 0x47, 0, 0, 0]));
        Assert.Equal(UploadProblem.Version2, await ProblemAsync(world, batch, Convert.FromHexString("70736274ff01fb0402000000010204020000000104010101050101010300000000" + "00")));
        Assert.Equal(UploadProblem.Malformed, await ProblemAsync(world, batch, Convert.FromHexString("70736274ff01fb0401000000010204020000000104010101050101010300000000" + "00")));
        for (var length = 5; length < signed.Length; length += 1 + (signed.Length / 60))
        {
            Assert.Equal(UploadProblem.Malformed, await ProblemAsync(world, batch, signed[..length]));
        }

        Assert.Equal(BatchState.Exported, (await world.BatchAsync(1)).Batch.State);
        Assert.Equal(0, await world.World.Read(db => db.Set<SignatureUpload>().CountAsync()));
    }

    [Fact]
    public async Task File_base64_hexadecimal_and_wrapped_lines_are_all_understood()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        var base64 = Convert.ToBase64String(PayoutWorld.Sign(psbt, 0), Base64FormattingOptions.InsertLineBreaks);
        Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, Encoding.ASCII.GetBytes($"\n{base64}\n")));
        Assert.IsType<IntakeResult.NothingNew>(await world.UploadAsync(batch, Encoding.ASCII.GetBytes(Convert.ToHexString(PayoutWorld.Sign(psbt, 0)))));
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 1))).IsComplete);
    }

    [Fact]
    public async Task A_PSBT_that_comes_back_unsigned_says_so()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        Assert.IsType<IntakeResult.Unsigned>(await world.UploadAsync(batch, psbt));
    }

    [Fact]
    public async Task A_fee_that_is_no_longer_allowed_when_the_signatures_come_is_not_paid()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        var limits = world.World.Provider.GetRequiredService<IOptions<PayoutOptions>>().Value;
        var (fee, rate, share) = (limits.MaxFeeSat, limits.MinFeeRateSatPerVByte, limits.MaxFeeSharePpm);
        Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0)));

        limits.MaxFeeSat = 100;
        Assert.Equal(FeeRule.TooMuch, Assert.IsType<IntakeResult.FeeRefused>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 1))).Problem.Rule);
        (limits.MaxFeeSat, limits.MinFeeRateSatPerVByte) = (fee, 200);
        Assert.Equal(FeeRule.RateTooLow, Assert.IsType<IntakeResult.FeeRefused>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 1))).Problem.Rule);
        (limits.MinFeeRateSatPerVByte, limits.MaxFeeSharePpm) = (rate, 1);
        Assert.Equal(FeeRule.ShareTooHigh, Assert.IsType<IntakeResult.FeeRefused>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 1))).Problem.Rule);
        Assert.NotEqual(BatchState.Signed, (await world.BatchAsync(1)).Batch.State);

        limits.MaxFeeSharePpm = share;
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 1));
        Assert.Equal(BatchState.Signed, (await world.BatchAsync(1)).Batch.State);
    }

    [Fact]
    public async Task A_PSBT_of_another_round_is_named_and_not_taken()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 1_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.ApprovedAsync(2, 300_000);
        var (first, _) = await world.ExportedAsync(1);
        var (_, psbt) = await world.ExportedAsync(2);
        Assert.Equal(new IntakeResult.OtherBatch(DigitalResistance.Ledger.PaymentOrder.Round(2), 1), await world.UploadAsync(first, PayoutWorld.Sign(psbt, 0)));
    }

    [Fact]
    public async Task An_altered_PSBT_is_not_ours_however_well_it_is_signed()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, bytes) = await world.ExportedAsync(1);
        var ours = PSBT.Load(bytes, Network.RegTest);
        var altered = ours.GetGlobalTransaction();
        altered.Outputs[^1].Value -= Money.Satoshis(1L);
        var psbt = PSBT.FromTransaction(altered, Network.RegTest);
        for (var i = 0; i < psbt.Inputs.Count; i++)
        {
            (psbt.Inputs[i].WitnessUtxo, psbt.Inputs[i].NonWitnessUtxo, psbt.Inputs[i].WitnessScript) = (ours.Inputs[i].WitnessUtxo, ours.Inputs[i].NonWitnessUtxo, ours.Inputs[i].WitnessScript);
            foreach (var (key, path) in ours.Inputs[i].HDKeyPaths) psbt.Inputs[i].AddKeyPath(key, path);
        }

        Assert.IsType<IntakeResult.NotOurs>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt.ToBytes(), 0, 1)));
    }

    [Theory]
    [InlineData(SigHash.None)]
    [InlineData(SigHash.Single)]
    [InlineData(SigHash.All | SigHash.AnyoneCanPay)]
    public async Task A_signature_that_leaves_something_open_is_refused_and_the_signer_is_named(SigHash sigHash)
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, bytes) = await world.ExportedAsync(1);
        var psbt = PSBT.Load(bytes, Network.RegTest);
        PayoutWorld.Signers[1].Sign(psbt, sigHash);
        var refused = Assert.IsType<IntakeResult.AllRefused>(await world.UploadAsync(batch, psbt.ToBytes()));
        Assert.Equal([new RefusedSignature("8dfc9b34", SignatureProblem.OtherSighash, 1)], refused.Refused);
    }

    [Fact]
    public async Task Signatures_of_other_things_by_other_keys_and_malleated_ones_are_told_apart()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, bytes) = await world.ExportedAsync(1);
        var signer = PayoutWorld.Signers[0];

        async Task<SignatureProblem> Judge(Action<PSBTInput, PubKey, NBitcoin.Crypto.ECDSASignature> put)
        {
            var psbt = PSBT.Load(bytes, Network.RegTest);
            signer.Sign(psbt);
            var (key, good) = psbt.Inputs[0].PartialSigs.Single();
            psbt.Inputs[0].PartialSigs.Clear();
            put(psbt.Inputs[0], key, good.Signature);
            return Assert.IsType<IntakeResult.AllRefused>(await world.UploadAsync(batch, psbt.ToBytes())).Refused.Single().Problem;
        }

        var elsewhere = signer.Derive(5).PubKey;
        Assert.Equal(SignatureProblem.ForeignKey, await Judge((input, _, good) => input.PartialSigs.Add(elsewhere, new TransactionSignature(good, SigHash.All))));
        Assert.Equal(SignatureProblem.DoesNotVerify, await Judge((input, key, _) => input.PartialSigs.Add(key, new TransactionSignature(signer.Sign(uint256.One), SigHash.All))));
        Assert.Equal(SignatureProblem.DoesNotVerify, await Judge((input, _, good) => input.PartialSigs.Add(input.HDKeyPaths.Keys.Last(k => !input.PartialSigs.ContainsKey(k) && input.HDKeyPaths[k].MasterFingerprint != signer.Fingerprint), new TransactionSignature(good, SigHash.All))));
        Assert.Equal(BatchState.Exported, (await world.BatchAsync(1)).Batch.State);
    }

    [Fact]
    public async Task A_bad_signature_first_does_not_keep_the_good_one_of_the_same_key_out()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, bytes) = await world.ExportedAsync(1);
        var psbt = PSBT.Load(bytes, Network.RegTest);
        var key = psbt.Inputs[0].HDKeyPaths.First(k => k.Value.MasterFingerprint == PayoutWorld.Signers[0].Fingerprint).Key;
        psbt.Inputs[0].PartialSigs.Add(key, new TransactionSignature(PayoutWorld.Signers[0].Sign(uint256.One), SigHash.All));
        PayoutWorld.Signers[1].Sign(psbt);
        var mixed = Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, psbt.ToBytes()));
        Assert.Equal(["8dfc9b34"], mixed.Signers);
        Assert.Equal([new RefusedSignature("4ba43603", SignatureProblem.DoesNotVerify, 1)], mixed.Refused);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, PayoutWorld.Sign(bytes, 0))).IsComplete);
    }

    [Fact]
    public async Task Lies_about_amounts_scripts_and_finished_witnesses_in_an_upload_have_no_effect()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, bytes) = await world.ExportedAsync(1);
        var psbt = PSBT.Load(PayoutWorld.Sign(bytes, 0), Network.RegTest);
        psbt.Inputs[0].NonWitnessUtxo = null;
        psbt.Inputs[0].WitnessUtxo = new TxOut(Money.Satoshis(1L), psbt.Inputs[0].WitnessUtxo!.ScriptPubKey);
        Assert.False(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, psbt.ToBytes())).IsComplete);

        var junk = PSBT.Load(bytes, Network.RegTest);
        junk.Inputs[0].FinalScriptWitness = new WitScript([[], [1, 2, 3]]);
        Assert.IsType<IntakeResult.Unsigned>(await world.UploadAsync(batch, junk.ToBytes()));
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, PayoutWorld.Sign(bytes, 1))).IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transaction_that_the_wallet_finished_is_a_bag_of_signatures_too(bool asPsbt)
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 900_000);
        await world.ApprovedAsync(1, 1_500_000);
        var (batch, bytes) = await world.ExportedAsync(1);
        var final = PSBT.Load(PayoutWorld.Sign(bytes, 0, 1), Network.RegTest).Finalize();
        var upload = asPsbt ? final.ToBytes() : Encoding.ASCII.GetBytes(final.ExtractTransaction().ToHex() + "\n");
        var accepted = Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, upload));
        Assert.True(accepted.IsComplete);
        Assert.Equal(["4ba43603", "8dfc9b34"], accepted.Signers.Order(StringComparer.Ordinal));
        Assert.Equal(final.ExtractTransaction().ToBytes(), (await world.BatchAsync(1)).Version.FinalBytes);
    }

    [Fact]
    public async Task Two_uploads_at_once_both_count()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(signer => Task.Run(() => world.UploadAsync(batch, PayoutWorld.Sign(psbt, signer)))));
        Assert.Single(results, result => result is IntakeResult.Accepted { IsComplete: true });
        Assert.Single(results, result => result is IntakeResult.Accepted { IsComplete: false });
        Assert.Equal(BatchState.Signed, (await world.BatchAsync(1)).Batch.State);
    }

    [Fact]
    public async Task The_same_upload_many_times_at_once_is_one_upload()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        var upload = PayoutWorld.Sign(psbt, 2);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => world.UploadAsync(batch, upload))));
        Assert.Single(results, result => result is IntakeResult.Accepted);
        Assert.Equal(3, results.Count(result => result is IntakeResult.NothingNew));
        Assert.Equal(1, await world.World.Read(db => db.Set<SignatureUpload>().CountAsync()));
        Assert.Equal(upload, (await world.World.Read(db => db.Set<SignatureUpload>().SingleAsync())).Bytes);
    }

    [Fact]
    public async Task Signatures_before_the_export_and_after_the_last_one_are_not_taken()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.BuildAsync(1);
        var (batch, version) = await world.BatchAsync(1);
        Assert.IsType<IntakeResult.NotSigning>(await world.UploadAsync(batch.Id, PayoutWorld.Sign(version.Psbt, 0)));
        await world.World.SealAsync();
        await world.DownloadAsync(batch.Id);
        await world.UploadAsync(batch.Id, PayoutWorld.Sign(version.Psbt, 0, 1));
        Assert.IsType<IntakeResult.AlreadyComplete>(await world.UploadAsync(batch.Id, PayoutWorld.Sign(version.Psbt, 2)));
        Assert.IsType<IntakeResult.NotFound>(await world.UploadAsync(Guid.NewGuid(), version.Psbt));
    }

    private static async Task<UploadProblem> ProblemAsync(PayoutWorld world, Guid batch, byte[] upload) =>
        Assert.IsType<IntakeResult.Unreadable>(await world.UploadAsync(batch, upload)).Problem;
}
