using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Tls;

namespace DigitalResistance.Prober.Protocols.Reality;

/// <summary>
/// The handshake with a server that hides behind somebody else's web site. Whoever it does not know is carried to that site, whose answers are perfect TLS:
/// so every answer that is TLS, but not the server's own, means that we were not recognised.
/// </summary>
internal sealed class RealityHandshake(Wire server, RealityHello hello) : Tls13Handshake(server, hello.Hello)
{
    private RealityCertificate? _certificate;

    protected override Failure NotUnderstood => Failure.SecretNotAccepted;

    protected override Failure Malformed => Failure.ReplyMalformed;

    // The web site's own certificate comes compressed or not; the server's own never does.
    protected override Failure? Judge(byte[] certificate) =>
        certificate is [11, ..] && (_certificate = RealityCertificate.Find(certificate, hello.AuthKey)) is not null ? null : Failure.SecretNotAccepted;

    protected override bool IsSigned(byte[] verify, byte[] transcript) => _certificate!.Verifies(verify, transcript);
}
