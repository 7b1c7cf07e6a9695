using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>A certificate that a peer signs itself, in files that it can read.</summary>
internal sealed class PeerCertificate : IDisposable, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dr-certificate-").FullName;

    public PeerCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=proxy.example.net", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
    }

    public string CertificateFile => $"{_folder}/server.pem";

    public string KeyFile => $"{_folder}/key.pem";

    /// <summary>SHA-256 in hexadecimal.</summary>
    public string Fingerprint { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
