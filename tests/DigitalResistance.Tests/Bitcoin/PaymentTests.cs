using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>A payment from plan to finished transaction, for every kind of treasury.</summary>
public sealed class PaymentTests
{
    private static readonly Script Elsewhere = Script.FromHex("0014751e76e8199196d454941c45d1b3a323f1433bd6");

    public static TheoryData<string, int, int> Kinds => new()
    {
        { "wpkh", 1, 1 }, { "tr", 1, 1 }, { "wsh", 2, 3 }, { "wsh", 1, 2 }, { "wsh", 3, 5 },
        { "sh-wpkh", 1, 1 }, { "sh-wsh", 2, 3 }, { "pkh", 1, 1 }, { "sh", 2, 3 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_payment_that_enough_signers_signed_becomes_a_valid_transaction(string kind, int needed, int of)
    {
        var treasury = new ToyTreasury(kind, needed, of);
        var unsigned = treasury.Pay(coins: 2, new TxOut(Money.Satoshis(150_000L), Elsewhere));
        Assert.True(unsigned.IsReadyToSign());

        var signed = treasury.Sign(unsigned);
        Assert.True(signed.TryFinalize(out var errors), string.Join('\n', errors ?? []));
        var transaction = signed.ExtractTransaction();

        var spent = signed.Inputs.Select(i => i.GetTxOut()!).ToArray();
        Assert.All(transaction.CreateValidator(spent).ValidateInputs(), r => Assert.Null(r.Error));
        Assert.Equal(50_001, signed.GetFee().Satoshi);
        if (unsigned.Inputs.All(i => i.GetCoin()!.IsMalleable == false)) Assert.Equal(unsigned.GetGlobalTransaction().GetHash(), transaction.GetHash());
        Assert.Equal(transaction.ToHex(), Transaction.Parse(transaction.ToHex(), Network.RegTest).ToHex());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_payment_is_not_finalized_with_one_signature_too_few(string kind, int needed, int of)
    {
        var treasury = new ToyTreasury(kind, needed, of);
        var psbt = treasury.Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), Elsewhere));
        foreach (var signer in treasury.Signers.Take(needed - 1)) signer.Sign(psbt);
        Assert.False(psbt.TryFinalize(out _));
        Assert.False(psbt.CanExtractTransaction());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_finished_transaction_stops_being_valid_when_anything_it_pays_is_changed(string kind, int needed, int of)
    {
        var treasury = new ToyTreasury(kind, needed, of);
        var signed = treasury.Sign(treasury.Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), Elsewhere))).Finalize();
        var transaction = signed.ExtractTransaction();
        transaction.Outputs[0].Value = Money.Satoshis(90_001L);
        Assert.NotNull(transaction.CreateValidator([signed.Inputs[0].GetTxOut()!]).ValidateInput(0).Error);
    }

    [Theory]
    [InlineData("wpkh", 1, 1)]
    [InlineData("tr", 1, 1)]
    [InlineData("wsh", 1, 1)]
    [InlineData("wsh", 2, 3)]
    [InlineData("wsh", 3, 5)]
    [InlineData("wsh", 7, 8)]
    [InlineData("wsh", 15, 15)]
    public void What_a_signed_input_weighs_is_known_before_it_is_signed(string kind, int needed, int of)
    {
        var treasury = new ToyTreasury(kind, needed, of);
        var each = Descriptor.Parse(treasury.Descriptor, Network.RegTest).InputWeight();
        TxOut[] outputs = [new TxOut(Money.Satoshis(90_000L), Elsewhere), new TxOut(Money.Satoshis(1_000L), Elsewhere)];
        foreach (var coins in new[] { 1, 2, 7 })
        {
            var signed = treasury.Sign(treasury.Pay(coins, outputs)).Finalize().ExtractTransaction();
            // Version and lock time, two counts, the outputs; marker and flag.
            var expected = ((4 + 4 + 1 + 1 + (outputs.Length * (8 + 1 + Elsewhere.Length))) * 4) + 2 + (coins * each);
            var bare = signed.Clone();
            foreach (var input in bare.Inputs) input.WitScript = WitScript.Empty;
            var weight = (bare.ToBytes().Length * 3) + signed.ToBytes().Length;
            // One ECDSA signature in two is a byte shorter than the longest, few are two: up to four signatures that is one vbyte. Taproot's never are.
            Assert.InRange(expected - weight, 0, kind == "tr" ? 0 : coins * needed * 2);
            Assert.InRange(((expected + 3) / 4) - signed.GetVirtualSize(), 0, kind == "tr" ? 0 : coins * ((needed + 3) / 4));
        }
    }

    [Fact]
    public void A_treasury_of_fifteen_keys_can_pay()
    {
        var treasury = new ToyTreasury("wsh", 15, 15);
        var signed = treasury.Sign(treasury.Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), Elsewhere)));
        Assert.All(signed.Finalize().ExtractTransaction().CreateValidator([signed.Inputs[0].GetTxOut()!]).ValidateInputs(), r => Assert.Null(r.Error));
    }

    [Fact]
    public void A_bad_signature_does_not_spoil_enough_good_ones()
    {
        StandIn.Only("it takes the first signatures by key, good or bad; Payouts keeps good ones only");
        var treasury = new ToyTreasury("wsh", 2, 3);
        var psbt = treasury.Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), Elsewhere));
        foreach (var signer in treasury.Signers) signer.Sign(psbt);
        var first = psbt.Inputs[0].PartialSigs.Keys.First();
        psbt.Inputs[0].PartialSigs[first] = new TransactionSignature(treasury.Signers[0].Sign(uint256.One), SigHash.All);
        Assert.True(psbt.TryFinalize(out _));
    }

    [Fact]
    public void Outputs_that_claim_more_than_can_be_added_up_have_no_fee()
    {
        StandIn.Only("it throws");
        var psbt = new ToyTreasury("wpkh").Pay(coins: 1, new TxOut(Money.Satoshis(long.MaxValue), Elsewhere), new TxOut(Money.Satoshis(long.MaxValue), Elsewhere));
        Assert.False(psbt.TryGetFee(out _));
    }
}
