using System.Diagnostics.CodeAnalysis;
using NBitcoin.Crypto;
using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>An ECDSA signature with the byte that says what it covers.</summary>
public class TransactionSignature
{
    /// <summary>Of these parts.</summary>
    public TransactionSignature(ECDSASignature signature, SigHash sigHash)
    {
        ArgumentNullException.ThrowIfNull(signature);
        Signature = signature;
        SigHash = sigHash;
    }

    /// <summary>From strict DER and one more byte.</summary>
    public TransactionSignature(byte[] sigSigHash)
    {
        ArgumentNullException.ThrowIfNull(sigSigHash);
        if (sigSigHash.Length < 1 || !ECDSASignature.IsValidDER(sigSigHash.AsSpan(0, sigSigHash.Length - 1)))
            throw new FormatException("The signature is not in strict DER followed by its hash type.");
        Signature = new ECDSASignature(sigSigHash);
        SigHash = (SigHash)sigSigHash[^1];
    }

    /// <summary>The signature.</summary>
    public ECDSASignature Signature { get; }

    /// <summary>What it covers.</summary>
    public SigHash SigHash { get; }

    /// <summary>True when S is in the lower half.</summary>
    public bool IsLowS => Signature.IsLowS;

    /// <summary>True when it is written by the rules; it may still sign nothing.</summary>
    public static bool IsValid(byte[] sig, ScriptVerify scriptVerify = ScriptVerify.DerSig | ScriptVerify.StrictEnc) => IsValid(sig, scriptVerify, out _);

    /// <summary>True when it is written by the rules, and otherwise which is broken.</summary>
    public static bool IsValid(byte[] sig, ScriptVerify scriptVerify, out ScriptError error)
    {
        ArgumentNullException.ThrowIfNull(sig);
        error = sig.Length == 0 ? ScriptError.SigDer : Fault(sig, scriptVerify) ?? ScriptError.OK;
        return error == ScriptError.OK;
    }

    /// <summary>
    /// The rule of encoding that a signature breaks; an empty one breaks none, it only fails. Signatures from before
    /// BIP-66 that are not in strict DER are not understood here, even where the rules of their day allowed them.
    /// </summary>
    internal static ScriptError? Fault(byte[] signature, ScriptVerify rules)
    {
        if (signature.Length == 0) return null;
        var der = signature.AsSpan(0, signature.Length - 1);
        if (!ECDSASignature.IsValidDER(der)) return (rules & (ScriptVerify.DerSig | ScriptVerify.LowS | ScriptVerify.StrictEnc)) != 0 ? ScriptError.SigDer : ScriptError.UnknownError;
        if ((rules & ScriptVerify.LowS) != 0 && ECDSASignature.TryRead(der) is { IsLowS: false }) return ScriptError.SigHighS;
        return (rules & ScriptVerify.StrictEnc) != 0 && (signature[^1] & ~(byte)SigHash.AnyoneCanPay) is < 1 or > 3 ? ScriptError.SigHashType : null;
    }

    /// <summary>The same signature with S in the lower half.</summary>
    public TransactionSignature MakeCanonical() => IsLowS ? this : new TransactionSignature(Signature.MakeCanonical(), SigHash);

    /// <summary>Strict DER and one more byte.</summary>
    public byte[] ToBytes() => [.. Signature.ToDER(), (byte)SigHash];

    /// <inheritdoc/>
    public override string ToString() => Encoders.Hex.EncodeData(ToBytes());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TransactionSignature other && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Signature.R, Signature.S, SigHash);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(TransactionSignature? a, TransactionSignature? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(TransactionSignature? a, TransactionSignature? b) => !(a == b);
}

/// <summary>A taproot signature with what it covers; <see cref="TaprootSigHash.Default"/> is not written.</summary>
public class TaprootSignature
{
    /// <summary>Covers all outputs, without saying so.</summary>
    public TaprootSignature(SchnorrSignature schnorrSignature)
        : this(schnorrSignature, TaprootSigHash.Default)
    {
    }

    /// <summary>Of these parts.</summary>
    public TaprootSignature(SchnorrSignature schnorrSignature, TaprootSigHash sigHash)
    {
        ArgumentNullException.ThrowIfNull(schnorrSignature);
        if (!TaprootExecutionData.IsValidSigHash((byte)sigHash)) throw new ArgumentException("Invalid hash_type", nameof(sigHash));
        SchnorrSignature = schnorrSignature;
        SigHash = sigHash;
    }

    /// <summary>What it covers.</summary>
    public TaprootSigHash SigHash { get; }

    /// <summary>The signature.</summary>
    public SchnorrSignature SchnorrSignature { get; }

    /// <summary>64 or 65 bytes.</summary>
    public int Length => SigHash == TaprootSigHash.Default ? 64 : 65;

    /// <summary>Reads 64 or 65 bytes.</summary>
    public static TaprootSignature Parse(byte[] bytes) => TryParse(bytes, out var signature) ? signature : throw new FormatException("Invalid taproot signature");

    /// <summary>Reads 64 or 65 bytes, or says that it cannot.</summary>
    public static bool TryParse(byte[] bytes, [MaybeNullWhen(false)] out TaprootSignature signature)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var well = bytes.Length == 64 || bytes.Length == 65 && bytes[64] != 0 && TaprootExecutionData.IsValidSigHash(bytes[64]);
        signature = well ? new TaprootSignature(new SchnorrSignature(bytes[..64]), bytes.Length == 64 ? TaprootSigHash.Default : (TaprootSigHash)bytes[64]) : null;
        return well;
    }

    /// <summary>64 or 65 bytes.</summary>
    public byte[] ToBytes() => SigHash == TaprootSigHash.Default ? SchnorrSignature.ToBytes() : [.. SchnorrSignature.ToBytes(), (byte)SigHash];

    /// <inheritdoc/>
    public override string ToString() => Encoders.Hex.EncodeData(ToBytes());
}
