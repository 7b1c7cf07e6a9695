using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Tls;

namespace DigitalResistance.Prober.Carriage;

/// <summary>
/// Proves that a tunnel carries bytes to its target and back. The server's own "success" proves nothing: some proxies say it before they
/// have tried, others say it and do nothing. Only what the target alone could have answered counts.
/// </summary>
internal static class CarriageProof
{
    /// <summary>Opens a tunnel with the protocol and has the target prove itself through it.</summary>
    public static async ValueTask ProveAsync(IStreamProbe probe, ProbeSession session)
    {
        if (await OpenAsync(probe, session) is not { } tunnel) return;
        switch (session.Target)
        {
            case ProbeTarget.Canary canary:
                await ProveByCanaryAsync(probe, session, tunnel, canary);
                break;
            case ProbeTarget.Tls tls:
                await ProveByCertificateAsync(probe, session, tunnel, tls);
                break;
            case ProbeTarget.Download download:
                await ThroughputProof.ProveAsync(session, tunnel, download);
                break;
            case ProbeTarget.Telegram telegram:
                await TelegramProof.ProveAsync(session, TelegramProof.Obfuscate(session, tunnel, secret: [], padded: false, telegram), padded: false, telegram);
                break;
            default:
                session.Fail(Failure.InternalError);
                break;
        }
    }

    private static async ValueTask<Wire?> OpenAsync(IStreamProbe probe, ProbeSession session)
    {
        var tunnel = await probe.OpenTunnelAsync(session, session.Target.Address);
        if (tunnel is not null && session.Stage > Stage.Handshake) session.Enter(Stage.Proof);
        return tunnel;
    }

    private static async ValueTask ProveByCanaryAsync(IStreamProbe probe, ProbeSession session, Wire tunnel, ProbeTarget.Canary target)
    {
        var exchange = CanaryExchange.Begin(target.Ticket, target.Address);
        await tunnel.SendAsync(exchange.Request);
        var reply = await tunnel.ReceiveAsync<CanaryReply>();
        if (reply is null) session.Fail(tunnel);
        else if (!exchange.Verify(reply, out var egress)) session.Fail(reply.IsRefusal ? Failure.ProofRefused : Failure.ProofForged);
        else if (await CarriesDatagramsTooAsync(probe, session, target)) session.Prove(Level.L2, egress);
    }

    // Only the canary answers datagrams: strangers' hosts prove themselves by certificates, over streams.
    private static async ValueTask<bool> CarriesDatagramsTooAsync(IStreamProbe probe, ProbeSession session, ProbeTarget.Canary target) =>
        probe is not IDatagramProbe datagrams || !datagrams.CarriesDatagrams(session.Settings) || await DatagramProof.ProveAsync(datagrams, session, target);

    /// <summary>
    /// A few sites do not speak TLS 1.3, or not as we begin it: once more, through a tunnel of its own, the library tries that knows the older ways too. Either proves the same.
    /// </summary>
    private static async ValueTask ProveByCertificateAsync(IStreamProbe probe, ProbeSession session, Wire tunnel, ProbeTarget.Tls target)
    {
        (ITransport? tls, var failure) = await new WebHandshake(tunnel, target.Address.Host, session.TrustRoots, session.Time).RunAsync();
        if (failure == Failure.TlsFailed)
        {
            await session.DisposeAsync();
            if (await OpenAsync(probe, session) is not { } second) return;
            (tls, failure) = await TlsTransport.ConnectAsync(second, new TlsIdentity(target.Address.Host), session.TrustRoots, session.Time);
        }

        if (tls is null)
        {
            session.Fail(failure!.Value);
            return;
        }

        session.Prove(target.Unpredictable ? Level.L3 : Level.L2, egress: null);
        await tls.DisposeAsync();
    }
}
