using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DigitalResistance.Prober.Dialing;

/// <summary>Who has to be at the other end of a TLS connection.</summary>
/// <param name="Name">The name that is asked for (SNI, RFC 6066 §3) and that the certificate must have (RFC 9525).</param>
public sealed record TlsIdentity(HostName Name)
{
    /// <summary>Instead of a name and an authority: the SHA-256 of the one certificate that is right, however it is signed.</summary>
    public byte[]? CertificateSha256 { get; init; }

    /// <summary>The application protocols to offer (ALPN, RFC 7301), where an ordinary client offers any.</summary>
    public IReadOnlyList<SslApplicationProtocol> Applications { get; init; } = [];
}

/// <summary>TLS as a client over any transport. The certificate is always checked: by name and trust roots, or by its pinned hash.</summary>
public sealed class TlsTransport : ITransport
{
    private readonly SslStream _tls;
    private readonly TransportStream _inner;

    private TlsTransport(SslStream tls, TransportStream inner) => (_tls, _inner) = (tls, inner);

    /// <summary>Shakes hands. On failure the transport beneath is left to its owner.</summary>
    public static async ValueTask<(TlsTransport? Transport, Failure? Failure)> ConnectAsync(ITransport transport, TlsIdentity identity, TrustRoots roots, TimeProvider time)
    {
        var inner = new TransportStream(transport);
        var tls = new SslStream(inner, leaveInnerStreamOpen: true);
        Failure? complaint = null;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = identity.Name.Text,
            ApplicationProtocols = identity.Applications is { Count: > 0 } applications ? [.. applications] : null,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = roots.Policy(time),
            AllowTlsResume = false, // a resumed session would prove an earlier certificate, not this one
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => (complaint = Judge(identity, certificate, chain, errors)) is null,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, CancellationToken.None);
            return (new TlsTransport(tls, inner), null);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException or InvalidOperationException
            or System.ComponentModel.Win32Exception or NotSupportedException or System.Security.Cryptography.CryptographicException)
        {
            await tls.DisposeAsync();
            return (null, complaint ?? inner.Failure ?? (e is IOException ? Failure.ConnectionClosed : Failure.TlsFailed));
        }
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            var count = await _tls.ReadAsync(buffer, CancellationToken.None);
            return count > 0 ? Received.Bytes(count) : Received.Nothing(Failure.ConnectionClosed);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException or InvalidOperationException)
        {
            return Received.Nothing(_inner.Failure ?? Failure.TlsFailed);
        }
    }

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _tls.WriteAsync(bytes, CancellationToken.None);
            return null;
        }
        catch (Exception e) when (e is IOException or AuthenticationException or ObjectDisposedException or InvalidOperationException)
        {
            return _inner.Failure ?? Failure.TlsFailed;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        await _inner.DisposeAsync();
    }

    private static Failure? Judge(TlsIdentity identity, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (identity.CertificateSha256 is { } pinned)
        {
            return certificate is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(certificate.GetRawCertData()), pinned) ? null : Failure.CertificateUntrusted;
        }

        if (errors == SslPolicyErrors.None) return null;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return Failure.CertificateUntrusted;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            // Expired is said only when nothing worse is wrong: a forger's certificate may well be expired too.
            var worst = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.UntrustedRoot;
            if (worst != X509ChainStatusFlags.NotTimeValid) return Failure.CertificateUntrusted;
            return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? Failure.CertificateWrongName : Failure.CertificateExpired;
        }

        return Failure.CertificateWrongName;
    }
}
