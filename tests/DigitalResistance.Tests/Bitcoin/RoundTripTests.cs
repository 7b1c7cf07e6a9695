using CsCheck;
using DigitalResistance.Testing;
using NBitcoin;
using NBitcoin.Crypto;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>Whatever is written is read again as what it was: parse(write(x)) = x for every type that has a written form.</summary>
public sealed class RoundTripTests
{
    private static readonly int Cases = Needs.Depth(10_000, 100_000);

    /// <summary>Points are slow to make and all alike: a few are enough.</summary>
    private static readonly PubKey[] Keys = new ToyTreasury("wsh", 2, 3).Keys(0).Concat(new ToyTreasury("wsh", 2, 3).Keys(1)).ToArray();

    private static readonly Gen<byte[]> Bytes20 = Gen.Byte.Array[20];
    private static readonly Gen<byte[]> Bytes32 = Gen.Byte.Array[32];
    private static readonly Gen<uint256> Hash = Bytes32.Select(b => new uint256(b));
    private static readonly Gen<OutPoint> Point = Gen.Select(Hash, Gen.UInt, (h, n) => new OutPoint(h, n));
    private static readonly Gen<PubKey> Key = Gen.OneOf(Keys.Select(x => Gen.Const(x)).ToArray());
    private static readonly Gen<Network> AnyNetwork = Gen.OneOf(Network.GetNetworks().ToArray().Select(x => Gen.Const(x)).ToArray());
    private static readonly Gen<KeyPath> Path = Gen.UInt.Array[0, 8].Select(p => new KeyPath(p));
    private static readonly Gen<RootedKeyPath> Origin = Gen.Select(Gen.UInt, Path, (f, p) => new RootedKeyPath(new HDFingerprint(f), p));
    private static readonly Gen<WitScript> Witness = Gen.Byte.Array[0, 90].Array[0, 4].Select(p => new WitScript(p));

    private static readonly Gen<Script> Paying = Gen.OneOf(
        Bytes20.Select(h => new KeyId(h).ScriptPubKey),
        Bytes20.Select(h => new WitKeyId(h).ScriptPubKey),
        Bytes20.Select(h => new ScriptId(h).ScriptPubKey),
        Bytes32.Select(h => new WitScriptId(h).ScriptPubKey),
        Key.Select(k => k.GetScriptPubKey(ScriptPubKeyType.TaprootBIP86)));

    private static readonly Gen<Script> AnyScript = Gen.OneOf(Paying, Gen.Byte.Array[0, 300].Select(b => new Script(b)));

    private static readonly Gen<TxOut> Output = Gen.Select(Gen.Long[0, 21_000_000 * Money.COIN], AnyScript, (v, s) => new TxOut(Money.Satoshis(v), s));

    private static readonly Gen<Transaction> AnyTransaction = Gen.Select(
        Gen.UInt, Gen.UInt, Gen.Select(Point, AnyScript, Gen.UInt, Witness).Array[1, 5], Output.Array[0, 5], Gen.Bool,
        (version, lockTime, inputs, outputs, witness) =>
        {
            var transaction = Transaction.Create(Network.Main);
            transaction.Version = version;
            transaction.LockTime = new LockTime(lockTime);
            foreach (var (point, script, sequence, items) in inputs) transaction.Inputs.Add(point, script, witness ? items : WitScript.Empty, new Sequence(sequence));
            foreach (var output in outputs) transaction.Outputs.Add(output);
            return transaction;
        });

    [Fact]
    public void Amounts() => Gen.Long[-21_000_000 * Money.COIN, 21_000_000 * Money.COIN].Sample(
        v => Assert.Equal((v, v), (Money.Parse(Money.Satoshis(v).ToString()).Satoshi, Money.Parse(Money.Satoshis(v).ToString(false)).Satoshi)), iter: Cases);

    [Fact]
    public void Hashes_and_outpoints() => Point.Sample(
        p =>
        {
            Assert.Equal(p, OutPoint.Parse(p.ToString()));
            Assert.Equal(p, OutPoint.Parse(Convert.ToHexString(p.ToBytes())));
            Assert.Equal(p.Hash, new uint256(p.Hash.ToBytes(false), false));
        },
        iter: Cases);

    [Fact]
    public void Encodings() => Gen.Byte.Array[0, 80].Sample(
        b =>
        {
            foreach (var encoder in new[] { Encoders.Hex, Encoders.Base64, Encoders.Base58, Encoders.Base58Check }) Assert.Equal(b, encoder.DecodeData(encoder.EncodeData(b)));
        },
        iter: Cases);

    [Fact]
    public void Witness_programs_of_every_version() => Gen.Select(Gen.Byte[1, 16], Gen.Byte.Array[2, 40], AnyNetwork).Sample(
        (version, program, network) =>
        {
            var encoder = Encoders.Bech32(network == Network.Main ? "bc" : "tb");
            Assert.Equal(program, encoder.Decode(encoder.Encode(version, program), out var read));
            Assert.Equal(version, read);
        },
        iter: Cases);

    [Fact]
    public void Addresses() => Gen.Select(Paying, AnyNetwork).Sample(
        (script, network) =>
        {
            var address = script.GetDestinationAddress(network)!;
            Assert.Equal(script, BitcoinAddress.Create(address.ToString(), network).ScriptPubKey);
            Assert.Equal(address, BitcoinAddress.Create(address.ToString(), network));
        },
        iter: Cases);

    [Fact]
    public void Scripts_and_witnesses()
    {
        // Like NBitcoin, we print a push of one zero byte and an empty push both as 0: the first is no round trip.
        Gen.Byte.Array[0, 90].Where(push => push is not [0]).Array[0, 6].Sample(
            pushes =>
            {
                var script = new Script(pushes.Select(Op.GetPushOp));
                Assert.Equal(script, new Script(script.ToString()));
                Assert.Equal(script, new Script(script.ToOps()));
                Assert.Equal(new WitScript(pushes), script.ToWitScript());
                Assert.Equal(new WitScript(pushes), new WitScript(new WitScript(pushes).ToBytes()));
            },
            iter: Cases);
        AnyScript.Sample(s => Assert.Equal(s, Script.FromHex(s.ToHex())), iter: Cases);
    }

    [Fact]
    public void Transactions() => AnyTransaction.Sample(
        t =>
        {
            var read = Transaction.Parse(t.ToHex(), Network.Main);
            Assert.Equal(t.ToHex(), read.ToHex());
            Assert.Equal((t.GetHash(), t.GetWitHash(), t.GetVirtualSize()), (read.GetHash(), read.GetWitHash(), read.GetVirtualSize()));
            Assert.Equal(t.ToHex(), t.Clone().ToHex());
        },
        iter: Cases);

    [Fact]
    public void Blocks() => Gen.Select(Gen.UInt, Hash, Gen.UInt, AnyTransaction.Array[1, 4]).Sample(
        (time, previous, nonce, transactions) =>
        {
            var block = Network.Main.Consensus.ConsensusFactory.CreateBlock();
            block.Header.BlockTime = DateTimeOffset.FromUnixTimeSeconds(time);
            block.Header.HashPrevBlock = previous;
            block.Header.Nonce = nonce;
            foreach (var transaction in transactions) block.AddTransaction(transaction);
            block.UpdateMerkleRoot();
            var read = Block.Load(block.ToBytes(), Network.Main);
            Assert.Equal(block.ToBytes(), read.ToBytes());
            Assert.Equal(block.GetHash(), read.GetHash());
            Assert.True(read.CheckMerkleRoot());
        },
        iter: Cases / 10);

    [Fact]
    public void Paths_and_keys()
    {
        Origin.Sample(
            o =>
            {
                Assert.Equal(o, RootedKeyPath.Parse(o.ToString()));
                Assert.Equal(o.KeyPath, KeyPath.FromBytes(o.KeyPath.ToBytes()));
            },
            iter: Cases);
        Gen.Select(Key, Bytes32, Gen.Byte[1, 255], Gen.UInt, Gen.UInt, AnyNetwork).Sample(
            (key, chain, depth, parent, child, network) =>
            {
                var extended = new ExtPubKey(key, chain, depth, new HDFingerprint(parent), child);
                Assert.Equal(extended, ExtPubKey.Parse(extended.ToString(network), network));
                Assert.Equal(extended, new ExtPubKey(extended.ToBytes()));
            },
            iter: Cases / 4);
    }

    [Fact]
    public void Signatures() => Gen.Select(Gen.Byte.Array[64], Gen.OneOf(Gen.Const(SigHash.All), Gen.Const(SigHash.None), Gen.Const(SigHash.Single), Gen.Const(SigHash.All | SigHash.AnyoneCanPay))).Sample(
        (bytes, type) =>
        {
            if (!ECDSASignature.TryParseFromCompact(bytes, out var signature)) return;
            signature = signature.MakeCanonical();
            Assert.Equal(signature.ToCompact(), ECDSASignature.FromDER(signature.ToDER()).ToCompact());
            var signed = new TransactionSignature(signature, type);
            Assert.Equal(signed, new TransactionSignature(signed.ToBytes()));
            var taproot = new TaprootSignature(new SchnorrSignature(bytes), (TaprootSigHash)type);
            if (StandIn.IsUsed) Assert.Equal(taproot.ToBytes(), TaprootSignature.Parse(taproot.ToBytes()).ToBytes());
        },
        iter: Cases);

    [Fact]
    public void Psbts() => Gen.Select(AnyTransaction, Gen.Select(Key, Origin).Array[0, 1], Output, Gen.Select(Gen.Byte[0x20, 0xf0], Gen.Byte.Array[0, 9], Gen.Byte.Array[0, 40]).Array[0, 3], Gen.Byte.Array[64]).Sample(
        (transaction, keys, output, unknown, signature) =>
        {
            transaction.RemoveSignatures();
            var psbt = PSBT.FromTransaction(transaction, Network.Main);
            var input = psbt.Inputs[0];
            input.WitnessUtxo = output;
            input.WitnessScript = output.ScriptPubKey;
            foreach (var (key, origin) in keys)
            {
                input.HDKeyPaths[key] = origin;
                input.HDTaprootKeyPaths[key.TaprootInternalKey.AsTaprootPubKey()] = new TaprootKeyPath(origin, [new uint256(signature[..32])]);
                input.TaprootInternalKey = key.TaprootInternalKey;
                if (ECDSASignature.TryParseFromCompact(signature, out var parsed)) input.PartialSigs[key] = new TransactionSignature(parsed.MakeCanonical(), SigHash.All);
                psbt.GlobalXPubs[new ExtPubKey(key, signature[..32], 3, default, 7).GetWif(Network.Main)] = origin;
                foreach (var o in psbt.Outputs.Take(1)) o.HDKeyPaths[key] = origin;
            }

            foreach (var (type, key, value) in unknown)
            {
                input.Unknown[[type, .. key]] = value;
                psbt.Unknown[[type, .. key]] = value;
            }

            var read = PSBT.Parse(psbt.ToBase64(), Network.Main);
            Assert.Equal(psbt.ToHex(), read.ToHex());
            Assert.Equal(psbt.GetGlobalTransaction().GetHash(), read.GetGlobalTransaction().GetHash());
        },
        iter: Cases);
}
