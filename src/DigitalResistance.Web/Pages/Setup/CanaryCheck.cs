using System.Net;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether every canary answers with the nonce that only it can know. Its address is told to nobody: it must not lead to this site.</summary>
internal sealed class CanaryCheck(IServiceProvider services, IOptions<CanaryOptions> options, ServerKeys keys, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 60;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        var canary = options.Value;
        if (canary.KnownAddresses.Count == 0 && canary.ListensAt is null) return Finding(SetupState.Missing, texts["Canary.None"]);
        // Asking for its secret would make one; the program does that when it starts.
        if (!File.Exists(Path.Combine(keys.Folder, "canary.key"))) return Finding(SetupState.Missing, texts["Canary.NoKey"]);

        if (Known() is not { Count: > 0 } addresses) return Finding(SetupState.Advised, texts["Canary.Elsewhere"]);
        var (ring, looks) = (services.GetRequiredService<CanaryKeyRing>(), services.GetRequiredService<DirectLooks>());
        foreach (var address in addresses)
        {
            var report = await looks.LookAsync(address.ToString()!, () => new ProbeTarget.Canary(address, ring.Issue(LocalVantage.Name))).WaitAsync(cancellation);
            if (report.Outcome == Outcome.Ok) continue;
            if (report.Stage == Stage.Datagrams) return Finding(SetupState.Missing, texts["Canary.Deaf", addresses.IndexOf(address) + 1, addresses.Count]);
            return report.Failure == Failure.AddressForbidden ? Finding(SetupState.Advised, texts["Canary.Own"]) : Finding(SetupState.Missing, texts["Canary.Silent", addresses.IndexOf(address) + 1, addresses.Count]);
        }

        return Finding(SetupState.Ready, texts["Canary.Ready"]);
    }

    /// <summary>Where the canaries are: as configured, or where the one of this machine listens on a port that is known.</summary>
    private List<HostPort> Known()
    {
        if (options.Value.KnownAddresses.Count > 0) return [.. options.Value.KnownAddresses.Select(HostPort.Parse)];
        if (services.GetRequiredService<Targets>().Canaries is { Count: > 0 } here) return [.. here];
        var listen = IPEndPoint.Parse(options.Value.ListensAt!);
        if (listen.Port == 0) return [];
        var address = listen.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : listen.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listen.Address;
        return [new HostPort(HostName.Parse(address.ToString()), listen.Port)];
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Canary.Title"], text);
}
