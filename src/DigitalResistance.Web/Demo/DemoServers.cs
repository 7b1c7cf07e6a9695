using System.Globalization;
using DigitalResistance.Servers;
using DigitalResistance.Web.Demo.Proxies;

namespace DigitalResistance.Web.Demo;

/// <summary>Four operators start a proxy each, register it and prove that it is theirs, by adding the user that the registry chose.</summary>
internal sealed class DemoServers(
    DemoWorld world, ServerRegistration registration, OwnServers own, ControlProofs proofs, TimeProvider time, ILoggerFactory logs)
{
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
        Expect.That<ProofResult.Shown>(await proofs.ProveAsync(owner.Id, registered.Id, ProofWay.InProtocol, keepMinted: true, cancellation));
        // Whoever means to cheat is honest until the proof is given.
        proxy.Temper = temper;
    }
}
