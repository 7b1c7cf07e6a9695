using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Prober.Carriage;

/// <summary>
/// Has a data centre of Telegram's prove itself: first it repeats our nonce, which anybody could, then it answers what only the holder of its
/// RSA key can read (https://core.telegram.org/mtproto/auth_key, steps 1 to 5). Both are asked every time, or a liar that repeats nonces would
/// pass where the second is left out. It ends there: no account is needed, and nothing is created.
/// </summary>
internal static class TelegramProof
{
    /// <summary>Lays the transport that data centres and proxies expect over what leads there.</summary>
    public static Wire Obfuscate(ProbeSession session, ITransport tunnel, ReadOnlySpan<byte> secret, bool padded, ProbeTarget.Telegram target) =>
        session.Lay(new ObfuscatedTransport(tunnel, secret, padded, target.DataCentre));

    public static async ValueTask ProveAsync(ProbeSession session, Wire wire, bool padded, ProbeTarget.Telegram target)
    {
        var nonce = RandomNumberGenerator.GetBytes(16);
        await AskAsync(session, wire, padded, ResPq.Request(nonce));
        if (await AnswerAsync(session, wire) is not { } answer) return;
        if (ResPq.Parse(PlainMessage.Body(answer.Payload)) is not { } resPq || !resPq.Nonce.AsSpan().SequenceEqual(nonce))
        {
            // Before anything was authentic, nonsense says that the secret is another one; afterwards, that Telegram is somebody else.
            session.Fail(Failure.ReplyMalformed);
            return;
        }

        // A proxy says nothing of its own: our nonce is the first that came through it, and ends the handshake.
        if (session.Stage == Stage.Handshake) session.Enter(Stage.Proof);
        var key = target.Keys.FirstOrDefault(known => resPq.Fingerprints.Contains(known.Fingerprint));
        if (key is null || DhChallenge.Create(resPq, key, target.DataCentre) is not { } challenge)
        {
            session.Fail(Failure.ProofRefused);
            return;
        }

        await AskAsync(session, wire, padded, challenge.Request);
        if (await AnswerAsync(session, wire) is not { } proof) return;
        if (challenge.Verify(PlainMessage.Body(proof.Payload)) is { } telegramsTime)
        {
            session.Saw(telegramsTime);
            session.Prove(Level.L3, egress: null);
        }
        else
        {
            session.Fail(Failure.ProofForged);
        }
    }

    private static ValueTask<Failure?> AskAsync(ProbeSession session, Wire wire, bool padded, byte[] body) =>
        wire.SendAsync(Packet.Write(PlainMessage.Write(body, session.Time.GetUtcNow()), padded));

    private static async ValueTask<Packet?> AnswerAsync(ProbeSession session, Wire wire)
    {
        var packet = await wire.ReceiveAsync<Packet>();
        if (packet is null) session.Fail(wire);
        else if (packet.TransportError is { } code) session.Fail(code == 429 ? Failure.TargetBusy : Failure.ProofRefused, code);
        else return packet;
        return null;
    }
}
