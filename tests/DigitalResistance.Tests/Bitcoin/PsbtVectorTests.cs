using System.Text.Json;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>PSBTs that bitcoinjs tests itself with.</summary>
public sealed class PsbtVectorTests(ITestOutputHelper output)
{
    private static readonly Lazy<JsonElement> File = new(() => Vectors.Json("bitcoinjs/psbt.json"));

    [Fact]
    public void Invalid_ones_are_refused_and_valid_ones_survive()
    {
        var bip = File.Value.GetProperty("bip174");
        var (invalid, valid) = (bip.GetProperty("invalid").EnumerateArray().ToArray(), bip.GetProperty("valid").EnumerateArray().ToArray());
        Assert.All(invalid, t => Assert.False(PSBT.TryParse(t.Text("psbt"), Network.RegTest, out _), t.Text("description")));
        Assert.All(valid, t => Assert.Equal(PSBT.Parse(t.Text("psbt"), Network.RegTest), PSBT.Parse(t.Text("psbt"), Network.RegTest).Clone()));
        Assert.All(bip.GetProperty("failSignChecks").EnumerateArray(), t => Assert.False(PSBT.Parse(t.Text("psbt"), Network.RegTest).IsReadyToSign(), t.Text("description")));
        output.WriteLine($"bitcoinjs psbt.json: {invalid.Length} invalid, {valid.Length} valid");
        Assert.Equal((18, 7), (invalid.Length, valid.Length));
    }

    [Fact]
    public void Signatures_combine_finish_and_are_extracted_as_there()
    {
        var bip = File.Value.GetProperty("bip174");
        var count = 0;
        foreach (var test in bip.GetProperty("combiner").EnumerateArray())
        {
            var parts = test.GetProperty("psbts").EnumerateArray().Select(p => PSBT.Parse(p.GetString()!, Network.RegTest)).ToArray();
            Assert.Equal(PSBT.Parse(test.Text("result"), Network.RegTest), parts.Skip(1).Aggregate(parts[0], (all, part) => all.Combine(part)));
            count++;
        }

        foreach (var test in bip.GetProperty("finalizer").EnumerateArray().Concat(File.Value.GetProperty("finalizeAllInputs").EnumerateArray()))
        {
            var psbt = PSBT.Parse(test.Text("psbt"), Network.RegTest);
            var expected = PSBT.Parse(test.Text("result"), Network.RegTest);
            // bitcoinjs finishes without checking, and some of its signatures sign something else.
            psbt.Settings.SkipVerifyScript = true;
            foreach (var input in psbt.Inputs.Where(i => expected.Inputs[(int)i.Index].IsFinalized()))
            {
                var usesLeaf = input.TaprootKeySignature is null && input.GetTxOut()!.ScriptPubKey.IsScriptType(ScriptType.Taproot);
                if (usesLeaf)
                {
                    Assert.False(input.TryFinalizeInput(out _));
                    continue;
                }

                Assert.True(input.TryFinalizeInput(out var errors), string.Join('\n', errors ?? []));
                Assert.Equal(expected.Inputs[(int)input.Index].FinalScriptSig ?? Script.Empty, input.FinalScriptSig ?? Script.Empty);
                Assert.Equal(expected.Inputs[(int)input.Index].FinalScriptWitness ?? WitScript.Empty, input.FinalScriptWitness ?? WitScript.Empty);
                count++;
            }
        }

        var rated = PSBT.Parse(File.Value.GetProperty("getFeeRate").Text("psbt"), Network.RegTest);
        rated.Settings.SkipVerifyScript = true;
        Assert.Equal(File.Value.GetProperty("getFeeRate").GetProperty("fee").GetInt64(), rated.GetFee().Satoshi / rated.Finalize().ExtractTransaction().GetVirtualSize());
        count++;

        foreach (var test in bip.GetProperty("extractor").EnumerateArray())
        {
            Assert.Equal(test.Text("transaction"), PSBT.Parse(test.Text("psbt"), Network.RegTest).ExtractTransaction().ToHex());
            count++;
        }

        output.WriteLine($"bitcoinjs psbt.json: {count} combined, finished or extracted");
        Assert.True(count >= 12);
    }

    [Fact]
    public void Partial_signatures_sign_what_they_should()
    {
        var psbt = PSBT.Parse(File.Value.GetProperty("validateSignaturesOfInput").Text("psbt"), Network.RegTest);
        var data = psbt.PrecomputeTransactionData();
        var count = 0;
        foreach (var input in psbt.Inputs)
        {
            foreach (var (key, signature) in input.PartialSigs)
            {
                Assert.True(key.Verify(input.GetSignatureHash(signature.SigHash, data), signature.Signature));
                Assert.False(key.Verify(input.GetSignatureHash(signature.SigHash | SigHash.AnyoneCanPay, data), signature.Signature));
                count++;
            }
        }

        var taproot = PSBT.Parse(File.Value.GetProperty("validateSignaturesOfTapKeyInput").Text("psbt"), Network.RegTest);
        var spent = (TaprootReadyPrecomputedTransactionData)taproot.PrecomputeTransactionData();
        foreach (var input in taproot.Inputs.Where(i => i.TaprootKeySignature is not null))
        {
            var key = new TaprootPubKey(input.GetTxOut()!.ScriptPubKey.ToBytes()[2..]);
            Assert.True(key.VerifySignature(input.GetSignatureHash(input.TaprootKeySignature!.SigHash, spent), input.TaprootKeySignature.SchnorrSignature));
            count++;
        }

        output.WriteLine($"bitcoinjs psbt.json: {count} signatures");
        Assert.True(count >= 3);
    }
}
