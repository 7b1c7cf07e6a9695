using System.Collections.Concurrent;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Bitcoin;
using NBitcoin;

namespace DigitalResistance.IntegrationTests.Bitcoin;

/// <summary>
/// A signed payment that is changed in any way stops being signed: no mutation crashes, and none verifies unless it is
/// the same payment with the same signatures (or their mirror image in S, which everybody can make).
/// </summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("wpkh", 1, 1)]
    [InlineData("tr", 1, 1)]
    [InlineData("wsh", 2, 3)]
    [InlineData("sh-wsh", 2, 3)]
    public void No_mutation_of_a_signed_payment_verifies_as_another(string kind, int needed, int of)
    {
        StandIn.Only("its parsers also throw other exceptions");
        var treasury = new ToyTreasury(kind, needed, of);
        var signed = treasury.Sign(treasury.Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), Script.FromHex("0014751e76e8199196d454941c45d1b3a323f1433bd6"))));
        var ours = new Original(signed);
        var corpus = new[] { signed.ToBytes(), treasury.Pay(1, new TxOut(Money.Satoshis(5L), treasury.Script(3))).ToBytes() };
        var (refused, rejected, equivalent) = (0, 0, 0);
        Parallel.ForEach(Partitioner.Create(0, Needs.Depth(5_000, 250_000), 250), range =>
        {
            var mutator = new Mutator(range.Item1 + kind.Length);
            for (var i = range.Item1; i < range.Item2; i++)
            {
                var bytes = i % 2 == 0 ? mutator.Nudge(corpus[0]) : mutator.Mutate(corpus[0], corpus);
                if (!PSBT.TryParse(Convert.ToHexString(bytes), Network.RegTest, out var mutant)) Interlocked.Increment(ref refused);
                else if (ours.Accepts(mutant)) Interlocked.Increment(ref equivalent);
                else Interlocked.Increment(ref rejected);
            }
        });
        output.WriteLine($"{kind}: {refused} refused, {rejected} rejected, {equivalent} equivalent");
        Assert.True(refused > 0 && rejected > 0 && equivalent > 0);
    }

    /// <summary>What the treasury knows by itself, and never takes from an upload.</summary>
    private sealed class Original(PSBT signed)
    {
        private readonly uint256 _hash = signed.GetGlobalTransaction().GetHash();
        private readonly TxOut[] _spent = signed.Inputs.Select(i => i.GetTxOut()!).ToArray();
        private readonly uint256[] _hashes = signed.Inputs.Select(i => Hash(i, signed.PrecomputeTransactionData())).ToArray();
        private readonly HashSet<string> _signatures = signed.Inputs.SelectMany(i => i.PartialSigs.Values).SelectMany(Mirrored).ToHashSet(StringComparer.Ordinal);

        /// <summary>True when the mutant finishes to a valid transaction, which then must be the same payment.</summary>
        public bool Accepts(PSBT mutant)
        {
            foreach (var (key, signature) in mutant.Inputs.Take(_hashes.Length).SelectMany((i, n) => i.PartialSigs.Where(_ => n < _hashes.Length)))
                if (!_signatures.Contains(Hex(signature)) && Array.Exists(_hashes, h => key.Verify(h, signature.Signature)))
                    Assert.Fail($"Another signature verifies: {Hex(signature)}");
            if (!mutant.TryFinalize(out _)) return false;
            var transaction = mutant.ExtractTransaction();
            if (transaction.Inputs.Count != _spent.Length) return false;
            if (transaction.CreateValidator(_spent).ValidateInputs().Any(r => r.Error is not null)) return false;
            var unsigned = mutant.GetGlobalTransaction();
            Assert.Equal(_hash, unsigned.GetHash());
            return true;
        }

        private static uint256 Hash(PSBTInput input, PrecomputedTransactionData data) =>
            input.TaprootKeySignature is null ? input.GetSignatureHash(SigHash.All, data) : input.GetSignatureHash(TaprootSigHash.Default, data);

        private static IEnumerable<string> Mirrored(TransactionSignature signature)
        {
            var compact = signature.Signature.ToCompact();
            var order = new Org.BouncyCastle.Math.BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
            var mirror = order.Subtract(new Org.BouncyCastle.Math.BigInteger(1, compact, 32, 32)).ToByteArrayUnsigned();
            return [Convert.ToHexString(compact), Convert.ToHexString([.. compact[..32], .. new byte[32 - mirror.Length], .. mirror])];
        }

        private static string Hex(TransactionSignature signature) => Convert.ToHexString(signature.Signature.ToCompact());
    }
}
