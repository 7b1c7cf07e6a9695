using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober;

/// <summary>A certificate authority of a test's own.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Long = new(2018, 4, 17, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public TestAuthority(string name = "Test authority")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _root = request.CreateSelfSigned(Long, Long.AddYears(30));
    }

    public TrustRoots Roots => TrustRoots.Only([_root]);

    /// <summary>A certificate for a name or an address, valid for a long time or expired long ago.</summary>
    public X509Certificate2 Issue(string name, bool expired = false, string? issuerLink = null, string key = "P-256", string? commonName = null)
    {
        using AsymmetricAlgorithm own = key.Split(' ') is ["RSA", var bits] ? RSA.Create(int.Parse(bits, CultureInfo.InvariantCulture))
            : ECDsa.Create(key == "P-384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedName($"CN={commonName ?? name}");
        var request = own is RSA rsa ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest(subject, (ECDsa)own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        if (issuerLink is not null) request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerLink]));
        using var certificate = request.Create(_root.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), Long, expired ? Long.AddYears(1) : Long.AddYears(29), RandomNumberGenerator.GetBytes(8));
        using var withKey = own is RSA rsaKey ? certificate.CopyWithPrivateKey(rsaKey) : certificate.CopyWithPrivateKey((ECDsa)own);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>A script for a server that shakes hands with a certificate and then goes on with another script.</summary>
    public static Func<NetworkStream, CancellationToken, Task> Serve(X509Certificate2 certificate, Func<Stream, CancellationToken, Task>? then = null, SslProtocols protocols = SslProtocols.None) => async (stream, stop) =>
    {
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true), EnabledSslProtocols = protocols }, stop);
        }
        catch (AuthenticationException)
        {
            return; // the visitor did not like what it saw
        }

        await (then ?? ((_, s) => Task.Delay(Timeout.Infinite, s)))(tls, stop);
    };

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }
}
