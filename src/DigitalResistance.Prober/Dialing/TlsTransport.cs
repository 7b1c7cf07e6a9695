using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DigitalResistance.Prober.Dialing;

/// <summary>TLS as a client over any transport, with a certificate that must belong to the name (RFC 9525) and chain to the trust roots.</summary>
public sealed class TlsTransport : ITransport
{
    private readonly SslStream _tls;
    private readonly TransportStream _inner;

    private TlsTransport(SslStream tls, TransportStream inner) => (_tls, _inner) = (tls, inner);

    /// <summary>Shakes hands. On failure the transport beneath is left to its owner.</summary>
    public static async ValueTask<(TlsTransport? Transport, Failure? Failure)> ConnectAsync(ITransport transport, HostName name, TrustRoots roots, TimeProvider time)
    {
        var inner = new TransportStream(transport);
        var tls = new SslStream(inner, leaveInnerStreamOpen: true);
        Failure? complaint = null;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name.Text,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = roots.Policy(time),
            AllowTlsResume = false, // a resumed session would prove an earlier certificate, not this one
            AllowRenegotiation = false,
            RemoteCertificateValidationCallback = (_, _, chain, errors) => (complaint = Judge(chain, errors)) is null,
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

    private static Failure? Judge(X509Chain? chain, SslPolicyErrors errors)
    {
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
