using DigitalResistance.Web.Demo;
using NBitcoin;
using NBitcoin.Crypto;

namespace DigitalResistance.Tests.Bitcoin.Bips;

/// <summary>The signed hash of segwit version 0 (https://github.com/bitcoin/bips/blob/master/bip-0143.mediawiki).</summary>
public sealed class Bip143Tests(ITestOutputHelper output)
{
    [Fact]
    public void Every_preimage_of_the_text_gives_its_hash_and_its_signature()
    {
        var (hashes, signatures) = (0, 0);
        Transaction? transaction = null;
        byte[]? preimage = null;
        uint256? hash = null;
        PubKey? key = null;
        foreach (var row in BipVectors.Of("bip-0143"))
        {
            switch (row[0])
            {
                case "unsigned":
                    (transaction, hash, key) = (Transaction.Parse(row[1], Network.Main), null, null);
                    break;
                case "signed" when transaction?.Inputs.Count > 0:
                    transaction = Transaction.Parse(row[1], Network.Main);
                    break;
                case "preimage":
                    preimage = Convert.FromHexString(row[1]);
                    break;
                case "sighash":
                    hash = new uint256(Convert.FromHexString(row[1]));
                    if (!SpendsFrom(transaction!, preimage!)) break;
                    Assert.Equal(hash, HashOf(transaction!, preimage!));
                    hashes++;
                    break;
                case "public":
                    key = new PubKey(row[1]);
                    break;
                case "private" when hash is not null:
                    Assert.True(key!.Verify(hash, ToySigner.FromKey(Convert.FromHexString(row[1])).Sign(hash)));
                    break;
                case "signature" when hash is not null && key is not null:
                    Assert.True(key.Verify(hash, new ECDSASignature(Convert.FromHexString(row[1]))));
                    signatures++;
                    break;
            }
        }

        output.WriteLine($"BIP-143: {hashes} hashes, {signatures} signatures");
        Assert.Equal((13, 12), (hashes, signatures));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void The_signed_transactions_of_the_text_are_valid_and_stop_being_so_with_another_amount(int example)
    {
        var rows = BipVectors.Of("bip-0143");
        var signed = rows.Where(r => r[0] == "signed").ElementAt(example == 4 ? 3 : example);
        var unsigned = rows.Where(r => r[0] == "unsigned").ElementAt(example);
        var start = rows.ToList().IndexOf(unsigned);
        var transaction = Transaction.Parse(signed[1], Network.Main);
        Assert.Equal(unsigned[1], WithoutSignatures(transaction).ToHex());
        var spent = rows.Skip(start).TakeWhile(r => r != signed).Where(r => r[0] == "spent")
            .Select(r => new TxOut(Money.Parse(r[2]), Script.FromHex(r[1]))).ToArray();
        Assert.All(transaction.CreateValidator(spent).ValidateInputs(), r => Assert.Null(r.Error));

        spent[^1].Value += Money.Satoshis(1L);
        Assert.NotNull(transaction.CreateValidator(spent).ValidateInput(spent.Length - 1).Error);
    }

    private static Transaction WithoutSignatures(Transaction transaction)
    {
        var clone = transaction.Clone();
        clone.RemoveSignatures();
        return clone;
    }

    /// <summary>A preimage is: version 4, prevouts 32, sequences 32, outpoint 36, script, amount 8, sequence 4, outputs 32, locktime 4, type 4.</summary>
    private static uint256 HashOf(Transaction transaction, byte[] preimage)
    {
        var outPoint = OutPointOf(preimage);
        var length = preimage[104] < 0xfd ? preimage[104] : preimage[105] | preimage[106] << 8;
        var at = preimage[104] < 0xfd ? 105 : 107;
        var script = new Script(preimage[at..(at + length)]);
        var amount = BitConverter.ToInt64(preimage, at + length);
        var type = (SigHash)BitConverter.ToUInt32(preimage, preimage.Length - 4);
        var index = transaction.Inputs.FindIndex(i => i.PrevOut == outPoint);
        return transaction.GetSignatureHash(script, index, type, new TxOut(Money.Satoshis(amount), Script.Empty), HashVersion.WitnessV0, null);
    }

    private static bool SpendsFrom(Transaction transaction, byte[] preimage) => transaction.Inputs.Any(i => i.PrevOut == OutPointOf(preimage));

    private static OutPoint OutPointOf(byte[] preimage) => new(new uint256(preimage[68..100]), BitConverter.ToUInt32(preimage, 100));
}
