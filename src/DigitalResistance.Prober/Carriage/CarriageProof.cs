using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

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
        if (await probe.OpenTunnelAsync(session, session.Target.Address) is { } tunnel) await ProveAsync(session, tunnel);
    }

    /// <summary>Has the session's target prove itself at the other end of a wire.</summary>
    public static ValueTask ProveAsync(ProbeSession session, Wire tunnel)
    {
        session.Enter(Stage.Proof);
        return session.Target switch
        {
            ProbeTarget.Canary canary => ProveByCanaryAsync(session, tunnel, canary),
            ProbeTarget.Tls tls => ProveByCertificateAsync(session, tunnel, tls),
            _ => FailAsync(session),
        };
    }

    private static async ValueTask ProveByCanaryAsync(ProbeSession session, Wire tunnel, ProbeTarget.Canary target)
    {
        var exchange = CanaryExchange.Begin(target.Ticket, target.Address);
        await tunnel.SendAsync(exchange.Request);
        var reply = await tunnel.ReceiveAsync<CanaryReply>();
        if (reply is null) session.Fail(tunnel);
        else if (exchange.Verify(reply, out var egress)) session.Prove(Level.L2, egress);
        else session.Fail(reply.IsRefusal ? Failure.ProofRefused : Failure.ProofForged);
    }

    private static async ValueTask ProveByCertificateAsync(ProbeSession session, Wire tunnel, ProbeTarget.Tls target)
    {
        var (tls, failure) = await TlsTransport.ConnectAsync(tunnel, new TlsIdentity(target.Address.Host), session.TrustRoots, session.Time);
        if (tls is null)
        {
            session.Fail(failure!.Value);
            return;
        }

        session.Prove(target.Unpredictable ? Level.L3 : Level.L2, egress: null);
        await tls.DisposeAsync();
    }

    private static ValueTask FailAsync(ProbeSession session)
    {
        session.Fail(Failure.InternalError);
        return ValueTask.CompletedTask;
    }
}
