using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace DigitalResistance.Transparency;

/// <summary>
/// A public key that signs notes: its name, its short id and its Ed25519 point, written as one line called vkey
/// (<see href="https://c2sp.org/signed-note">C2SP signed-note</see>, "Verifier keys").
/// </summary>
public sealed class NoteVerifier
{
    private const byte Ed25519Type = 0x01;
    private readonly byte[] _publicKey;

    /// <summary>A key by its name and its 32 bytes.</summary>
    public NoteVerifier(string name, ReadOnlySpan<byte> publicKey)
    {
        CheckName(name);
        if (publicKey.Length != Ed25519.PublicKeySize) throw new FormatException($"An Ed25519 public key has 32 bytes, not {publicKey.Length}.");
        (Name, _publicKey) = (name, publicKey.ToArray());
        Id = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0x0A, Ed25519Type, .. publicKey]).AsMemory(0, 4);
    }

    /// <summary>The key's name; a log's key is named as the log's origin.</summary>
    public string Name { get; }

    /// <summary>Four bytes that tell keys of one name apart. Not a fingerprint: anybody can make a collision, and gains nothing by it.</summary>
    public ReadOnlyMemory<byte> Id { get; }

    /// <summary>The Ed25519 point.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>Reads a vkey. Its base64 part may itself contain '+', so only the first two separate.</summary>
    public static NoteVerifier Parse(string vkey)
    {
        var parts = vkey.Split('+', 3);
        if (parts.Length != 3) throw new FormatException("A verifier key is written name+id+key.");
        var key = StrictBase64.Decode(parts[2]);
        if (key.Length != 33 || key[0] != Ed25519Type) throw new FormatException("Only Ed25519 verifier keys (type 0x01) are known here.");
        var verifier = new NoteVerifier(parts[0], key.AsSpan(1));
        if (Convert.ToHexStringLower(verifier.Id.Span) != parts[1]) throw new FormatException($"The verifier key's id should be {Convert.ToHexStringLower(verifier.Id.Span)}.");
        return verifier;
    }

    /// <summary>Whether this key signed that text.</summary>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != Ed25519.SignatureSize) return false;
        var message = text.ToArray();
        return Ed25519.Verify(signature.ToArray(), 0, _publicKey, 0, message, 0, message.Length);
    }

    /// <summary>The vkey, as it is printed in public.</summary>
    public override string ToString() => $"{Name}+{Convert.ToHexStringLower(Id.Span)}+{Convert.ToBase64String([Ed25519Type, .. _publicKey])}";

    internal static void CheckName(string name)
    {
        if (name.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || c == '+' || c < 0x20)) throw new FormatException($"'{name}' cannot name a key: no spaces, no '+', not empty.");
    }
}

/// <summary>The private side of a <see cref="NoteVerifier"/>. Never prints its seed.</summary>
public sealed class NoteSigner
{
    private readonly byte[] _seed;

    /// <summary>A signer from its 32-byte seed (RFC 8032 section 5.1.5).</summary>
    public NoteSigner(string name, ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519.SecretKeySize) throw new FormatException($"An Ed25519 seed has 32 bytes, not {seed.Length}.");
        _seed = seed.ToArray();
        var publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_seed, 0, publicKey, 0);
        Verifier = new NoteVerifier(name, publicKey);
    }

    /// <summary>The public side.</summary>
    public NoteVerifier Verifier { get; }

    /// <summary>Signs a text. Ed25519 is deterministic: the same text always gives the same bytes, so signing again after a crash changes nothing.</summary>
    public byte[] Sign(ReadOnlySpan<byte> text)
    {
        var signature = new byte[Ed25519.SignatureSize];
        var message = text.ToArray();
        Ed25519.Sign(_seed, 0, message, 0, message.Length, signature, 0);
        return signature;
    }

    /// <summary>The verifier key; the seed is never printed.</summary>
    public override string ToString() => Verifier.ToString();
}
