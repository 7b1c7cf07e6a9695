using DigitalResistance.Web.Demo;
using NBitcoin;
using NBitcoin.Crypto;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>Schnorr signatures (BIP-340) and taproot spent with its key (BIP-341).</summary>
public sealed class TaprootVectorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("bips/bip-0340_test-vectors.csv")]
    [InlineData("core/bip340_test_vectors.csv")]
    public void Signatures_are_judged_and_made_as_BIP_340_says(string file)
    {
        var (judged, made) = (0, 0);
        foreach (var row in Vectors.Lines(file).Skip(1).Where(l => l.Length > 0).Select(l => l.Split(',')))
        {
            var (secret, key, auxiliary, message, signature) = (row[1], row[2], row[3], Convert.FromHexString(row[4]), Convert.FromHexString(row[5]));
            // The real package signs and judges hashes only, which is all that bitcoin needs.
            if (!StandIn.IsUsed && message.Length != 32) continue;
            var valid = TaprootPubKey.TryCreate(Convert.FromHexString(key), out var publicKey)
                && SchnorrSignature.TryParse(signature, out var parsed) && publicKey.VerifySignature(message, parsed);
            Assert.True(valid == (row[6] == "TRUE"), $"{row[0]}: {row[7]}");
            judged++;
            if (secret.Length == 0) continue;
            Assert.Equal(signature, ToySigner.FromKey(Convert.FromHexString(secret)).SignSchnorr(message, Convert.FromHexString(auxiliary)).ToBytes());
            made++;
        }

        output.WriteLine($"{file}: {judged} judged, {made} made");
        Assert.Equal(StandIn.IsUsed ? (19, 8) : (15, 4), (judged, made));
    }

    [Theory]
    [InlineData("bips/bip-0341_wallet-test-vectors.json")]
    [InlineData("core/bip341_wallet_vectors.json")]
    public void Keys_hashes_and_signatures_are_those_of_BIP_341(string file)
    {
        var vectors = Vectors.Json(file);
        var scripts = vectors.GetProperty("scriptPubKey").EnumerateArray().ToArray();
        foreach (var test in scripts)
        {
            var intermediary = test.GetProperty("intermediary");
            var root = intermediary.Optional("merkleRoot") is { } hex ? new uint256(Convert.FromHexString(hex)) : null;
            var key = TaprootInternalPubKey.Parse(test.GetProperty("given").Text("internalPubkey")).GetTaprootFullPubKey(root);
            Assert.Equal(intermediary.Text("tweak"), Convert.ToHexStringLower(key.Tweak.ToArray()));
            Assert.Equal(intermediary.Text("tweakedPubkey"), key.OutputKey.ToString());
            Assert.Equal(test.GetProperty("expected").Text("scriptPubKey"), key.ScriptPubKey.ToHex());
            Assert.Equal(test.GetProperty("expected").Text("bip350Address"), key.GetAddress(Network.Main).ToString());
        }

        var spending = vectors.GetProperty("keyPathSpending").EnumerateArray().Single();
        var transaction = Transaction.Parse(spending.GetProperty("given").Text("rawUnsignedTx"), Network.Main);
        var spent = spending.GetProperty("given").GetProperty("utxosSpent").EnumerateArray()
            .Select(u => new TxOut(Money.Satoshis(u.GetProperty("amountSats").GetInt64()), Script.FromHex(u.Text("scriptPubKey")))).ToArray();
        var data = transaction.PrecomputeTransactionData(spent);
        var shared = spending.GetProperty("intermediary");
        Assert.Equal(shared.Text("hashAmounts"), Convert.ToHexStringLower(data.HashAmountsSingle.ToBytes()));
        Assert.Equal(shared.Text("hashOutputs"), Convert.ToHexStringLower(data.HashOutputsSingle.ToBytes()));
        Assert.Equal(shared.Text("hashPrevouts"), Convert.ToHexStringLower(data.HashPrevoutsSingle.ToBytes()));
        Assert.Equal(shared.Text("hashScriptPubkeys"), Convert.ToHexStringLower(data.HashScriptsSingle.ToBytes()));
        Assert.Equal(shared.Text("hashSequences"), Convert.ToHexStringLower(data.HashSequenceSingle.ToBytes()));

        var inputs = spending.GetProperty("inputSpending").EnumerateArray().ToArray();
        foreach (var test in inputs)
        {
            var given = test.GetProperty("given");
            var (index, type) = (given.GetProperty("txinIndex").GetInt32(), (TaprootSigHash)given.GetProperty("hashType").GetUInt32());
            var hash = transaction.GetSignatureHashTaproot(data, new TaprootExecutionData(index) { SigHash = type });
            Assert.Equal(test.GetProperty("intermediary").Text("sigHash"), Convert.ToHexStringLower(hash.ToBytes()));
            var signer = ToySigner.FromKey(given.Hex("internalPrivkey"));
            var root = given.Optional("merkleRoot") is { } hex ? new uint256(Convert.FromHexString(hex)) : null;
            var signature = new TaprootSignature(signer.Tweak(signer.PubKey.TaprootInternalKey, root).SignSchnorr(hash.ToBytes(), new byte[32]), type);
            Assert.Equal(test.GetProperty("expected").GetProperty("witness")[0].GetString(), signature.ToString());
        }

        var signed = Transaction.Parse(spending.GetProperty("auxiliary").Text("fullySignedTx"), Network.Main);
        Assert.All(signed.CreateValidator(spent).ValidateInputs(), r => Assert.Null(r.Error));
        output.WriteLine($"{file}: {scripts.Length} outputs, {inputs.Length} inputs");
        Assert.Equal((7, 7), (scripts.Length, inputs.Length));
    }
}
