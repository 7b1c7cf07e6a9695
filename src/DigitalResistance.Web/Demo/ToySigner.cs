using System.Buffers.Binary;
using System.Security.Cryptography;
using NBitcoin;
using NBitcoin.Crypto;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace DigitalResistance.Web.Demo;

/// <summary>
/// A wallet for the demo and for tests: it derives private keys and signs PSBTs. The product itself never signs; nothing
/// outside the demo may use this class, and its keys are worth nothing. It is not written to resist timing.
/// </summary>
internal sealed class ToySigner
{
    private const uint Hardened = 0x80000000;

    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");
    private static readonly ECDomainParameters Domain = new(Curve);

    private readonly BigInteger _key;
    private readonly byte[] _chainCode;
    private readonly byte _depth;
    private readonly HDFingerprint _parent;
    private readonly uint _child;

    private ToySigner(BigInteger key, byte[] chainCode, byte depth, HDFingerprint parent, uint child)
    {
        if (key.SignValue <= 0 || key.CompareTo(Curve.N) >= 0) throw new ArgumentException("The private key is out of range.", nameof(key));
        (_key, _chainCode, _depth, _parent, _child) = (key, chainCode, depth, parent, child);
        PubKey = new PubKey(Curve.G.Multiply(key).Normalize().GetEncoded(compressed: true));
    }

    public PubKey PubKey { get; }

    public HDFingerprint Fingerprint => PubKey.GetHDFingerPrint();

    /// <summary>The master key of a seed (https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki#master-key-generation).</summary>
    public static ToySigner FromSeed(byte[] seed)
    {
        var hash = HMACSHA512.HashData("Bitcoin seed"u8, seed);
        return new ToySigner(new BigInteger(1, hash, 0, 32), hash[32..], 0, default, 0);
    }

    /// <summary>From <c>xprv…</c> or <c>tprv…</c>.</summary>
    public static ToySigner Parse(string text)
    {
        var bytes = NBitcoin.DataEncoders.Encoders.Base58Check.DecodeData(text);
        if (bytes.Length != 78 || bytes[45] != 0) throw new FormatException("This is not an extended private key.");
        return new ToySigner(new BigInteger(1, bytes, 46, 32), bytes[13..45], bytes[4], new HDFingerprint(bytes[5..9]), BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(9)));
    }

    /// <summary>A single key that nothing is derived from.</summary>
    public static ToySigner FromKey(byte[] key) => new(new BigInteger(1, key), new byte[32], 0, default, 0);

    /// <summary>Derives a child; hardened steps are allowed here.</summary>
    public ToySigner Derive(uint index)
    {
        Span<byte> data = stackalloc byte[37];
        if (index >= Hardened) KeyBytes().CopyTo(data[1..]);
        else PubKey.ToBytes().CopyTo(data);
        BinaryPrimitives.WriteUInt32BigEndian(data[33..], index);
        var hash = HMACSHA512.HashData(_chainCode, data);
        var key = new BigInteger(1, hash, 0, 32).Add(_key).Mod(Curve.N);
        return new ToySigner(key, hash[32..], checked((byte)(_depth + 1)), Fingerprint, index);
    }

    public ToySigner Derive(KeyPath path) => path.Indexes.Aggregate(this, (key, index) => key.Derive(index));

    /// <summary>The public half, as a watch-only treasury holds it.</summary>
    public ExtPubKey Neuter() => new(PubKey, _chainCode, _depth, _parent, _child);

    /// <summary>The key expression that a descriptor wants: <c>[fingerprint/path]tpub…</c>.</summary>
    public string KeyExpression(KeyPath account, Network network) => $"[{new RootedKeyPath(Fingerprint, account)}]{Derive(account).Neuter().ToString(network)}";

    /// <summary>Signs every input that says it needs a key of this master key; returns how many signatures were made.</summary>
    public int Sign(PSBT psbt, SigHash sigHash = SigHash.All)
    {
        var data = psbt.PrecomputeTransactionData();
        return psbt.Inputs.Sum(input => input.IsFinalized() ? 0 : SignEcdsa(input, data, sigHash) + SignTaproot(input, data));
    }

    private int SignEcdsa(PSBTInput input, PrecomputedTransactionData data, SigHash sigHash)
    {
        var mine = input.HDKeyPaths.Where(k => k.Value.MasterFingerprint == Fingerprint && !input.PartialSigs.ContainsKey(k.Key)).ToArray();
        foreach (var (key, origin) in mine)
        {
            var signer = Derive(origin.KeyPath);
            if (signer.PubKey != key) throw new InvalidOperationException($"Input {input.Index} names a key that does not follow from its path.");
            input.PartialSigs.Add(key, new TransactionSignature(signer.Sign(input.GetSignatureHash(sigHash, data)), sigHash));
        }

        return mine.Length;
    }

    private int SignTaproot(PSBTInput input, PrecomputedTransactionData data)
    {
        if (input.TaprootKeySignature is not null || input.TaprootInternalKey is not { } internalKey) return 0;
        var origin = input.HDTaprootKeyPaths.Values.FirstOrDefault(p => p.LeafHashes.Length == 0 && p.RootedKeyPath.MasterFingerprint == Fingerprint);
        if (origin is null) return 0;
        var tweaked = Derive(origin.RootedKeyPath.KeyPath).Tweak(internalKey, input.TaprootMerkleRoot);
        var hash = input.GetSignatureHash(TaprootSigHash.Default, data);
        input.TaprootKeySignature = new TaprootSignature(tweaked.SignSchnorr(hash.ToBytes(), RandomNumberGenerator.GetBytes(32)));
        return 1;
    }

    /// <summary>The key whose signature satisfies the output (BIP-341 <c>taproot_tweak_seckey</c>).</summary>
    public ToySigner Tweak(TaprootInternalPubKey internalKey, uint256? merkleRoot)
    {
        if (!PubKey.TaprootInternalKey.Equals(internalKey)) throw new InvalidOperationException("The taproot key does not follow from its path.");
        var tweak = new BigInteger(1, internalKey.GetTaprootFullPubKey(merkleRoot).Tweak.ToArray());
        return new ToySigner(EvenKey().Add(tweak).Mod(Curve.N), new byte[32], 0, default, 0);
    }

    /// <summary>ECDSA with the nonce of RFC 6979 and S in the lower half.</summary>
    public ECDSASignature Sign(uint256 hash)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(true, new ECPrivateKeyParameters(_key, Domain));
        var (r, s) = signer.GenerateSignature(hash.ToBytes()) is [var first, var second] ? (first, second) : throw new InvalidOperationException();
        return ECDSASignature.TryParseFromCompact([.. Fixed32(r), .. Fixed32(s)], out var signature)
            ? signature.MakeCanonical()
            : throw new InvalidOperationException("The signature is out of range.");
    }

    /// <summary>https://github.com/bitcoin/bips/blob/master/bip-0340.mediawiki#default-signing.</summary>
    public SchnorrSignature SignSchnorr(byte[] message, byte[] auxiliary)
    {
        var publicX = PubKey.ToBytes()[1..];
        var masked = Tagged("BIP0340/aux", auxiliary);
        var key = Fixed32(EvenKey());
        for (var i = 0; i < 32; i++) masked[i] ^= key[i];
        var nonce = new BigInteger(1, Tagged("BIP0340/nonce", [.. masked, .. publicX, .. message])).Mod(Curve.N);
        if (nonce.SignValue == 0) throw new InvalidOperationException("The nonce is zero.");
        var point = Curve.G.Multiply(nonce).Normalize();
        if (point.AffineYCoord.TestBitZero()) nonce = Curve.N.Subtract(nonce);
        var r = point.AffineXCoord.GetEncoded();
        var challenge = new BigInteger(1, Tagged("BIP0340/challenge", [.. r, .. publicX, .. message])).Mod(Curve.N);
        return new SchnorrSignature([.. r, .. Fixed32(nonce.Add(challenge.Multiply(EvenKey())).Mod(Curve.N))]);
    }

    /// <summary>The private key whose public point has an even y, as BIP-340 takes it.</summary>
    private BigInteger EvenKey() => PubKey.ToBytes()[0] == 2 ? _key : Curve.N.Subtract(_key);

    private byte[] KeyBytes() => Fixed32(_key);

    private static byte[] Tagged(string tag, byte[] data)
    {
        var prefix = SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(tag));
        return SHA256.HashData([.. prefix, .. prefix, .. data]);
    }

    private static byte[] Fixed32(BigInteger number)
    {
        var bytes = number.ToByteArrayUnsigned();
        return [.. new byte[32 - bytes.Length], .. bytes];
    }
}
