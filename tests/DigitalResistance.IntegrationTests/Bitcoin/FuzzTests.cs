using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Bitcoin;
using DigitalResistance.Treasury;
using NBitcoin;
using NBitcoin.DataEncoders;

namespace DigitalResistance.IntegrationTests.Bitcoin;

/// <summary>
/// Strangers' bytes: whatever they are, a parser either refuses them with a <see cref="FormatException"/> or reads
/// something that can be written, read again and asked everything without a surprise.
/// </summary>
public sealed partial class FuzzTests(ITestOutputHelper output)
{
    private const int Ci = 20_000;
    private const int Long = 10_000_000;

    private static readonly Lazy<PSBT[]> Psbts = new(MakePsbts);

    [Fact]
    public void A_psbt_is_refused_or_survives_every_question()
    {
        var corpus = Psbts.Value.Select(p => p.ToBytes()).ToArray();
        Fuzz("psbt", corpus, (bytes, deep) =>
        {
            var psbt = PSBT.Load(bytes, Network.RegTest);
            var written = psbt.ToBytes();
            Assert.True(written.AsSpan().SequenceEqual(PSBT.Load(written, Network.RegTest).ToBytes()));
            if (!deep) return;
            Assert.Equal(psbt, psbt.Clone());
            psbt.IsReadyToSign();
            psbt.TryGetFee(out _);
            if (psbt.TryFinalize(out _)) psbt.ExtractTransaction().ToBytes();
            psbt.Combine(PSBT.Load(psbt.ToBytes(), Network.RegTest));
        });
    }

    [Fact]
    public void A_transaction_is_refused_or_written_as_it_was()
    {
        var corpus = Psbts.Value.Select(p => p.Clone().Finalize().ExtractTransaction().ToBytes()).Concat(Psbts.Value.Select(p => p.GetGlobalTransaction().ToBytes())).ToArray();
        Fuzz("transaction", corpus, (bytes, deep) =>
        {
            var transaction = Transaction.Load(bytes, Network.RegTest);
            Assert.True(bytes.AsSpan().SequenceEqual(transaction.ToBytes()));
            transaction.GetHash();
            transaction.GetVirtualSize();
            transaction.Check();
            if (!deep) return;
            foreach (var output in transaction.Outputs) Assert.NotNull(output.ScriptPubKey.ToString() + output.ScriptPubKey.GetDestinationAddress(Network.RegTest) + output.IsDust());
            if (transaction.Inputs.Count > 0)
                transaction.CreateValidator(transaction.Inputs.Select(_ => new TxOut(Money.Zero, transaction.Outputs.Select(o => o.ScriptPubKey).FirstOrDefault() ?? Script.Empty)).ToArray()).ValidateInputs();
        });
    }

    [Fact]
    public void A_block_is_refused_or_written_as_it_was()
    {
        var block = Network.RegTest.Consensus.ConsensusFactory.CreateBlock();
        foreach (var psbt in Psbts.Value) block.AddTransaction(psbt.Clone().Finalize().ExtractTransaction());
        block.UpdateMerkleRoot();
        Fuzz("block", [block.ToBytes()], (bytes, deep) =>
        {
            var read = Block.Load(bytes, Network.RegTest);
            Assert.True(bytes.AsSpan().SequenceEqual(read.ToBytes()));
            if (deep) read.CheckMerkleRoot();
        });
    }

    [Fact]
    public void An_address_is_refused_or_written_as_it_was()
    {
        var networks = Network.GetNetworks().ToArray();
        var key = new ToyTreasury("wsh", 2, 3).Signers[0].PubKey;
        var corpus = networks.SelectMany(n => new[] { ScriptPubKeyType.Legacy, ScriptPubKeyType.SegwitP2SH, ScriptPubKeyType.Segwit, ScriptPubKeyType.TaprootBIP86 }
            .Select(t => key.GetAddress(t, n).ToString()).Append(key.ScriptPubKey.WitHash.GetAddress(n).ToString())).ToArray();
        // Spoiled text mostly dies of its checksum, so half of the inputs are spoiled bytes that somebody wrote down with a right one.
        byte[][] payloads = [.. networks.SelectMany(n => new[] { ScriptPubKeyType.Legacy, ScriptPubKeyType.SegwitP2SH }.Select(t => Encoders.Base58Check.DecodeData(key.GetAddress(t, n).ToString())))];
        byte[][] programs = [key.WitHash.ToBytes(), key.ScriptPubKey.WitHash.ToBytes(), key.TaprootInternalKey.ToBytes(), [0x4e, 0x73]];
        string Written(Mutator mutator)
        {
            if (mutator.Next(2) == 0) return Encoders.Base58Check.EncodeData(mutator.Mutate(mutator.Pick(payloads), payloads));
            var groups = Groups(mutator.Mutate(mutator.Pick(programs), programs)).Prepend((byte)mutator.Next(mutator.Next(4) == 0 ? 32 : 2)).ToArray();
            return Encoders.Bech32(mutator.Pick(["bc", "tb", "bcrt"])).EncodeRaw(groups, mutator.Next(2) == 0 ? Bech32EncodingType.BECH32 : Bech32EncodingType.BECH32M);
        }

        FuzzText("address", corpus, mutator => mutator.Next(2) == 0 ? null : Written(mutator), (text, deep) =>
        {
            // Mostly the network that the prefix names, so that more than the prefix is read.
            var network = deep ? networks[text.Length % networks.Length] : Array.Find(networks, n => text.StartsWith(n == Network.Main ? "bc1" : n == Network.RegTest ? "bcrt1" : "tb1", StringComparison.Ordinal)) ?? networks[text.Length % 2];
            var address = BitcoinAddress.Create(text, network);
            Assert.Equal(text, address.ToString(), ignoreCase: true);
            Assert.Equal(address, address.ScriptPubKey.GetDestinationAddress(network));
        });
    }

    [Fact]
    public void A_descriptor_is_refused_or_means_what_its_canonical_text_means()
    {
        var corpus = new[] { ("wpkh", 1, 1), ("tr", 1, 1), ("wsh", 1, 2), ("wsh", 2, 3) }.SelectMany(t =>
        {
            var descriptor = Descriptor.Parse(new ToyTreasury(t.Item1, t.Item2, t.Item3).Descriptor, Network.RegTest);
            var bare = descriptor.Text[..descriptor.Text.IndexOf('#', StringComparison.Ordinal)];
            return new[] { descriptor.Text, bare, bare, bare.Replace("sortedmulti", "multi", StringComparison.Ordinal).Replace('h', '\''), bare.Replace("/<0;1>", "/7/<0;1>", StringComparison.Ordinal) };
        }).ToArray();
        // Most of a descriptor's letters are its keys', where a slip only breaks a checksum: half of the inputs are spoiled between the keys,
        // and some of the keys are spoiled before they are written down.
        var keys = corpus.SelectMany(c => ExtendedKey().Matches(c).Select(m => m.Value)).Distinct().ToArray();
        byte[][] payloads = [.. keys.Select(k => Encoders.Base58Check.DecodeData(k))];
        string[] frames = [.. corpus.Select(c => ExtendedKey().Replace(c, "~"))];
        string Framed(Mutator mutator) => string.Concat(mutator.Mutate(mutator.Pick(frames), frames).Select(c => c != '~' ? $"{c}"
            : mutator.Next(8) == 0 ? Encoders.Base58Check.EncodeData(mutator.Mutate(mutator.Pick(payloads), payloads)) : mutator.Pick(keys)));
        FuzzText("descriptor", corpus, mutator => mutator.Next(2) == 0 ? null : Framed(mutator), (text, deep) =>
        {
            var descriptor = Descriptor.Parse(text, Network.RegTest);
            if (!deep) return;
            Assert.Equal(descriptor.Text, Descriptor.Parse(descriptor.Text, Network.RegTest).Text);
            Assert.NotNull(descriptor.Derive(Branch.Change, 3).ScriptPubKey.GetDestinationAddress(Network.RegTest));
        });
    }

    [Fact]
    public void An_export_of_a_wallet_is_refused_or_means_a_descriptor()
    {
        var treasury = new ToyTreasury("wsh", 2, 3);
        var descriptor = Descriptor.Parse(treasury.Descriptor, Network.RegTest);
        var names = treasury.Signers.Select(s => s.Fingerprint.ToString()).Zip(treasury.ExtendedKeys).ToArray();
        var electrum = string.Join(',', names.Index().Select(k => $$"""
            "x{{k.Index + 1}}/": {"type": "bip32", "derivation": "m/48'/1'/0'/2'", "root_fingerprint": "{{k.Item.First}}", "xpub": "{{TestTreasuries.Vpub(k.Item.Second)}}", "xprv": null}
            """));
        string[] corpus =
        [
            $"# Receive and change descriptor (BIP389):\n{descriptor.Text}\n\n# Receive descriptor (Bitcoin Core):\n",
            $"Name: Treasury\nPolicy: 2 of 3\nDerivation: m/48'/1'/0'/2'\nFormat: P2WSH\n\n{string.Join('\n', names.Select(k => $"{k.First}: {k.Second}"))}",
            $"2 of 3\n{string.Join('\n', names.Select(k => $"[{k.First}/48h/1h/0h/2h]{TestTreasuries.Vpub(k.Second)}"))}",
            $"[{names[0].First}/84h/1h/0h]{names[0].Second}",
            $$"""{"wallet_type": "2of3", {{electrum}}}""",
        ];
        FuzzText("export", corpus, _ => null, (text, deep) =>
        {
            try
            {
                if (WalletExport.TryRead(text, Network.RegTest, out var read, out var fault)) Assert.Equal(read.Text, Descriptor.Parse(read.Text, Network.RegTest).Text);
                else throw new DescriptorException(fault);
            }
            catch (DescriptorException e)
            {
                Assert.InRange(e.Fault.Position, -1, text.Length);
                throw;
            }
        }, 2_000_000);
    }

    [Fact]
    public void Another_text_is_refused_or_written_as_it_was()
    {
        var keys = new ToyTreasury("wsh", 2, 3).Signers;
        var corpus = Network.GetNetworks().SelectMany(n => new[]
        {
            keys[0].Neuter().ToString(n), keys[1].KeyExpression(KeyPath.Parse("48'/1'/0'/2'"), n), "48'/1'/0h/2'", new OutPoint(uint256.One, 7).ToString(), "0.12345678",
            Psbts.Value[0].ToBase64(),
        }).ToArray();
        FuzzText("text", corpus, _ => null, (text, _) =>
        {
            foreach (var network in Network.GetNetworks())
                if (Try(() => ExtPubKey.Parse(text, network)) is { } key) Assert.Equal(text, key.ToString(network));
            if (Try(() => RootedKeyPath.Parse(text)) is { } origin) Assert.Equal(origin, RootedKeyPath.Parse(origin.ToString()));
            if (Try(() => OutPoint.Parse(text)) is { } outPoint) Assert.Equal(outPoint, OutPoint.Parse(outPoint.ToString()));
            if (Try(() => Money.Parse(text)) is { } money) Assert.Equal(money, Money.Parse(money.ToString()));
            if (Try(() => new Script(text)) is { } script) Assert.Equal(script, new Script(script.ToString()));
            PSBT.Parse(text, Network.RegTest);
        }, 500_000);
    }

    private static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private void Fuzz(string what, byte[][] corpus, Action<byte[], bool> read, int @long = Long)
    {
        byte[][] kept = [.. Corpus.Kept(what).Select(Convert.FromHexString)];
        Run(what, [.. corpus, .. kept], mutator => mutator.Mutate(mutator.Next(4) > 0 || kept.Length == 0 ? mutator.Pick(corpus) : mutator.Pick(kept), corpus), read, Convert.ToHexString, @long);
    }

    /// <summary><paramref name="other"/> makes inputs in a way of its own, or null for a spoiled one of the corpus.</summary>
    private void FuzzText(string what, string[] corpus, Func<Mutator, string?> other, Action<string, bool> read, int @long = Long)
    {
        string[] kept = [.. Corpus.Kept(what).Select(t => Encoding.UTF8.GetString(Convert.FromHexString(t)))];
        Run(what, [.. corpus, .. kept], mutator => other(mutator) ?? mutator.Mutate(mutator.Next(8) > 0 || kept.Length == 0 ? mutator.Pick(corpus) : mutator.Pick(kept), corpus), read, t => Convert.ToHexString(Encoding.UTF8.GetBytes(t)), @long);
    }

    /// <summary>
    /// Reads the corpus as it is, then spoiled copies. Of those that are accepted in a long run every sixteenth is asked the questions that
    /// cost arithmetic on the curve; in a build all are.
    /// </summary>
    private void Run<T>(string what, T[] corpus, Func<Mutator, T> make, Action<T, bool> read, Func<T, string> show, int @long)
    {
        StandIn.Only("its parsers also throw other exceptions");
        var answers = new Corpus.Answers(what);
        var (total, deep) = (Needs.Depth(Ci, @long), Needs.Depth(1, 16));
        var (refused, accepted) = (0, 0);
        foreach (var input in corpus) Read(input, true, isKept: true);
        Parallel.ForEach(Partitioner.Create(0, total, 500), range =>
        {
            var mutator = new Mutator(range.Item1 + what.Length);
            for (var i = range.Item1; i < range.Item2; i++) Read(make(mutator), i % deep == 0);
        });
        output.WriteLine($"{what}: {total} spoiled inputs of {corpus.Length}, {accepted} accepted, {refused} refused in {answers.Count} ways");
        Assert.True(accepted > 0 && refused > 0);

        void Read(T input, bool deeply, bool isKept = false)
        {
            try
            {
                read(input, deeply);
                Interlocked.Increment(ref accepted);
            }
            catch (FormatException e)
            {
                Interlocked.Increment(ref refused);
                answers.Note(e.Message, isKept ? null : () => show(input));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{what} {show(input)}", e);
            }
        }
    }

    /// <summary>Bytes in groups of five bits, as bech32 writes them.</summary>
    private static IEnumerable<byte> Groups(byte[] bytes)
    {
        var (value, bits) = (0, 0);
        foreach (var b in bytes)
        {
            (value, bits) = ((value << 8 | b) & 0xfff, bits + 8);
            for (; bits >= 5; bits -= 5) yield return (byte)(value >> (bits - 5) & 31);
        }

        if (bits > 0) yield return (byte)(value << (5 - bits) & 31);
    }

    [GeneratedRegex("[xt]pub[1-9A-HJ-NP-Za-km-z]{107}")]
    private static partial Regex ExtendedKey();

    private static PSBT[] MakePsbts() => new (string Kind, int Needed, int Of)[] { ("wpkh", 1, 1), ("tr", 1, 1), ("wsh", 2, 3), ("sh-wsh", 2, 3), ("sh-wpkh", 1, 1), ("pkh", 1, 1), ("sh", 2, 3) }
        .Select(t =>
        {
            var treasury = new ToyTreasury(t.Kind, t.Needed, t.Of);
            var signed = treasury.Sign(treasury.Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), treasury.Script(5)), new TxOut(Money.Zero, TxNullDataTemplate.Instance.GenerateScriptPubKey(new byte[32]))));
            signed.Unknown.Add([0xf0, 1, 2, 3], [4, 5, 6]);
            signed.Inputs[0].Unknown.Add([0xfc, 1, 7], [8]);
            signed.Outputs[0].Unknown.Add([0xf1], [9]);
            return signed;
        }).ToArray();
}
