using System.Text;
using DigitalResistance.Tests.Bitcoin;
using DigitalResistance.Web.Demo;
using NBitcoin;

namespace DigitalResistance.Tests.Demo;

/// <summary>The wallet by hand: what a newcomer may give it.</summary>
public sealed class DemoWalletTests
{
    private readonly ToyTreasury _treasury = new("wsh", needed: 2, of: 3);

    [Fact]
    public void A_psbt_is_signed_whether_it_is_a_file_or_text()
    {
        var psbt = Payment();
        foreach (var file in new[] { psbt.ToBytes(), Encoding.ASCII.GetBytes(psbt.ToBase64() + "\r\n") })
        {
            var signed = PSBT.Load(DemoWallet.Sign(_treasury.Signers[1], file)!, Network.RegTest);
            Assert.All(signed.Inputs, input => Assert.Single(input.PartialSigs));
            Assert.Equal(psbt.GetGlobalTransaction().GetHash(), signed.GetGlobalTransaction().GetHash());
        }
    }

    [Fact]
    public void A_key_that_has_signed_or_is_a_stranger_has_nothing_to_sign()
    {
        var signed = DemoWallet.Sign(_treasury.Signers[0], Payment().ToBytes())!;
        Assert.Null(DemoWallet.Sign(_treasury.Signers[0], signed));
        Assert.NotNull(DemoWallet.Sign(_treasury.Signers[2], signed));
        Assert.Null(DemoWallet.Sign(new ToyTreasury("wsh", 2, 3, "another").Signers[0], signed));
    }

    [Fact]
    public void Whatever_else_is_given_is_refused_and_breaks_nothing()
    {
        var whole = Payment().ToBytes();
        for (var length = 0; length < whole.Length; length += 7) Assert.Null(DemoWallet.Sign(_treasury.Signers[0], whole[..length]));
        Assert.Null(DemoWallet.Sign(_treasury.Signers[0], "no payment"u8.ToArray()));
        // Without what it spends there is nothing to sign over.
        var bare = Payment();
        foreach (var input in bare.Inputs) (input.WitnessUtxo, input.NonWitnessUtxo) = (null, null);
        Assert.Null(DemoWallet.Sign(_treasury.Signers[0], bare.ToBytes()));
    }

    private PSBT Payment() => _treasury.Pay(2, new TxOut(Money.Satoshis(150_000), _treasury.Script(9)));
}
