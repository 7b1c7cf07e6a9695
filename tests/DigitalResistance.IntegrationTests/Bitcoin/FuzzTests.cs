using System.Collections.Concurrent;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Bitcoin;
using NBitcoin;

namespace DigitalResistance.IntegrationTests.Bitcoin;

/// <summary>
/// Strangers' bytes: whatever they are, a parser either refuses them with a <see cref="FormatException"/> or reads
/// something that can be written, read again and asked everything without a surprise.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Ci = 20_000;
    private const int Long = 10_000_000;

    private static readonly Lazy<PSBT[]> Psbts = new(MakePsbts);

    [Fact]
    public void A_psbt_is_refused_or_survives_every_question()
    {
        var corpus = Psbts.Value.Select(p => p.ToBytes()).ToArray();
        Fuzz("PSBT", corpus, bytes =>
        {
            var psbt = PSBT.Load(bytes, Network.RegTest);
            Assert.Equal(psbt.ToBytes(), PSBT.Load(psbt.ToBytes(), Network.RegTest).ToBytes());
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
        Fuzz("transaction", corpus, bytes =>
        {
            var transaction = Transaction.Load(bytes, Network.RegTest);
            Assert.Equal(bytes, transaction.ToBytes());
            transaction.GetHash();
            transaction.GetVirtualSize();
            transaction.Check();
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
        Fuzz("block", [block.ToBytes()], bytes =>
        {
            var read = Block.Load(bytes, Network.RegTest);
            Assert.Equal(bytes, read.ToBytes());
            read.CheckMerkleRoot();
        });
    }

    [Fact]
    public void A_text_is_refused_or_written_as_it_was()
    {
        var keys = new ToyTreasury("wsh", 2, 3).Signers;
        var corpus = Network.GetNetworks().SelectMany(n => new[]
        {
            keys[0].PubKey.GetAddress(ScriptPubKeyType.Legacy, n).ToString(), keys[0].PubKey.GetAddress(ScriptPubKeyType.SegwitP2SH, n).ToString(),
            keys[0].PubKey.GetAddress(ScriptPubKeyType.Segwit, n).ToString(), keys[0].PubKey.GetAddress(ScriptPubKeyType.TaprootBIP86, n).ToString(),
            keys[0].Neuter().ToString(n), keys[1].KeyExpression(KeyPath.Parse("48'/1'/0'/2'"), n), "48'/1'/0h/2'", new OutPoint(uint256.One, 7).ToString(), "0.12345678",
            Psbts.Value[0].ToBase64(),
        }).ToArray();
        FuzzText("text", corpus, text =>
        {
            var read = false;
            foreach (var network in Network.GetNetworks())
            {
                if (Try(() => BitcoinAddress.Create(text, network)) is { } address)
                {
                    read = true;
                    Assert.Equal(text, address.ToString(), ignoreCase: true);
                    Assert.Equal(address, address.ScriptPubKey.GetDestinationAddress(network));
                }

                if (Try(() => ExtPubKey.Parse(text, network)) is { } key) Assert.Equal(text, key.ToString(network));
            }

            if (Try(() => RootedKeyPath.Parse(text)) is { } origin) Assert.Equal(origin, RootedKeyPath.Parse(origin.ToString()));
            if (Try(() => OutPoint.Parse(text)) is { } outPoint) Assert.Equal(outPoint, OutPoint.Parse(outPoint.ToString()));
            if (Try(() => Money.Parse(text)) is { } money) Assert.Equal(money, Money.Parse(money.ToString()));
            if (Try(() => new Script(text)) is { } script) Assert.Equal(script, new Script(script.ToString()));
            if (!read && Try(() => PSBT.Parse(text, Network.RegTest)) is null) throw new FormatException("Neither an address nor a PSBT.");
        });
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

    private void Fuzz(string what, byte[][] corpus, Action<byte[]> read) => Run(what, mutator => mutator.Mutate(mutator.Pick(corpus), corpus), read, Convert.ToHexString);

    private void FuzzText(string what, string[] corpus, Action<string> read) => Run(what, mutator => mutator.Mutate(mutator.Pick(corpus), corpus), read, t => t);

    private void Run<T>(string what, Func<Mutator, T> make, Action<T> read, Func<T, string> show)
    {
        StandIn.Only("its parsers also throw other exceptions");
        var (refused, accepted) = (0, 0);
        Parallel.ForEach(Partitioner.Create(0, Needs.Depth(Ci, Long), 500), range =>
        {
            var mutator = new Mutator(range.Item1 + what.Length);
            for (var i = range.Item1; i < range.Item2; i++)
            {
                var input = make(mutator);
                try
                {
                    read(input);
                    Interlocked.Increment(ref accepted);
                }
                catch (FormatException)
                {
                    Interlocked.Increment(ref refused);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"{what} {show(input)}", e);
                }
            }
        });
        output.WriteLine($"{what}: {accepted} accepted, {refused} refused");
        Assert.True(accepted > 0);
    }

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
