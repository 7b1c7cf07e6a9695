using System.Text.Json.Nodes;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Bitcoin;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.IntegrationTests.Bitcoin;

/// <summary>
/// Random treasuries and payments, done here and by code that strangers wrote: same addresses, same transactions, and
/// each side's signatures count on the other.
/// </summary>
public sealed class OtherWalletsTests(ITestOutputHelper output)
{
    private static readonly int Cases = Needs.Depth(25, 500);

    [Fact]
    public async Task Addresses_are_those_of_other_code()
    {
        var random = new Random(20180430);
        var cases = Enumerable.Range(0, Cases * 4).Select(_ => (Treasury: RandomTreasury(random), Index: (uint)random.Next(random.Next(2) == 0 ? 20 : int.MaxValue))).ToArray();
        var theirs = await WalletLibraries.AskAsync(cases.Select(c => (object)new { @do = "address", descriptor = c.Treasury.Descriptor, change = 0, index = c.Index }).ToArray());
        for (var i = 0; i < cases.Length; i++)
        {
            var (treasury, index) = cases[i];
            Assert.Equal((string)theirs[i]!, treasury.Script(index).GetDestinationAddress(Network.RegTest)!.ToString());
            // Where the product itself can hold such a treasury, its descriptor code must agree as well.
            if (Descriptor.TryParse(treasury.Descriptor, Network.RegTest, out var descriptor, out _))
                Assert.Equal((string)theirs[i]!, descriptor.Derive(Branch.Receive, index).ScriptPubKey.GetDestinationAddress(Network.RegTest)!.ToString());
        }

        output.WriteLine($"{cases.Length} addresses of {cases.Select(c => c.Treasury.Descriptor).Distinct().Count()} treasuries");
    }

    [Theory]
    [InlineData(WalletLibraries.Scure)]
    [InlineData(WalletLibraries.Bitcoinjs)]
    public async Task What_they_sign_counts_here_and_what_is_signed_here_counts_there(string library)
    {
        var random = new Random(library.Length);
        var (signatures, largest) = (0, 0);
        // A few at a time, so that the largest ones do not pile up in one process.
        foreach (var some in Enumerable.Range(0, Cases).Chunk(10))
        {
            var payments = some.Select(i => Payment.Random(random, i)).ToArray();
            var signed = await WalletLibraries.AskAsync(payments.Select(p => p.SignThere(library)).ToArray());
            var finished = new List<Transaction>();
            for (var i = 0; i < payments.Length; i++)
            {
                finished.Add(payments[i].FinishHere(signed[i].AsArray().Select(s => (string)s!).ToArray(), out var verified));
                signatures += verified;
                largest = Math.Max(largest, payments[i].Unsigned.Inputs.Count * payments[i].Unsigned.Outputs.Count);
            }

            // Their signatures, finished there; then our signatures, finished there.
            var theirs = await WalletLibraries.AskAsync(payments.Select((p, i) => p.FinishThere(library, signed[i].AsArray().Select(s => (string)s!))).ToArray());
            for (var i = 0; i < payments.Length; i++) Payment.AssertSame(finished[i], theirs[i]);
            var ours = await WalletLibraries.AskAsync(payments.Select(p => p.FinishThere(library, p.SignHere())).ToArray());
            for (var i = 0; i < payments.Length; i++) Payment.AssertSame(payments[i].FinishHere(payments[i].SignedHere, out _), ours[i]);
        }

        output.WriteLine($"{library}: {Cases} payments, {signatures} of its signatures verified, the largest {largest} inputs times outputs");
    }

    [Theory]
    [InlineData(WalletLibraries.Scure)]
    [InlineData(WalletLibraries.Bitcoinjs)]
    public async Task A_psbt_that_they_made_is_signed_and_finished_here(string library)
    {
        var random = new Random(7 + library.Length);
        var payments = Enumerable.Range(0, Math.Min(Cases, 100)).Select(i => Payment.Random(random, i + 4)).ToArray();
        var created = await WalletLibraries.AskAsync(payments.Select(p => p.CreateThere(library)).ToArray());
        for (var i = 0; i < payments.Length; i++)
        {
            var psbt = PSBT.Parse((string)created[i]!, Network.RegTest);
            Assert.Equal(payments[i].Unsigned.GetGlobalTransaction().GetHash(), psbt.GetGlobalTransaction().GetHash());
            var parts = payments[i].SignHere(psbt);
            payments[i].FinishHere(parts, out _);
        }
    }

    [Fact]
    public async Task A_node_accepts_what_is_signed_and_finished_here()
    {
        await using var node = await BcoinPeer.StartAsync();
        var random = new Random(3);
        var treasuries = Enumerable.Range(0, 12).Select(_ => RandomTreasury(random)).Where(t => t.Kind != "tr").ToArray();
        foreach (var treasury in treasuries)
        {
            var funds = new List<(Transaction, ICoin)>();
            for (var index = 0u; index < 3; index++)
            {
                var txid = await node.FundAsync(treasury.Script(index).ToHex(), 100_000);
                var previous = Transaction.Parse((string)(await node.CallAsync("getrawtransaction", txid))!, Network.RegTest);
                funds.Add((previous, treasury.CoinIn(previous, index)));
            }

            await node.MineAsync();
            var unsigned = treasury.Pay(funds, new TxOut(Money.Satoshis(290_000L), treasury.Script(9)), new TxOut(Money.Zero, TxNullDataTemplate.Instance.GenerateScriptPubKey(new byte[32])));
            var transaction = treasury.Sign(unsigned).Finalize().ExtractTransaction();
            Assert.Equal(transaction.GetHash().ToString(), (string)(await node.CallAsync("sendrawtransaction", transaction.ToHex()))!);
            Assert.Contains(transaction.GetHash().ToString(), await node.MempoolAsync());
        }

        await node.MineAsync();
        Assert.Empty(await node.MempoolAsync());
        output.WriteLine($"the node mined the payments of {string.Join(", ", treasuries.Select(t => t.Kind))}");
    }

    private static ToyTreasury RandomTreasury(Random random)
    {
        var kind = new[] { "wpkh", "tr", "wsh", "wsh", "wsh", "sh-wsh", "sh-wpkh", "pkh" }[random.Next(8)];
        var of = kind.EndsWith("wsh", StringComparison.Ordinal) ? 1 + random.Next(random.Next(5) == 0 ? 15 : 5) : 1;
        return new ToyTreasury(kind, 1 + random.Next(of), of, $"random {random.Next()}");
    }

    /// <summary>One payment of one treasury, as both sides see it.</summary>
    private sealed class Payment
    {
        private readonly ToyTreasury _treasury;

        private Payment(ToyTreasury treasury, PSBT unsigned) => (_treasury, Unsigned) = (treasury, unsigned);

        public PSBT Unsigned { get; }

        public string[] SignedHere { get; private set; } = [];

        /// <summary>Mostly small; the first ones of a run have the most inputs and the most outputs.</summary>
        public static Payment Random(Random random, int number)
        {
            var treasury = number switch { 0 => new ToyTreasury("wsh", 2, 3, "many coins"), 1 => new ToyTreasury("wpkh", seed: "many recipients"), _ => RandomTreasury(random) };
            var inputs = number == 0 ? Needs.Depth(100, 400) : 1 + random.Next(random.Next(4) == 0 ? 20 : 4);
            var recipients = number == 1 ? 2_500 : 1 + random.Next(random.Next(4) == 0 ? 200 : 8);
            var outputs = Enumerable.Range(0, recipients).Select(i => new TxOut(Money.Satoshis(30L + random.Next(10)), RandomScript(random)))
                .Append(new TxOut(Money.Zero, TxNullDataTemplate.Instance.GenerateScriptPubKey(Bytes(random, 32)))).ToArray();
            return new Payment(treasury, treasury.Pay(inputs, outputs));
        }

        public object SignThere(string library) =>
            new { @do = "sign", library, psbt = Unsigned.ToBase64(), seeds = _treasury.Seeds.Take(_treasury.Needed).Select(s => Convert.ToHexStringLower(s)).ToArray() };

        public object FinishThere(string library, IEnumerable<string> psbts) => new { @do = "finish", library, psbts = psbts.ToArray() };

        public object CreateThere(string library) => new
        {
            @do = "create",
            library,
            inputs = Unsigned.Inputs.Select((input, i) => new
            {
                txid = input.PrevOut.Hash.ToString(),
                vout = input.PrevOut.N,
                sequence = input.Sequence.Value,
                previous = input.NonWitnessUtxo!.ToHex(),
                script = input.GetTxOut()!.ScriptPubKey.ToHex(),
                amount = input.GetTxOut()!.Value.Satoshi,
                taproot = _treasury.Kind == "tr",
                redeemScript = input.RedeemScript?.ToHex(),
                witnessScript = input.WitnessScript?.ToHex(),
                keys = _treasury.Keys((uint)i).Zip(_treasury.Origins((uint)i)).Select(k => new { key = k.First.ToHex(), fingerprint = k.Second.MasterFingerprint.ToString(), path = k.Second.KeyPath.ToString() }).ToArray(),
            }).ToArray(),
            outputs = Unsigned.Outputs.Select(o => new { script = o.ScriptPubKey.ToHex(), amount = o.Value.Satoshi }).ToArray(),
        };

        public string[] SignHere() => SignedHere = SignHere(Unsigned);

        public string[] SignHere(PSBT unsigned) => _treasury.Signers.Take(_treasury.Needed).Select(signer =>
        {
            var copy = unsigned.Clone();
            Assert.Equal(unsigned.Inputs.Count, signer.Sign(copy));
            return copy.ToBase64();
        }).ToArray();

        /// <summary>As the product does it: only verified signatures are taken from an upload, into our own copy.</summary>
        public Transaction FinishHere(string[] uploads, out int verified)
        {
            verified = 0;
            var ours = Unsigned.Clone();
            var data = (TaprootReadyPrecomputedTransactionData)ours.PrecomputeTransactionData();
            foreach (var upload in uploads.Select(u => PSBT.Parse(u, Network.RegTest)))
            {
                Assert.Equal(ours.GetGlobalTransaction().GetHash(), upload.GetGlobalTransaction().GetHash());
                foreach (var (input, theirs) in ours.Inputs.Zip(upload.Inputs))
                {
                    foreach (var (key, signature) in theirs.PartialSigs)
                    {
                        Assert.True(signature.IsLowS && key.Verify(input.GetSignatureHash(SigHash.All, data), signature.Signature));
                        input.PartialSigs[key] = signature;
                        verified++;
                    }

                    if (theirs.TaprootKeySignature is not { } taproot) continue;
                    var output = new TaprootPubKey(input.GetTxOut()!.ScriptPubKey.ToBytes()[2..]);
                    Assert.True(output.VerifySignature(input.GetSignatureHash(TaprootSigHash.Default, data), taproot.SchnorrSignature));
                    input.TaprootKeySignature = taproot;
                    verified++;
                }
            }

            Assert.Equal(ours.Inputs.Count * _treasury.Needed, verified);
            Assert.True(ours.TryFinalize(out var errors), string.Join('\n', errors ?? []));
            var transaction = ours.ExtractTransaction();
            Assert.All(transaction.CreateValidator(data.SpentOutputs).ValidateInputs(), r => Assert.Null(r.Error));
            return transaction;
        }

        public static void AssertSame(Transaction ours, JsonNode theirs)
        {
            Assert.Equal((string)theirs["txid"]!, ours.GetHash().ToString());
            Assert.Equal((int)theirs["vsize"]!, ours.GetVirtualSize());
            Assert.Equal((string)theirs["hex"]!, ours.ToHex());
        }

        private static Script RandomScript(Random random) => random.Next(5) switch
        {
            0 => new KeyId(Bytes(random, 20)).ScriptPubKey,
            1 => new ScriptId(Bytes(random, 20)).ScriptPubKey,
            2 => new WitScriptId(Bytes(random, 32)).ScriptPubKey,
            3 => new ToyTreasury("tr", seed: $"{random.Next(50)}").Script(0),
            _ => new WitKeyId(Bytes(random, 20)).ScriptPubKey,
        };

        private static byte[] Bytes(Random random, int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }
    }
}
