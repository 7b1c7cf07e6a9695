using System.Buffers;
using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Tls;

/// <summary>
/// A TLS 1.3 handshake as a client (RFC 8446 §2), without resumption, which would link one probe to another. Who the server has to be is for others to say.
/// </summary>
internal abstract class Tls13Handshake(Wire server, BrowserHello hello)
{
    private const int MostHandshakeBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _transcript = new(4096);
    private byte[] _pending = [];

    /// <summary>What it means that the answer is TLS, or nearly, but not such that a handshake could go on.</summary>
    protected abstract Failure NotUnderstood { get; }

    /// <summary>What it means that what followed is no right TLS.</summary>
    protected abstract Failure Malformed { get; }

    /// <summary>Shakes hands; the transport that follows, or why there is none.</summary>
    public async ValueTask<(Tls13Transport? Transport, Failure? Failure)> RunAsync()
    {
        Remember(hello.Message);
        var greeting = Tls13Record.Write(ContentType.Handshake, hello.Message);
        greeting[2] = 1; // RFC 8446 §5.1: the first record says TLS 1.0, for old machines in between
        await server.SendAsync(greeting);
        if (await server.ReceiveAsync<Tls13Record>() is not { } first) return (null, Ended());
        if (first.Type != ContentType.Handshake || Tls13ServerHello.Parse(first.Body, hello.SessionId) is not { } chosen || hello.Agree(chosen.KeyShare) is not { } shared)
        {
            return (null, NotUnderstood);
        }

        Remember(first.Body);
        var keys = new Tls13Keys(chosen.Suite, shared);
        var secrets = keys.Handshake(Transcript(keys));
        if (await ReceiveFlightAsync(keys, secrets.Server) is { } failure) return (null, failure);

        var application = keys.Application(Transcript(keys));
        using var up = new Tls13Cipher(keys, secrets.Client);
        var finished = keys.Finished(secrets.Client, Transcript(keys));
        await server.SendAsync((byte[])[.. Tls13Record.Write(ContentType.ChangeCipherSpec, [1]), .. up.Seal(ContentType.Handshake, [20, 0, 0, (byte)finished.Length, .. finished])]);
        return (new Tls13Transport(server, keys, application.Client, application.Server), null);
    }

    /// <summary>What is wrong with who shows this Certificate message (RFC 8446 §4.4.2), compressed or not; null when nothing is.</summary>
    protected abstract Failure? Judge(byte[] certificate);

    /// <summary>Whether a CertificateVerify message was signed by who showed the certificate, over the hash of all that was said before it (RFC 8446 §4.4.3).</summary>
    protected abstract bool IsSigned(byte[] verify, byte[] transcript);

    /// <summary>Failure of the connection, where one names itself.</summary>
    protected virtual Failure Ended() => server.Failure ?? Malformed;

    /// <summary>EncryptedExtensions, Certificate, CertificateVerify and Finished, in this order; null when all are right.</summary>
    private async ValueTask<Failure?> ReceiveFlightAsync(Tls13Keys keys, byte[] secret)
    {
        using var cipher = new Tls13Cipher(keys, secret);
        if (await ReceiveMessageAsync(cipher) is not [8, ..] extensions) return Ended();
        Remember(extensions);
        if (await ReceiveMessageAsync(cipher) is not { } shown) return Ended();
        if (Judge(shown) is { } complaint) return complaint;
        Remember(shown);
        if (await ReceiveMessageAsync(cipher) is not [15, ..] verify) return Ended();
        if (!IsSigned(verify, Transcript(keys))) return Malformed;
        Remember(verify);
        var expected = keys.Finished(secret, Transcript(keys));
        if (await ReceiveMessageAsync(cipher) is not [20, ..] finished || !CryptographicOperations.FixedTimeEquals(expected, finished.AsSpan(4))) return Ended();
        Remember(finished);
        return null;
    }

    private void Remember(ReadOnlySpan<byte> message) => _transcript.Write(message);

    private byte[] Transcript(Tls13Keys keys) => keys.Hash(_transcript.WrittenSpan);

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
