using System.Text;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class SshSignatureTests
{
    private const string Purpose = "digital-resistance-round";
    private const string Manifest = "digital-resistance/round-manifest/v1\nround 7\nrevision 1\n";

    public static readonly TheoryData<string> AllTypes = [.. SshPublicKey.Types];

    private static SshVerdict Verify(string armoured, string text = Manifest, string purpose = Purpose) =>
        SshSignature.Parse(armoured).Verify(Encoding.UTF8.GetBytes(text), purpose);

    [Theory]
    [InlineData("-t", "ed25519")]
    [InlineData("-t", "ecdsa", "-b", "256")]
    [InlineData("-t", "ecdsa", "-b", "384")]
    public void What_ssh_keygen_signs_is_valid(params string[] kind)
    {
        var (line, armoured) = TestSshKey.MadeByOpenSsh(kind, Manifest, Purpose);
        var signature = SshSignature.Parse(armoured);
        Assert.Equal(SshVerdict.Valid, Verify(armoured));
        Assert.Equal(SshPublicKey.Parse($"{line.TrimEnd()} comment of mine").ToString(), signature.Key.ToString());
        Assert.DoesNotContain("comment", signature.Key.ToString(), StringComparison.Ordinal);
        Assert.True(TestSshKey.OpenSshAccepts(line, Manifest, signature.ToString(), Purpose));
    }

    [Theory]
    [InlineData("-t", "rsa", "-b", "2048")]
    [InlineData("-t", "ecdsa", "-b", "521")]
    public void Other_kinds_of_key_are_refused_by_name(params string[] kind)
    {
        var (line, armoured) = TestSshKey.MadeByOpenSsh(kind, Manifest, Purpose);
        Assert.Contains("cannot approve", Assert.Throws<FormatException>(() => SshPublicKey.Parse(line)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => SshSignature.Parse(armoured));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void Every_type_verifies_here_and_in_OpenSSH_alike(string type)
    {
        var key = TestSshKey.Create(type);
        var armoured = key.Sign(Manifest, Purpose);
        Assert.Equal(SshVerdict.Valid, Verify(armoured));
        Assert.True(TestSshKey.OpenSshAccepts(key.PublicLine, Manifest, armoured, Purpose));
        Assert.Equal(SshVerdict.WrongSignature, Verify(armoured, Manifest + "x"));
        Assert.False(TestSshKey.OpenSshAccepts(key.PublicLine, Manifest + "x", armoured, Purpose));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void Both_hashes_are_read_and_another_purpose_is_refused(string type)
    {
        var key = TestSshKey.Create(type);
        Assert.Equal(SshVerdict.Valid, Verify(key.Sign(Manifest, Purpose, "sha256")));
        Assert.Equal(SshVerdict.WrongPurpose, Verify(key.Sign(Manifest, "git")));
        Assert.Equal("SHA256:", SshPublicKey.Parse(key.PublicLine).Fingerprint[..7]);
        Assert.Equal(type.StartsWith("sk-", StringComparison.Ordinal), SshPublicKey.Parse(key.PublicLine).IsHardware);
    }

    [Theory]
    [InlineData("sk-ssh-ed25519@openssh.com")]
    [InlineData("sk-ecdsa-sha2-nistp256@openssh.com")]
    public void A_FIDO_key_that_nobody_touched_is_refused(string type)
    {
        var key = TestSshKey.Create(type).Untouched();
        Assert.Equal(SshVerdict.NobodyTouchedTheKey, Verify(key.Sign(Manifest, Purpose)));
        // Nor can the missing touch be painted on afterwards: the flags are signed.
        var blob = key.SignBlob(Manifest, Purpose);
        blob[^5] = 0x01;
        Assert.Equal(SshVerdict.WrongSignature, SshSignature.FromBlob(blob).Verify(Encoding.UTF8.GetBytes(Manifest), Purpose));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void No_single_changed_or_missing_byte_leaves_a_valid_signature_by_the_key(string type)
    {
        var key = TestSshKey.Create(type);
        var blob = key.SignBlob(Manifest, Purpose);
        var expected = SshPublicKey.Parse(key.PublicLine).ToString();
        for (var i = 0; i < blob.Length; i++)
        {
            Assert.False(Accepted(blob[..i], expected), $"cut at {i}");
            var changed = blob.ToArray();
            changed[i] ^= 0x01;
            Assert.False(Accepted(changed, expected), $"changed at {i}");
        }

        Assert.True(Accepted(blob, expected));
        Assert.False(Accepted([.. blob, 0], expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\n!!!!\n-----END SSH SIGNATURE-----")]
    [InlineData("-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----")]
    public void Something_else_is_refused_with_a_reason(string text) =>
        Assert.NotEmpty(Assert.Throws<FormatException>(() => SshSignature.Parse(text)).Message);

    [Fact]
    public void Windows_line_ends_and_a_form_that_rewraps_do_no_harm()
    {
        var armoured = TestSshKey.Create("ssh-ed25519").Sign(Manifest, Purpose);
        Assert.Equal(SshVerdict.Valid, Verify("\r\n" + armoured.Replace("\n", "\r\n ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Keys_that_would_sign_anything_are_refused()
    {
        byte[] identity = [1, .. new byte[31]];
        var line = "ssh-ed25519 " + Convert.ToBase64String([.. TestSshKey.Str("ssh-ed25519"), .. TestSshKey.Str(identity)]);
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(line));
        byte[] offCurve = [4, .. new byte[63], 1];
        var point = "ecdsa-sha2-nistp256 " + Convert.ToBase64String([.. TestSshKey.Str("ecdsa-sha2-nistp256"), .. TestSshKey.Str("nistp256"), .. TestSshKey.Str(offCurve)]);
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(point));
    }

    private static bool Accepted(byte[] blob, string expectedKey)
    {
        try
        {
            var signature = SshSignature.FromBlob(blob);
            return signature.Key.ToString() == expectedKey && signature.Verify(Encoding.UTF8.GetBytes(Manifest), Purpose) == SshVerdict.Valid;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
