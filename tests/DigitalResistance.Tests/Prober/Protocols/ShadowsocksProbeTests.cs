using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.Shadowsocks;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class ShadowsocksProbeTests
{
    public static TheoryData<string> Methods => [.. ShadowsocksMethod.Aead.Select(method => method.Name)];

    [Theory, MemberData(nameof(Methods))]
    public async Task It_carries_with_every_cipher_and_is_met_with_silence_for_a_wrong_password(string method)
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        await using var server = Server(method);
        var report = await proving.ProbeAsync("shadowsocks", server.Address, Settings(method));
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Proof, null), (report.Outcome, report.Level, report.Stage, report.Failure));
        Assert.NotNull(report.Timings.Handshake);
        var wrong = await proving.ProbeAsync("shadowsocks", server.Address, Settings(method, "secret "));
        Assert.Equal((Outcome.Fail, Level.L0, Stage.Handshake, Failure.NoAnswer), (wrong.Outcome, wrong.Level, wrong.Stage, wrong.Failure));
    }

    [Fact]
    public async Task Another_cipher_is_met_with_silence_too()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        await using var server = Server("aes-256-gcm");
        var wrong = await Task.WhenAll(new[] { "aes-128-gcm", "chacha20-ietf-poly1305" }.Select(method => proving.ProbeAsync("shadowsocks", server.Address, Settings(method))));
        Assert.All(wrong, report => Assert.Equal((Stage.Handshake, Failure.NoAnswer), (report.Stage, report.Failure)));
    }

    [Fact]
    public async Task An_echo_of_our_own_bytes_is_no_answer()
    {
        // The same key serves both ways: what we sent opens, as if somebody who knows the password had sent it. It proves nothing.
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        await using var echo = new ScriptedServer((stream, stop) => stream.CopyToAsync(stream, stop));
        var report = await proving.ProbeAsync("shadowsocks", echo.Address, Settings("aes-128-gcm"));
        Assert.Equal((Outcome.Fail, Level.L0, Stage.Handshake, Failure.WrongProtocol, false), (report.Outcome, report.Level, report.Stage, report.Failure, report.IsLie));
    }

    [Fact]
    public async Task A_verified_certificate_through_it_is_the_highest_proof()
    {
        using var authority = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        await using var server = Server("aes-256-gcm");
        await using var target = new ScriptedServer(TestAuthority.Serve(authority.Issue("127.0.0.1")));
        Assert.Equal(Level.L3, (await proving.ProbeAsync("shadowsocks", server.Address, Settings("aes-256-gcm"), new ProbeTarget.Tls(target.Address, Unpredictable: true))).Level);
    }

    [Fact]
    public async Task Control_is_proven_by_a_minted_password_although_refusal_is_silence()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        var probe = (IMintsCredentials)Proving.Catalog.Find("shadowsocks")!;
        var minted = probe.Mint(((SettingsParse.Accepted)probe.Parse(Settings("aes-128-gcm"))).Settings);
        await using var strangers = Server("aes-128-gcm");
        await using var own = Server("aes-128-gcm", minted["password"]);
        var proof = new ControlProof(proving.Runner, Proving.Catalog);
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(proving.Assign("shadowsocks", strangers.Address, minted.Values), CancellationToken.None));
        Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(proving.Assign("shadowsocks", own.Address, minted.Values), CancellationToken.None));
    }

    /// <summary>The vector that implementations share: the key of "foobar".</summary>
    [Fact]
    public void A_key_is_made_of_a_password_as_OpenSSL_makes_it()
    {
        Assert.Equal("3858f62230ac3c915f300c664312c63f568378529614d22ddb49237d2f60bfdf", Convert.ToHexStringLower(ShadowsocksKeys.OfPassword("foobar", 32)));
        Assert.Equal("3858f62230ac3c915f300c664312c63f", Convert.ToHexStringLower(ShadowsocksKeys.OfPassword("foobar", 16)));
    }

    /// <summary>RFC 5869: HKDF written out once more from HMAC, for one block and for two.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public void The_key_of_a_stream_is_HKDF_of_its_salt(int length)
    {
        var (key, salt) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(length));
#pragma warning disable CA5350 // The protocol says SHA-1.
        var extracted = HMACSHA1.HashData(salt, key);
        var first = HMACSHA1.HashData(extracted, (byte[])[.. "ss-subkey"u8, 1]);
        var second = HMACSHA1.HashData(extracted, (byte[])[.. first, .. "ss-subkey"u8, 2]);
#pragma warning restore CA5350
        byte[] both = [.. first, .. second];
        Assert.Equal(both[..length], ShadowsocksKeys.OfSession(key, salt));
    }

    /// <summary>RFC 8439 §2.8.2 without its additional data, which Shadowsocks has none of: the text is the RFC's; platform and managed code agree, and neither opens what was changed.</summary>
    [Fact]
    public void Both_libraries_of_ChaCha20_agree()
    {
        var (key, nonce) = (Enumerable.Range(0x80, 32).Select(i => (byte)i).ToArray(), new byte[] { 7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47 });
        var text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."u8.ToArray();
        using var platform = new ShadowsocksAead(ShadowsocksMethod.Aead[0], key, onPlatform: true);
        using var managed = new ShadowsocksAead(ShadowsocksMethod.Aead[0], key, onPlatform: false);
        var sealedText = managed.Seal(nonce, text);
        Assert.StartsWith("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6", Convert.ToHexStringLower(sealedText), StringComparison.Ordinal);
        Assert.Equal(sealedText, platform.Seal(nonce, text));
        foreach (var aead in new[] { platform, managed })
        {
            Assert.Equal(text, aead.Open(nonce, sealedText));
            Assert.Null(aead.Open(nonce, [.. sealedText.AsSpan(0, 20), (byte)(sealedText[20] ^ 1), .. sealedText.AsSpan(21)]));
            Assert.Null(aead.Open(nonce, sealedText.AsSpan(0, 15)));
        }
    }

    [Fact]
    public void A_long_text_becomes_chunks_of_which_none_is_too_long_and_none_can_be_moved()
    {
        var (method, key, text) = (ShadowsocksMethod.Aead[1], RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(40_000));
        using var writer = new ShadowsocksChunks(method, key);
        using var reader = new ShadowsocksChunks(method, key);
        var wire = writer.Write(text).AsSpan();
        Assert.Equal(text.Length + (3 * (ShadowsocksChunks.SealedLength + ShadowsocksAead.TagLength)), wire.Length);
        Assert.Null(new ShadowsocksChunks(method, key).ReadLength(wire[(18 + 0x3fff + 16)..][..18].ToArray())); // the second in place of the first
        List<byte> read = [];
        while (wire.Length > 0)
        {
            var length = reader.ReadLength(wire[..18].ToArray())!.Value;
            Assert.InRange(length, 1, 0x3fff);
            read.AddRange(reader.Open(wire[18..(18 + length + 16)])!);
            wire = wire[(18 + length + 16)..];
        }

        Assert.Equal(text, read);
    }

    [Fact]
    public void A_length_with_a_reserved_bit_is_none()
    {
        using var writer = new ShadowsocksChunks(ShadowsocksMethod.Aead[1], new byte[32]);
        using var reader = new ShadowsocksChunks(ShadowsocksMethod.Aead[1], new byte[32]);
        Assert.Null(reader.ReadLength(writer.Seal([0x40, 1])));
    }

    [Theory]
    [InlineData("ss://{aes-256-gcm:se:cret@x}@proxy.example.net:8443#my%20server", "proxy.example.net:8443", "aes-256-gcm", "se:cret@x", "")]
    [InlineData("ss://{aes-128-gcm:hunter2}@proxy.example.net", "proxy.example.net:8388", "aes-128-gcm", "hunter2", "")]
    [InlineData("ss://chacha20-ietf-poly1305:se%3Acret%20@[2a00:1450::1]:8443/", "[2a00:1450::1]:8443", "chacha20-ietf-poly1305", "se:cret ", "")]
    [InlineData("SS://{aes-256-gcm:пароль}@8.8.8.8:8443/?outline=1", "8.8.8.8:8443", "aes-256-gcm", "пароль", "")]
    [InlineData("ss://{aes-256-gcm:hunter2}@8.8.8.8:8443/?plugin=v2ray-plugin%3Bserver%3Btls&group=x", "8.8.8.8:8443", "aes-256-gcm", "hunter2", "group,plugin=v2ray-plugin")]
    [InlineData("ss://{aes-256-gcm:a@b/c:d@proxy.example.net:8443}#x", "proxy.example.net:8443", "aes-256-gcm", "a@b/c:d", "")]
    [InlineData("ss://{aes-256-gcm:hunter2@proxy.example.net:8443/?plugin=obfs-local%3Bobfs%3Dtls&group=x}", "proxy.example.net:8443", "aes-256-gcm", "hunter2", "group,plugin=obfs-local;obfs=tls")]
    public void A_link_is_read_in_every_form_that_there_is(string pasted, string server, string method, string password, string unsupported)
    {
        var (open, close) = (pasted.IndexOf('{'), pasted.IndexOf('}'));
        foreach (var padded in new[] { true, false })
        {
            var link = pasted;
            if (open >= 0)
            {
                var bytes = Encoding.UTF8.GetBytes(pasted[(open + 1)..close]);
                link = pasted[..open] + (padded ? Convert.ToBase64String(bytes).Replace('/', '_') : System.Buffers.Text.Base64Url.EncodeToString(bytes)) + pasted[(close + 1)..];
            }

            var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read(link));
            Assert.Equal(("shadowsocks", server), (understood.Protocol, understood.Server.Authority));
            Assert.Equal((method, password), (understood.Settings["method"], understood.Settings["password"]));
            Assert.Equal(unsupported, string.Join(',', understood.Unsupported));
            Assert.Equal("••••••••", understood.Settings.Masked(Proving.Catalog.Find("shadowsocks")!.Settings)["password"]);
            Assert.DoesNotContain(password, $"{understood}", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ss://")]
    [InlineData("ss://!!!!")]
    [InlineData("ss://!!!!@proxy.example.net:8388")]
    [InlineData("ss://aGVsbG8@proxy.example.net:8388")] // hello
    [InlineData("ss://aGVsbG8")]
    [InlineData("ss://_w@proxy.example.net:8388")] // a byte that is no character
    [InlineData("ss://YWVzLTI1Ni1nY206cEBbOjoxXXg")] // aes-256-gcm:p@[::1]x
    public void What_is_no_such_link_is_not_understood(string pasted) => Assert.IsNotType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read(pasted));

    [Fact]
    public void A_cipher_that_is_not_spoken_is_named_by_its_field() =>
        Assert.Equal(new LinkResult.SettingRefused("shadowsocks", "method", SettingProblem.NotAChoice), new LinkReader(Proving.Catalog).Read("ss://rc4-md5:s@proxy.example.net:8388"));

    private static Dictionary<string, string> Settings(string method, string password = "secret") => Proving.Settings(("method", method), ("password", password));

    private static ScriptedServer Server(string method, string password = "secret") => new((stream, stop) => ShadowsocksServer.ServeAsync(stream, method, password, stop));
}
