using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// A detached signature as <c>ssh-keygen -Y sign</c> makes it (OpenSSH, <see href="https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig">PROTOCOL.sshsig</see>).
/// </summary>
public sealed class SshSignature
{
    private const string Header = "-----BEGIN SSH SIGNATURE-----";
    private const string Footer = "-----END SSH SIGNATURE-----";
    private static readonly byte[] Magic = "SSHSIG"u8.ToArray();

    private readonly byte[] _blob;
    private readonly byte[] _reserved;
    private readonly byte[] _signature;

    private SshSignature(byte[] blob, SshPublicKey key, string @namespace, byte[] reserved, string hash, byte[] signature) =>
        (_blob, Key, Namespace, _reserved, Hash, _signature) = (blob, key, @namespace, reserved, hash, signature);

    /// <summary>The key that the signature says made it; trusting it is the caller's business.</summary>
    public SshPublicKey Key { get; }

    /// <summary>What the signature is for: a signature for one purpose is worth nothing for another.</summary>
    public string Namespace { get; }

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Hash { get; }

    /// <summary>The bytes between the armour lines.</summary>
    public ReadOnlyMemory<byte> Blob => _blob;

    /// <summary>Reads the armoured form; white space around and within is forgiven, since it travels through forms. Throws <see cref="FormatException"/>.</summary>
    public static SshSignature Parse(string armoured)
    {
        var text = armoured.Trim();
        if (!text.StartsWith(Header, StringComparison.Ordinal) || !text.EndsWith(Footer, StringComparison.Ordinal) || text.Length <= Header.Length + Footer.Length)
            throw new FormatException($"An SSH signature starts with {Header} and ends with {Footer}.");
        return FromBlob(StrictBase64.Decode(string.Concat(text[Header.Length..^Footer.Length].Where(c => !char.IsWhiteSpace(c)))));
    }

    /// <summary>Reads the bytes between the armour lines.</summary>
    public static SshSignature FromBlob(ReadOnlySpan<byte> blob)
    {
        var reader = new SshReader(blob);
        if (!reader.Bytes(Magic.Length).SequenceEqual(Magic) || reader.UInt32() != 1) throw new FormatException("This is not an SSH signature of version 1.");
        var key = SshPublicKey.FromBlob(reader.String());
        var purpose = reader.Text();
        var reserved = reader.String().ToArray();
        var hash = reader.Text();
        if (hash is not ("sha256" or "sha512")) throw new FormatException($"The hash {hash} is not one an SSH signature may use.");
        var signature = reader.String().ToArray();
        reader.End();
        return new(blob.ToArray(), key, purpose, reserved, hash, signature);
    }

    /// <summary>Checks the signature over a text for one purpose.</summary>
    /// <exception cref="FormatException">The signature inside is malformed.</exception>
    public SshVerdict Verify(ReadOnlySpan<byte> text, string purpose)
    {
        if (Namespace != purpose) return SshVerdict.WrongPurpose;
        var digest = Hash == "sha256" ? SHA256.HashData(text) : SHA512.HashData(text);
        byte[] signed = [.. Magic, .. SshWriter.String(Namespace), .. SshWriter.String(_reserved), .. SshWriter.String(Hash), .. SshWriter.String(digest)];
        return Key.Verify(signed, _signature);
    }

    /// <summary>The armoured form, as <c>ssh-keygen -Y verify</c> reads it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        var base64 = Convert.ToBase64String(_blob);
        for (var i = 0; i < base64.Length; i += 70) text.Append(base64.AsSpan(i, Math.Min(70, base64.Length - i))).Append('\n');
        return text.Append(Footer).Append('\n').ToString();
    }
}

/// <summary>What the check of a signature found.</summary>
public enum SshVerdict
{
    /// <summary>The key signed this text for this purpose.</summary>
    Valid,

    /// <summary>The signature was made for another purpose (namespace).</summary>
    WrongPurpose,

    /// <summary>The key did not sign this text.</summary>
    WrongSignature,

    /// <summary>A FIDO key signed without anybody touching it: a program alone could have done that.</summary>
    NobodyTouchedTheKey,
}
