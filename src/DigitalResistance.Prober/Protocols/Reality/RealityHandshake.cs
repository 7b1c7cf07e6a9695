using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Reality;

/// <summary>
/// A TLS 1.3 handshake as a client (RFC 8446 §2), with a server that hides behind somebody else's web site. Whoever it does not know is carried to that site,
/// whose answers are perfect TLS: so every answer that is TLS, but not the server's own, means that we were not recognised.
/// </summary>
internal sealed class RealityHandshake(Wire server, RealityHello hello)
{
    private const int MostHandshakeBytes = 32 * 1024;

    private readonly List<byte> _transcript = [.. hello.Message];
    private byte[] _pending = [];

    /// <summary>Shakes hands; the transport that follows, or why there is none.</summary>
    public async ValueTask<(RealityTransport? Transport, Failure? Failure)> RunAsync()
    {
        var greeting = Tls13Record.Write(ContentType.Handshake, hello.Message);
        greeting[2] = 1; // RFC 8446 §5.1: the first record says TLS 1.0, for old machines in between
        await server.SendAsync(greeting);
        if (await server.ReceiveAsync<Tls13Record>() is not { } first) return (null, server.Failure);
        if (first.Type != ContentType.Handshake || Tls13ServerHello.Parse(first.Body, hello.SessionId) is not { } chosen || hello.Agree(chosen.KeyShare) is not { } shared)
        {
            return (null, Failure.SecretNotAccepted);
        }

        _transcript.AddRange(first.Body);
        var keys = new Tls13Keys(chosen.Suite, shared);
        var secrets = keys.Handshake(keys.Hash([.. _transcript]));
        if (await ReceiveFlightAsync(keys, secrets.Server) is { } failure) return (null, failure);

        var application = keys.Application(keys.Hash([.. _transcript]));
        using var up = new Tls13Cipher(keys, secrets.Client);
        var finished = keys.Finished(secrets.Client, keys.Hash([.. _transcript]));
        await server.SendAsync((byte[])[.. Tls13Record.Write(ContentType.ChangeCipherSpec, [1]), .. up.Seal(ContentType.Handshake, [20, 0, 0, (byte)finished.Length, .. finished])]);
        return (new RealityTransport(server, keys, application.Client, application.Server), null);
    }

    /// <summary>EncryptedExtensions, Certificate, CertificateVerify and Finished, in this order; null when all are right.</summary>
    private async ValueTask<Failure?> ReceiveFlightAsync(Tls13Keys keys, byte[] secret)
    {
        using var cipher = new Tls13Cipher(keys, secret);
        if (await ReceiveMessageAsync(cipher) is not [8, ..] extensions) return Complain();
        Remember(extensions);
        if (await ReceiveMessageAsync(cipher) is not { } shown) return Complain();
        if (shown[0] != 11 || RealityCertificate.Find(shown, hello.AuthKey) is not { } certificate) return Failure.SecretNotAccepted; // the web site's own, or compressed as we never are answered
        Remember(shown);
        if (await ReceiveMessageAsync(cipher) is not [15, ..] verify) return Complain();
        if (!certificate.Verifies(verify, keys.Hash([.. _transcript]))) return Failure.ReplyMalformed;
        Remember(verify);
        var expected = keys.Finished(secret, keys.Hash([.. _transcript]));
        if (await ReceiveMessageAsync(cipher) is not [20, ..] finished || !CryptographicOperations.FixedTimeEquals(expected, finished.AsSpan(4))) return Complain();
        Remember(finished);
        return null;
    }

    private void Remember(byte[] message) => _transcript.AddRange(message);

    private Failure Complain() => server.Failure ?? Failure.ReplyMalformed;

    /// <summary>One handshake message, however it was cut into records; null when none came, or something that is none.</summary>
    private async ValueTask<byte[]?> ReceiveMessageAsync(Tls13Cipher cipher)
    {
        while (true)
        {
            var length = _pending.Length < 4 ? int.MaxValue : 4 + ((_pending[1] << 16) | (_pending[2] << 8) | _pending[3]);
            if (_pending.Length >= length)
            {
                var message = _pending[..length];
                _pending = _pending[length..];
                return message;
            }

            if (length is > MostHandshakeBytes and not int.MaxValue || await server.ReceiveAsync<Tls13Record>() is not { } record) return null;
            if (record is { Type: ContentType.ChangeCipherSpec, Body: [1] }) continue; // RFC 8446 §D.4: for machines in between
            if (cipher.Open(record) is not { Type: ContentType.Handshake, Content: { IsEmpty: false } content }) return null;
            _pending = [.. _pending, .. content.Span];
        }
    }
}
