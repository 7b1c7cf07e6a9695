using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace DigitalResistance.Testing.Rounds;

/// <summary>
/// An SSH key pair held in the test, of every kind an approval may use; the FIDO kinds do what an authenticator does. It writes the
/// wire forms by itself, so that a mistake in the product's reader is not mirrored here.
/// </summary>
internal sealed class TestSshKey
{
    private const string Application = "ssh:digital-resistance";
    private readonly Func<byte[], byte[]> _sign;

    private TestSshKey(string type, byte[] publicBlob, Func<byte[], byte[]> sign) => (Type, PublicBlob, _sign) = (type, publicBlob, sign);

    public string Type { get; }

    public byte[] PublicBlob { get; }

    /// <summary>What the authenticator reports; bit 0 is "somebody touched me".</summary>
    public byte Flags { get; init; } = 0x01;

    public string PublicLine => $"{Type} {Convert.ToBase64String(PublicBlob)}";

    public static TestSshKey Create(string type) => type switch
    {
        "ssh-ed25519" or "sk-ssh-ed25519@openssh.com" => Ed(type),
        "ecdsa-sha2-nistp384" => Ec(type, "nistp384", ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384),
        _ => Ec(type, "nistp256", ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256),
    };

    public TestSshKey Untouched() => new(Type, PublicBlob, _sign) { Flags = 0x00 };

    /// <summary>The bytes of an SSHSIG over a text.</summary>
    public byte[] SignBlob(string text, string purpose, string hash = "sha512")
    {
        var digest = hash == "sha256" ? SHA256.HashData(Encoding.UTF8.GetBytes(text)) : SHA512.HashData(Encoding.UTF8.GetBytes(text));
        byte[] data = [.. "SSHSIG"u8, .. Str(purpose), .. Str(""), .. Str(hash), .. Str(digest)];
        byte[] inner;
        if (Type.StartsWith("sk-", StringComparison.Ordinal))
        {
            byte[] seen = [Flags, 0, 0, 0, 7];
            byte[] signed = [.. SHA256.HashData(Encoding.ASCII.GetBytes(Application)), .. seen, .. SHA256.HashData(data)];
            inner = [.. Str(Type), .. Str(_sign(signed)), .. seen];
        }
        else
        {
            inner = [.. Str(Type), .. Str(_sign(data))];
        }

        return [.. "SSHSIG"u8, 0, 0, 0, 1, .. Str(PublicBlob), .. Str(purpose), .. Str(""), .. Str(hash), .. Str(inner)];
    }

    public string Sign(string text, string purpose, string hash = "sha512") =>
        $"-----BEGIN SSH SIGNATURE-----\n{Convert.ToBase64String(SignBlob(text, purpose, hash), Base64FormattingOptions.InsertLineBreaks)}\n-----END SSH SIGNATURE-----\n";

    /// <summary>OpenSSH's own verdict.</summary>
    public static bool OpenSshAccepts(string publicLine, string text, string armoured, string purpose)
    {
        var folder = Directory.CreateTempSubdirectory("dr-sshsig-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "allowed"), $"admin {publicLine}\n");
            File.WriteAllText(Path.Combine(folder, "sig"), armoured);
            return Run(["-Y", "verify", "-f", Path.Combine(folder, "allowed"), "-I", "admin", "-n", purpose, "-s", Path.Combine(folder, "sig")], text).Code == 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A key and a signature made by <c>ssh-keygen</c> itself.</summary>
    public static (string PublicLine, string Signature) MadeByOpenSsh(string[] kind, string text, string purpose)
    {
        var folder = Directory.CreateTempSubdirectory("dr-sshsig-").FullName;
        try
        {
            var key = Path.Combine(folder, "key");
            Assert.Equal(0, Run(["-q", .. kind, "-N", "", "-C", "", "-f", key], "").Code);
            var (code, signature) = Run(["-Y", "sign", "-q", "-n", purpose, "-f", key, "-"], text);
            Assert.Equal(0, code);
            return (File.ReadAllText(key + ".pub"), signature);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Code, string Output) Run(string[] arguments, string input)
    {
        var start = new ProcessStartInfo(Needs.Program("ssh-keygen"), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static TestSshKey Ed(string type)
    {
        var seed = RandomNumberGenerator.GetBytes(32);
        var point = new byte[32];
        Ed25519.GeneratePublicKey(seed, 0, point, 0);
        byte[] blob = [.. Str(type), .. Str(point), .. type.StartsWith("sk-", StringComparison.Ordinal) ? Str(Application) : []];
        return new(type, blob, data =>
        {
            var signature = new byte[64];
            Ed25519.Sign(seed, 0, data, 0, data.Length, signature, 0);
            return signature;
        });
    }

    private static TestSshKey Ec(string type, string curve, ECCurve parameters, HashAlgorithmName hash)
    {
        var key = ECDsa.Create(parameters);
        var point = key.ExportParameters(false).Q;
        byte[] blob = [.. Str(type), .. Str(curve), .. Str([4, .. point.X!, .. point.Y!]), .. type.StartsWith("sk-", StringComparison.Ordinal) ? Str(Application) : []];
        return new(type, blob, data =>
        {
            var raw = key.SignData(data, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            return [.. Number(raw[..(raw.Length / 2)]), .. Number(raw[(raw.Length / 2)..])];
        });
    }

    private static byte[] Number(byte[] big)
    {
        var trimmed = big.SkipWhile(b => b == 0).ToArray();
        return Str(trimmed is [>= 0x80, ..] ? [0, .. trimmed] : trimmed);
    }

    public static byte[] Str(string text) => Str(Encoding.ASCII.GetBytes(text));

    public static byte[] Str(byte[] bytes)
    {
        var written = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(written, bytes.Length);
        bytes.CopyTo(written, 4);
        return written;
    }
}
