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
        var theirs = await WalletLibraries.AskAsync(WalletLibraries.Bitcoinjs, cases.Select(c => (object)new { @do = "address", descriptor = c.Treasury.Descriptor, change = 0, index = c.Index }).ToArray());
        for (var i = 0; i < cases.Length; i++)
        {
            var (treasury, index) = cases[i];
            Assert.Equal((string)theirs[i]!, treasury.Script(index).GetDestinationAddress(Network.RegTest)!.ToString());
            // Where the product itself can hold such a treasury, its descriptor code must agree as well.
            if (Descriptor.TryParse(treasury.Descriptor, Network.RegTest, out var descriptor, out _))
                Assert.Equal((string)theirs[i]!, descriptor.Derive(Branch.Receive, index).ScriptPubKey.GetDestinationAddress(Network.RegTest)!.ToString());
        }

        var known = cases.Index().Where(c => c.Item.Treasury.Kind != "tr").ToArray();
        var electrum = await WalletLibraries.AskAsync(WalletLibraries.Electrum, known
            .Select(c => (object)new { @do = "address", kind = c.Item.Treasury.Kind, required = c.Item.Treasury.Needed, xpubs = c.Item.Treasury.ExtendedKeys, index = c.Item.Index }).ToArray());
        for (var i = 0; i < known.Length; i++) Assert.Equal((string)theirs[known[i].Index]!, (string)electrum[i]!);
        output.WriteLine($"{cases.Length} addresses of {cases.Select(c => c.Treasury.Descriptor).Distinct().Count()} treasuries, {known.Length} of them by Electrum too");
    }

    [Theory]
    [InlineData(WalletLibraries.Scure)]
    [InlineData(WalletLibraries.Bitcoinjs)]
    [InlineData(WalletLibraries.Electrum)]
    public async Task What_they_sign_counts_here_what_is_signed_here_counts_there_and_a_node_accepts_it(string library)
    {
        await using var node = await BcoinPeer.StartAsync();
        var random = new Random(library.Length);
        var (signatures, mined, most) = (0, 0, (Inputs: 0, Outputs: 0));
        // A few at a time, so that the largest ones do not pile up in one process.
        foreach (var some in Enumerable.Range(0, Cases).Chunk(10))
        {
            var payments = new List<Payment>();
            foreach (var number in some) payments.Add(await Payment.RandomAsync(random, number, node, taproot: library != WalletLibraries.Electrum));
            await node.MineAsync();
            var signed = await WalletLibraries.AskAsync(library, payments.Select(p => p.SignThere(library)).ToArray());
            var finished = new List<Transaction>();
            for (var i = 0; i < payments.Count; i++)
            {
                finished.Add(payments[i].FinishHere(signed[i].AsArray().Select(s => (string)s!).ToArray(), out var verified));
                signatures += verified;
                most = (Math.Max(most.Inputs, payments[i].Unsigned.Inputs.Count), Math.Max(most.Outputs, payments[i].Unsigned.Outputs.Count));
            }

            // Their signatures, finished there; then our signatures, finished there.
            var theirs = await WalletLibraries.AskAsync(library, payments.Select((p, i) => p.FinishThere(library, signed[i].AsArray().Select(s => (string)s!))).ToArray());
            for (var i = 0; i < payments.Count; i++) Payment.AssertSame(finished[i], theirs[i]);
            var ours = await WalletLibraries.AskAsync(library, payments.Select(p => p.FinishThere(library, p.SignHere())).ToArray());
            for (var i = 0; i < payments.Count; i++) Payment.AssertSame(payments[i].FinishHere(payments[i].SignedHere, out _), ours[i]);

            // The node knows no taproot; those coins are made up.
            foreach (var (payment, transaction) in payments.Zip(finished).Where(p => p.First.IsOnChain))
            {
                Assert.Equal(transaction.GetHash().ToString(), (string)(await node.CallAsync("sendrawtransaction", transaction.ToHex()))!);
                mined++;
            }

            await node.MineAsync();
            Assert.Empty(await node.MempoolAsync());
        }

        output.WriteLine($"{library}: {Cases} payments, {signatures} of its signatures verified, up to {most.Inputs} inputs and {most.Outputs} outputs; a node mined {mined}");
    }

    [Theory]
    [InlineData(WalletLibraries.Scure)]
    [InlineData(WalletLibraries.Bitcoinjs)]
    public async Task A_psbt_that_they_made_is_signed_and_finished_here(string library)
    {
        var random = new Random(7 + library.Length);
        var payments = new List<Payment>();
        for (var i = 0; i < Math.Min(Cases, 100); i++) payments.Add(await Payment.RandomAsync(random, i + 4));
        var created = await WalletLibraries.AskAsync(library, payments.Select(p => p.CreateThere(library)).ToArray());
        for (var i = 0; i < payments.Count; i++)
        {
            var psbt = PSBT.Parse((string)created[i]!, Network.RegTest);
            Assert.Equal(payments[i].Unsigned.GetGlobalTransaction().GetHash(), psbt.GetGlobalTransaction().GetHash());
            var parts = payments[i].SignHere(psbt);
            payments[i].FinishHere(parts, out _);
        }
    }

    private static ToyTreasury RandomTreasury(Random random, bool taproot = true)
    {
        var kind = new[] { "wpkh", "wsh", "wsh", "wsh", "sh-wsh", "sh-wpkh", "pkh", "tr" }[random.Next(taproot ? 8 : 7)];
        var of = kind.EndsWith("wsh", StringComparison.Ordinal) ? 1 + random.Next(random.Next(5) == 0 ? 15 : 5) : 1;
        return new ToyTreasury(kind, 1 + random.Next(of), of, $"random {random.Next()}");
    }

    /// <summary>One payment of one treasury, as both sides see it.</summary>
    private sealed class Payment
    {
        private readonly ToyTreasury _treasury;

        private Payment(ToyTreasury treasury, PSBT unsigned) => (_treasury, Unsigned) = (treasury, unsigned);

        public PSBT Unsigned { get; }

        /// <summary>Whether its coins are in the node's chain.</summary>
        public bool IsOnChain { get; private init; }

        public string[] SignedHere { get; private set; } = [];

        /// <summary>
        /// Mostly small; the first ones of a run have the most inputs and the most outputs. Its coins come from the node, where one is given
        /// and knows such scripts.
        /// </summary>
        public static async Task<Payment> RandomAsync(Random random, int number, BcoinPeer? node = null, bool taproot = true)
        {
            var treasury = number switch { 0 => new ToyTreasury("wsh", 2, 3, "many coins"), 1 => new ToyTreasury("wpkh", seed: "many recipients"), _ => RandomTreasury(random, taproot) };
            var inputs = number == 0 ? Needs.Depth(100, 400) : 1 + random.Next(random.Next(4) == 0 ? 20 : 4);
            var recipients = number == 1 ? 2_500 : 1 + random.Next(random.Next(4) == 0 ? 200 : 8);
            // Above every dust limit, with a fee of about 3 sat/vB and what is left as change.
            var payments = Enumerable.Range(0, recipients).Select(i => new TxOut(Money.Satoshis(600L + random.Next(400)), RandomScript(random))).ToArray();
            var (coin, fee) = (100_000L + (recipients * 1_200L), (inputs * 1_200L) + (recipients * 130L) + 500);
            var change = new TxOut(Money.Satoshis((inputs * coin) - payments.Sum(p => p.Value.Satoshi) - fee), treasury.Script(uint.MaxValue >> 1));
            TxOut[] outputs = [.. payments, change, new TxOut(Money.Zero, TxNullDataTemplate.Instance.GenerateScriptPubKey(Bytes(random, 32)))];

            var isOnChain = node is not null && treasury.Kind != "tr";
            var funds = new List<(Transaction, ICoin)>();
            foreach (var indexes in Enumerable.Range(0, inputs).Chunk(20))
            {
                if (!isOnChain)
                {
                    funds.AddRange(indexes.Select(i => treasury.Fund((uint)i, coin)));
                    continue;
                }

                var previous = Transaction.Parse(await node!.FundAllAsync(indexes.Select(i => treasury.Script((uint)i).ToHex()), coin), Network.RegTest);
                funds.AddRange(indexes.Select(i => (previous, treasury.CoinIn(previous, (uint)i))));
            }

            return new Payment(treasury, treasury.Pay(funds, outputs)) { IsOnChain = isOnChain };
        }

        public object SignThere(string library) =>
            new { @do = "sign", library, kind = _treasury.Kind, required = _treasury.Needed, psbt = Unsigned.ToBase64(), seeds = _treasury.Seeds.Take(_treasury.Needed).Select(s => Convert.ToHexStringLower(s)).ToArray() };

        public object FinishThere(string library, IEnumerable<string> psbts) => new { @do = "finish", library, kind = _treasury.Kind, required = _treasury.Needed, psbts = psbts.ToArray() };

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
