using System.Globalization;
using DigitalResistance.Servers;
using DigitalResistance.Web.Demo.Proxies;

namespace DigitalResistance.Web.Demo;

/// <summary>Four operators start a proxy each, register it and prove that it is theirs, by adding the user that the registry chose.</summary>
internal sealed class DemoServers(
    DemoWorld world, ServerRegistration registration, OwnServers own, ControlProofs proofs, TimeProvider time, ILoggerFactory logs)
{
    private const int Attempts = 5;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    public async Task RegisterAsync(CancellationToken cancellation)
    {
        var operators = world.People.Where(p => p.Role == DemoRole.Operator).OrderBy(p => p.Number).ToArray();
        await RegisterAsync(operators[0], new Socks5Handshake(), ProxyTemper.Good, cancellation);
        await RegisterAsync(operators[1], new ConnectHandshake(), ProxyTemper.Good, cancellation);
        await RegisterAsync(operators[2], new Socks5Handshake(), ProxyTemper.Flapping, cancellation);
        await RegisterAsync(operators[3], new ConnectHandshake(), ProxyTemper.Lying, cancellation);
    }

    private async Task RegisterAsync(DemoPerson owner, IProxyHandshake protocol, ProxyTemper temper, CancellationToken cancellation)
    {
        var proxy = new DemoProxy(protocol, Turn, time, logs.CreateLogger<DemoProxy>());
        var form = new ServerForm(protocol.Protocol, $"{temper} proxy", "127.0.0.1", proxy.Port.ToString(CultureInfo.InvariantCulture), new Dictionary<string, string> { ["auth"] = "none" });
        var registered = Expect.That<RegistrationResult.Registered>(await registration.RegisterAsync(owner.Id, form, cancellation));
        world.Servers.Add(new DemoServer(registered.Id, owner, proxy));

        var minted = (await own.FindAsync(owner.Id, registered.Id, cancellation))!.Challenge.Minted;
        proxy.Users.Add(minted["username"], minted["password"]);
        await ProveAsync(owner, registered.Id, cancellation);
        // Whoever means to cheat is honest until the proof is given.
        proxy.Temper = temper;
    }

    // On a very busy machine a proof may run out of time; as an operator would, try again.
    private async Task ProveAsync(DemoPerson owner, Guid server, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var ending = await proofs.ProveAsync(owner.Id, server, ProofWay.InProtocol, keepMinted: true, cancellation);
            if (ending is ProofResult.Shown) return;
            if (attempt == Attempts) Expect.That<ProofResult.Shown>(ending);
            await Task.Delay(Turn, time, cancellation);
        }
    }
}
