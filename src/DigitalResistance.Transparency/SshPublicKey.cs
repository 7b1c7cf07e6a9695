using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace DigitalResistance.Transparency;

/// <summary>
/// A public key as OpenSSH writes it, of the kinds an approval may be given with: Ed25519, ECDSA on P-256 and P-384, and both FIDO
/// (<c>sk-</c>) kinds. RSA and DSA are not among them.
/// </summary>
public sealed class SshPublicKey
{
    /// <summary>The types that can be read, best first.</summary>
    public static readonly IReadOnlyList<string> Types =
        ["sk-ssh-ed25519@openssh.com", "ssh-ed25519", "sk-ecdsa-sha2-nistp256@openssh.com", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp256"];

    private readonly byte[] _blob;
    private readonly byte[] _point;
    private readonly string? _application;

    private SshPublicKey(string type, byte[] blob, byte[] point, string? application) =>
        (Type, _blob, _point, _application) = (type, blob, point, application);

    /// <summary>The key type, as <c>ssh-ed25519</c>.</summary>
    public string Type { get; }

    /// <summary>The public key in SSH's wire form.</summary>
    public ReadOnlyMemory<byte> Blob => _blob;

    /// <summary>Whether the private half lies in a FIDO authenticator.</summary>
    public bool IsHardware => _application is not null;

    /// <summary><c>SHA256:…</c>, as <c>ssh-keygen -l</c> prints it.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(_blob)).TrimEnd('=');

    /// <summary>Whether a text holds what a file of a private key has: the line that begins one, of whatever program, or the first letters of OpenSSH's (PROTOCOL.key).</summary>
    public static bool HoldsPrivateKey(string text) =>
        text.Contains("PRIVATE KEY", StringComparison.OrdinalIgnoreCase) || text.Contains("Private-Lines:", StringComparison.OrdinalIgnoreCase) || text.Contains("b3BlbnNzaC1rZXktdjEA", StringComparison.Ordinal);

    /// <summary>Reads one line of a <c>.pub</c> file; its comment is dropped. Throws <see cref="FormatException"/> saying what is wrong.</summary>
    public static SshPublicKey Parse(string line)
    {
        var parts = line.Trim().Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || line.Trim().AsSpan().ContainsAny('\r', '\n')) throw new FormatException("A public key is one line: its type, its base64 and maybe a comment.");
        var key = FromBlob(StrictBase64.Decode(parts[1]));
        return key.Type == parts[0] ? key : throw new FormatException($"The line says {parts[0]}, the key inside is {key.Type}.");
    }

    /// <summary>Reads the wire form.</summary>
    public static SshPublicKey FromBlob(ReadOnlySpan<byte> blob)
    {
        var reader = new SshReader(blob);
        var type = reader.Text();
        if (!Types.Contains(type)) throw new FormatException($"Keys of type {type} cannot approve; make an Ed25519 key with ssh-keygen -t ed25519.");
        if (Curve(type) is { } curve && reader.Text() != curve.Name) throw new FormatException("The key's curve is not the one its type names.");
        var point = reader.String().ToArray();
        var application = type.StartsWith("sk-", StringComparison.Ordinal) ? reader.Text() : null;
        reader.End();
        CheckPoint(type, point);
        return new(type, blob.ToArray(), point, application);
    }

    /// <summary>Type and base64, without a comment: comments often hold a person's name.</summary>
    public override string ToString() => $"{Type} {Convert.ToBase64String(_blob)}";

    /// <summary>Whether <paramref name="signature"/> (SSH's wire form) is this key's over <paramref name="data"/>.</summary>
    /// <exception cref="FormatException">The signature is not of this key's type, or malformed.</exception>
    internal SshVerdict Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var reader = new SshReader(signature);
        if (reader.Text() != Type) throw new FormatException("The signature is not of the key's type.");
        var raw = RawSignature(reader.String());
        if (_application is null)
        {
            reader.End();
            return VerifyRaw(data, raw) ? SshVerdict.Valid : SshVerdict.WrongSignature;
        }

        // A FIDO signature is over the application, what the authenticator saw, its counter, and the data
        // (OpenSSH, PROTOCOL.u2f, "SSH U2F Signatures").
        var seen = reader.Bytes(5);
        reader.End();
        byte[] signed = [.. SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(_application)), .. seen, .. SHA256.HashData(data)];
        if (!VerifyRaw(signed, raw)) return SshVerdict.WrongSignature;
        const byte UserPresent = 0x01;
        return (seen[0] & UserPresent) != 0 ? SshVerdict.Valid : SshVerdict.NobodyTouchedTheKey;
    }

    private byte[] RawSignature(ReadOnlySpan<byte> body)
    {
        if (Curve(Type) is not { } curve) return body.Length == Ed25519.SignatureSize ? body.ToArray() : throw new FormatException("An Ed25519 signature has 64 bytes.");
        var numbers = new SshReader(body);
        byte[] raw = [.. numbers.Integer(curve.Size), .. numbers.Integer(curve.Size)];
        numbers.End();
        return raw;
    }

    private bool VerifyRaw(ReadOnlySpan<byte> data, byte[] raw)
    {
        if (Curve(Type) is not { } curve) return Ed25519.Verify(raw, 0, _point, 0, data.ToArray(), 0, data.Length);
        using var ecdsa = ECDsa.Create(Parameters(curve, _point));
        return ecdsa.VerifyData(data, raw, curve.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static void CheckPoint(string type, byte[] point)
    {
        if (Curve(type) is not { } curve)
        {
            // Keys of small order would accept one signature for many texts.
            if (point.Length != Ed25519.PublicKeySize || !Ed25519.ValidatePublicKeyFull(point, 0)) throw new FormatException("This is not a good Ed25519 public key.");
            return;
        }

        if (point.Length != 1 + (2 * curve.Size) || point[0] != 0x04) throw new FormatException("The key's point is not in its uncompressed form.");
        try
        {
            using var ecdsa = ECDsa.Create(Parameters(curve, point));
        }
        catch (CryptographicException exception)
        {
            throw new FormatException("The key's point is not on its curve.", exception);
        }
    }

    private static ECParameters Parameters(NamedCurve curve, byte[] point) => new()
    {
        Curve = curve.Curve,
        Q = new ECPoint { X = point[1..(1 + curve.Size)], Y = point[(1 + curve.Size)..] },
    };

    private static NamedCurve? Curve(string type) => type switch
    {
        "ecdsa-sha2-nistp256" or "sk-ecdsa-sha2-nistp256@openssh.com" => new("nistp256", ECCurve.NamedCurves.nistP256, 32, HashAlgorithmName.SHA256),
        "ecdsa-sha2-nistp384" => new("nistp384", ECCurve.NamedCurves.nistP384, 48, HashAlgorithmName.SHA384),
        _ => null,
    };

    private sealed record NamedCurve(string Name, ECCurve Curve, int Size, HashAlgorithmName Hash);
}
