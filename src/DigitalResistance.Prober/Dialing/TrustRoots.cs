using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DigitalResistance.Prober.Dialing;

/// <summary>Whose signatures under certificates count: the machine's authorities, or exactly the given ones (tests and closed networks).</summary>
public sealed class TrustRoots
{
    private const int MostRemembered = 1000;

    // A chain costs more to verify than the whole rest of a handshake, and the same hosts are asked again and again.
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly X509Certificate2Collection _roots;
    private readonly ConcurrentDictionary<string, (X509Certificate2 Leaf, DateTime From, DateTime Until)> _trusted = new(StringComparer.Ordinal);

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

    /// <summary>
    /// The certificate at the head of a chain as a server shows it (DER, the server's own first), and what is wrong with the chain; no certificate where one cannot be read.
    /// A chain without fault is not verified anew for an hour, if it holds so long.
    /// </summary>
    internal (X509Certificate2? Leaf, X509ChainStatusFlags Faults) Verify(IReadOnlyList<ReadOnlyMemory<byte>> chain, TimeProvider time)
    {
        var (now, key) = (time.GetUtcNow().UtcDateTime, Hash(chain));
        if (_trusted.TryGetValue(key, out var known) && known.From <= now && now < known.Until) return (known.Leaf, X509ChainStatusFlags.NoError);

        X509Certificate2Collection shown = [];
        try
        {
            foreach (var certificate in chain) shown.Add(X509CertificateLoader.LoadCertificate(certificate.Span));
        }
        catch (CryptographicException)
        {
            return (null, X509ChainStatusFlags.NoError);
        }

        using var built = new X509Chain { ChainPolicy = Policy(time) };
        built.ChainPolicy.ExtraStore.AddRange(shown);
        if (!built.Build(shown[0])) return (shown[0], built.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status));

        if (_trusted.Count >= MostRemembered) _trusted.Clear();
        var ends = built.ChainElements.Min(element => element.Certificate.NotAfter.ToUniversalTime());
        _trusted[key] = (shown[0], now, ends < now + Remembered ? ends : now + Remembered);
        return (shown[0], X509ChainStatusFlags.NoError);
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

    /// <summary>Every certificate by a hash of its own, so that no two chains have the same.</summary>
    private static string Hash(IReadOnlyList<ReadOnlyMemory<byte>> chain) =>
        string.Concat(chain.Select(certificate => Convert.ToHexString(SHA256.HashData(certificate.Span))));
}
