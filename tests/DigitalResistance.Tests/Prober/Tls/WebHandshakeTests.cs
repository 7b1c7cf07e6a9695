using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Tls;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Tests.Prober.Tls;

/// <summary>What proves a web site: not that it speaks TLS, but its authority's signature under its name, and its own under this conversation.</summary>
public sealed class WebHandshakeTests : IDisposable
{
    private static readonly HostName Site = HostName.Parse("www.example.net");

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("RSA 2048")]
    [InlineData("RSA 3072")]
    public async Task A_web_server_of_any_usual_key_proves_itself_and_can_be_spoken_with(string key)
    {
        using var certificate = _authority.Issue(Site.Text, key: key);
        var (failure, said) = await VisitAsync(TestAuthority.Serve(certificate, async (tls, stop) => await tls.WriteAsync("hello"u8.ToArray(), stop)), _authority.Roots);
        Assert.Equal((null, "hello"), (failure, said));
    }

    [Theory]
    [InlineData(nameof(CipherSuite.Aes128GcmSha256), false)]
    [InlineData(nameof(CipherSuite.Aes256GcmSha384), false)]
    [InlineData(nameof(CipherSuite.ChaCha20Poly1305Sha256), false)]
    [InlineData(nameof(CipherSuite.Aes128GcmSha256), true)]
    public async Task Every_suite_is_understood_and_a_certificate_that_comes_compressed(string suite, bool isCompressed)
    {
        using var certificate = _authority.Issue(Site.Text);
        var shown = Shown(certificate);
        Assert.Null(await VisitAsync(new Tls13Server { Suite = Enum.Parse<CipherSuite>(suite), Certificate = isCompressed ? Compressed(shown) : shown, Sign = SignedBy(certificate) }));
    }

    [Theory]
    [InlineData("key")] // somebody else's certificate, and a key of one's own
    [InlineData("nothing")] // CertificateVerify left out
    [InlineData("finished")]
    [InlineData("scheme")] // RSA's old padding, which RFC 8446 §4.2.3 keeps for certificates
    [InlineData("hash")] // a scheme of another hash than was signed with
    [InlineData("context")] // what a client would sign
    [InlineData("other conversation")]
    public async Task A_certificate_without_its_key_in_this_very_conversation_proves_nothing(string spoilt)
    {
        using var certificate = _authority.Issue(Site.Text);
        using var rsa = _authority.Issue(Site.Text, key: "RSA 2048");
        using var other = _authority.Issue("other.example.net");
        Func<byte[], (ushort, byte[])> sign = spoilt switch
        {
            "key" => SignedBy(other),
            "scheme" => signed => (0x0401, rsa.GetRSAPrivateKey()!.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            "hash" => signed => (0x0503, SignedBy(certificate)(signed).Signature),
            "context" => signed => SignedBy(certificate)([.. signed[..64], .. "TLS 1.3, client CertificateVerify"u8, .. signed[97..]]),
            "other conversation" => signed => SignedBy(certificate)([.. signed[..^1], (byte)(signed[^1] ^ 1)]),
            _ => SignedBy(certificate),
        };
        var server = new Tls13Server { Certificate = Shown(spoilt == "scheme" ? rsa : certificate), Sign = sign, SpoilsFinished = spoilt == "finished", SignsNothing = spoilt == "nothing" };
        Assert.Equal(Failure.TlsFailed, await VisitAsync(server));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "X25519", Failure.TlsFailed)] // whoever asks tries again another way
    [InlineData(SslProtocols.Tls13, "P-521", Failure.TlsFailed)] // a site that would ask for another hello
    public async Task What_is_not_spoken_is_said_to_be_TLS_that_failed(SslProtocols protocols, string group, Failure expected)
    {
        using var certificate = _authority.Issue(Site.Text);
        // .NET has no setting for groups: what a server says that wants another is written out (RFC 8446 §4.1.4).
        Func<NetworkStream, CancellationToken, Task> serve = group == "X25519" ? TestAuthority.Serve(certificate, protocols: protocols) : async (stream, stop) =>
        {
            var head = await ScriptedServer.ReadAsync(stream, 5, stop);
            var hello = await ScriptedServer.ReadAsync(stream, (head[3] << 8) | head[4], stop);
            var retry = Convert.FromHexString("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C");
            await stream.WriteAsync(Tls13Record.Write(ContentType.Handshake, [2, 0, 0, 84, 3, 3, .. retry, 32, .. hello.AsSpan(39, 32), 0x13, 1, 0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 25]), stop);
            await Task.Delay(Timeout.Infinite, stop);
        };
        Assert.Equal(expected, (await VisitAsync(serve, _authority.Roots)).Failure);
    }

    [Fact]
    public async Task The_name_stands_in_the_certificate_and_not_merely_as_its_common_name()
    {
        using var wildcard = _authority.Issue("*.example.net");
        Assert.Null((await VisitAsync(TestAuthority.Serve(wildcard), _authority.Roots)).Failure);
        using var common = _authority.Issue("elsewhere.example.net", commonName: Site.Text);
        Assert.Equal(Failure.CertificateWrongName, (await VisitAsync(TestAuthority.Serve(common), _authority.Roots)).Failure);
    }

    [Fact]
    public async Task A_chain_that_was_right_is_not_right_for_ever_nor_for_another_certificate()
    {
        using var certificate = _authority.Issue(Site.Text);
        using var stranger = new TestAuthority();
        using var forged = stranger.Issue(Site.Text);
        var (roots, time) = (_authority.Roots, new FakeTimeProvider(certificate.NotAfter.AddMinutes(-10)));
        Assert.Null((await VisitAsync(TestAuthority.Serve(certificate), roots, time)).Failure);
        Assert.Equal(Failure.CertificateUntrusted, (await VisitAsync(TestAuthority.Serve(forged), roots, time)).Failure);
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Null((await VisitAsync(TestAuthority.Serve(certificate), roots, time)).Failure);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Failure.CertificateExpired, (await VisitAsync(TestAuthority.Serve(certificate), roots, time)).Failure);
    }

    [Fact]
    public async Task A_certificate_that_unpacks_to_more_than_it_says_or_than_any_is_refused()
    {
        using var certificate = _authority.Issue(Site.Text);
        var shown = Shown(certificate);
        foreach (var said in new[] { shown.Length - 5, shown.Length - 3, 1 << 20 })
        {
            var server = new Tls13Server { Certificate = Compressed(shown, said), Sign = SignedBy(certificate) };
            Assert.Equal(Failure.TlsFailed, await VisitAsync(server));
        }
    }

    [Fact]
    public void Mutated_certificate_messages_are_never_taken_and_never_throw()
    {
        var (random, roots) = (new Random(8446), _authority.Roots);
        using var certificate = _authority.Issue(Site.Text);
        var shown = Shown(certificate);
        foreach (var message in new[] { shown, Compressed(shown) })
        {
            for (var i = 0; i < 3000; i++)
            {
                var mutated = message.ToArray();
                // The extensions that follow the certificate say nothing about it, nor does what a compressor is free to choose.
                mutated[random.Next(4, 60)] ^= (byte)random.Next(1, 256);
                if (random.Next(3) == 0) mutated = mutated[..random.Next(mutated.Length)];
                var (found, failure) = mutated.Length < 4 ? (null, null) : WebCertificate.Find(mutated, Site, roots, TimeProvider.System);
                Assert.True(found is null || mutated[0] == 25);
                Assert.True(found is not null || mutated.Length < 4 || failure is Failure.TlsFailed or Failure.CertificateUntrusted);
            }
        }
    }

    private static Func<byte[], (ushort Scheme, byte[] Signature)> SignedBy(X509Certificate2 certificate) => signed =>
        (0x0403, certificate.GetECDsaPrivateKey()!.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

    /// <summary>A Certificate message (RFC 8446 §4.4.2) with one certificate.</summary>
    private static byte[] Shown(X509Certificate2 certificate)
    {
        var entry = (byte[])[.. Number(certificate.RawData.Length), .. certificate.RawData, 0, 0];
        byte[] body = [0, .. Number(entry.Length), .. entry];
        return [11, .. Number(body.Length), .. body];
    }

    /// <summary>RFC 8879 §4.</summary>
    private static byte[] Compressed(byte[] message, int? said = null)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true)) brotli.Write(message.AsSpan(4));
        byte[] body = [0, 2, .. Number(said ?? message.Length - 4), .. Number((int)packed.Length), .. packed.ToArray()];
        return [25, .. Number(body.Length), .. body];
    }

    private static byte[] Number(int value) => [(byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private async Task<Failure?> VisitAsync(Tls13Server server)
    {
        async Task ServeAsync(NetworkStream stream, CancellationToken stop)
        {
            var head = await ScriptedServer.ReadAsync(stream, 5, stop);
            var hello = await ScriptedServer.ReadAsync(stream, (head[3] << 8) | head[4], stop);
            await using var wire = new Wire(new StreamTransport(stream, stop));
            if (await server.ShakeHandsAsync(wire, hello) is { } transport) await transport.DisposeAsync();
        }

        return (await VisitAsync(ServeAsync, _authority.Roots)).Failure;
    }

    /// <summary>Shakes hands with a server; what went wrong, or the first bytes that it said where it says any.</summary>
    private static async Task<(Failure? Failure, string Said)> VisitAsync(Func<NetworkStream, CancellationToken, Task> serve, TrustRoots roots, TimeProvider? time = null)
    {
        await using var server = new ScriptedServer(serve);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var wire = new Wire(new StreamTransport(client.GetStream(), limit.Token));
        var (transport, failure) = await new WebHandshake(wire, Site, roots, time ?? TimeProvider.System).RunAsync();
        if (transport is null) return (failure, "");
        await using (transport)
        {
            using var patience = new CancellationTokenSource();
            var buffer = new byte[16];
            var heard = transport.ReceiveAsync(buffer).AsTask();
            var said = await Task.WhenAny(heard, Task.Delay(500, patience.Token)) == heard ? await heard : default;
            return (failure, System.Text.Encoding.ASCII.GetString(buffer, 0, said.Count));
        }
    }
}
