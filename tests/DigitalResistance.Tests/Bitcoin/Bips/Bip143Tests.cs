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
        var preimages = new List<(byte[] Preimage, uint256 Hash)>();
        foreach (var row in BipVectors.Of("bip-0143"))
        {
            switch (row[0])
            {
                case "unsigned":
                    (transaction, hash, key) = (Transaction.Parse(row[1], Network.Main), null, null);
                    preimages.Clear();
                    break;
                case "signed" when transaction?.Inputs.Count > 0:
                    transaction = Transaction.Parse(row[1], Network.Main);
                    break;
                case "swapped":
                    // SINGLE|ANYONECANPAY does not commit to the place of its input.
                    transaction = Transaction.Parse(row[1], Network.Main);
                    Assert.All(preimages, p => Assert.Equal(p.Hash, HashOf(transaction, p.Preimage)));
                    hashes += preimages.Count;
                    break;
                case "preimage":
                    preimage = Convert.FromHexString(row[1]);
                    break;
                case "sighash":
                    hash = new uint256(Convert.FromHexString(row[1]));
                    Assert.Equal(hash, HashOf(transaction!, preimage!));
                    preimages.Add((preimage!, hash));
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
        Assert.Equal((16, 13), (hashes, signatures));
    }

    /// <summary>The example's place, how many of its scripts are none that a treasury can have, and so refused by the stand-in whatever they say.</summary>
    [Theory]
    [InlineData(0, 0)] // P2WPKH beside a public key
    [InlineData(1, 0)] // P2SH-P2WPKH
    [InlineData(2, 1)] // OP_CODESEPARATOR
    [InlineData(3, 2)] // OP_CODESEPARATOR that is not executed
    [InlineData(5, 0)] // P2SH-P2WSH, 6 of 6
    [InlineData(6, 1)] // a signature inside of the script that it signs
    public void The_signed_transactions_of_the_text_are_valid_and_stop_being_so_with_another_amount(int example, int outside)
    {
        var rows = BipVectors.Of("bip-0143").ToList();
        var signed = rows.Where(r => r[0] is "signed" or "swapped").ElementAt(example);
        var start = rows.FindLastIndex(rows.IndexOf(signed), r => r[0] == "unsigned");
        var transaction = Transaction.Parse(signed[1], Network.Main);
        Assert.Equal(signed[1], transaction.ToHex());
        Assert.Equal(rows[start][1], WithoutSignatures(transaction).ToHex());
        var spent = rows.Skip(start).TakeWhile(r => r != signed).Where(r => r[0] == "spent").Select(r => new TxOut(Money.Parse(r[2]), Script.FromHex(r[1]))).ToArray();
        AssertValid(transaction, spent, outside);

        spent[^1].Value += Money.Satoshis(1L);
        Assert.NotNull(transaction.CreateValidator(spent).ValidateInput(spent.Length - 1).Error);
    }

    [Fact] // The two that have no unsigned form of their own in the text.
    public void Swapped_inputs_and_signatures_inside_of_a_multisig_script_are_valid_too()
    {
        var rows = BipVectors.Of("bip-0143").ToList();
        var swapped = Transaction.Parse(rows.Single(r => r[0] == "swapped")[1], Network.Main);
        AssertValid(swapped, rows.Where(r => r[0] == "spent" && r[2] == "0.16777215").Reverse().Select(r => new TxOut(Money.Parse(r[2]), Script.FromHex(r[1]))).ToArray(), outside: 2);

        var multisig = Transaction.Parse(rows.Last(r => r[0] == "signed")[1], Network.Main);
        var preimage = Convert.FromHexString(rows.Last(r => r[0] == "preimage")[1]);
        var script = new Script(multisig.Inputs[0].WitScript.Pushes.Last());
        AssertValid(multisig, [new TxOut(Money.Satoshis(BitConverter.ToInt64(preimage, preimage.Length - 52)), script.WitHash.ScriptPubKey)], outside: 1);
    }

    private static void AssertValid(Transaction transaction, TxOut[] spent, int outside)
    {
        // The rules of blocks: signatures that are part of a script were not made with a low S, which nodes only ask of what they relay.
        var validator = transaction.CreateValidator(spent);
        validator.ScriptVerify = ScriptVerify.Standard & ~ScriptVerify.LowS;
        var errors = validator.ValidateInputs().Select(r => r.Error).ToArray();
        Assert.Equal(StandIn.IsUsed ? outside : 0, errors.Count(e => e == ScriptError.UnknownError));
        Assert.All(errors, e => Assert.True(e is null or ScriptError.UnknownError, $"{e}"));
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

    private static OutPoint OutPointOf(byte[] preimage) => new(new uint256(preimage[68..100]), BitConverter.ToUInt32(preimage, 100));
}
