using System.Security.Cryptography.X509Certificates;

namespace DigitalResistance.Prober.Dialing;

/// <summary>Whose signatures under certificates count: the machine's authorities, or exactly the given ones (tests and closed networks).</summary>
public sealed class TrustRoots
{
    private readonly X509Certificate2Collection _roots;

    private TrustRoots(X509Certificate2Collection roots) => _roots = roots;

    /// <summary>The authorities that the machine trusts.</summary>
    public static TrustRoots System { get; } = new([]);

    /// <summary>These authorities and no others.</summary>
    public static TrustRoots Only(IEnumerable<X509Certificate2> roots)
    {
        X509Certificate2Collection collection = [.. roots];
        return collection.Count > 0 ? new TrustRoots(collection) : throw new ArgumentException("At least one authority is needed.", nameof(roots));
    }

    /// <summary>Reads authorities from PEM text, as configuration gives them.</summary>
    public static TrustRoots FromPem(string pem)
    {
        var collection = new X509Certificate2Collection();
        collection.ImportFromPem(pem);
        return Only(collection);
    }

    /// <summary>A policy that never leaves the machine: a certificate's own links to issuers and revocation lists are a stranger's wish to have something dialled.</summary>
    internal X509ChainPolicy Policy(TimeProvider time)
    {
        var policy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTime = time.GetUtcNow().UtcDateTime,
            VerificationTimeIgnored = false,
            TrustMode = _roots.Count > 0 ? X509ChainTrustMode.CustomRootTrust : X509ChainTrustMode.System,
        };
        policy.ApplicationPolicy.Add(new global::System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1")); // server authentication, RFC 5280 §4.2.1.12
        policy.CustomTrustStore.AddRange(_roots);
        return policy;
    }
}
