using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Tls;

/// <summary>
/// The handshake with a web site that proves itself by its certificate. It asks in TLS 1.3 with X25519, as all browsers do first; of a site that speaks only
/// older versions or other groups it says that TLS failed.
/// </summary>
internal sealed class WebHandshake(Wire server, HostName host, TrustRoots roots, TimeProvider time) : Tls13Handshake(server, new BrowserHello(host))
{
    private readonly Wire _server = server;
    private WebCertificate? _certificate;

    protected override Failure NotUnderstood => Failure.TlsFailed;

    protected override Failure Malformed => Failure.TlsFailed;

    protected override Failure? Judge(byte[] certificate)
    {
        (_certificate, var failure) = WebCertificate.Find(certificate, host, roots, time);
        return failure;
    }

    protected override bool IsSigned(byte[] verify, byte[] transcript) => _certificate!.HasSigned(verify, transcript);

    // Whatever else came in the place of TLS is told as this one thing.
    protected override Failure Ended() => _server.Failure is { } ending and not (Failure.WrongProtocol or Failure.ReplyMalformed or Failure.ReplyTooLarge) ? ending : Malformed;
}
