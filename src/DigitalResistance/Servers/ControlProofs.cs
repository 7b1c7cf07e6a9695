using System.Net;
using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Probing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>
/// Proves control in the three ways in which we ask: inside the protocol, at a web server, in the name system. (In the fourth the server
/// calls us: <see cref="Heartbeat"/>.) Each address of the server is asked for itself; limits are taken before anything is sent.
/// </summary>
public sealed class ControlProofs(
    MoneyDb db, OwnServers servers, ServerAddresses addresses, Limits limits, AddressClaims claims, ControlProof inProtocol, HttpFetch http,
    Dialer dialer, Targets targets, ProofLog log, IOptions<ServersOptions> options, TimeProvider time)
{
    /// <summary>Looks for the proof now, and draws the consequences.</summary>
    /// <param name="owner">The account.</param>
    /// <param name="id">The server.</param>
    /// <param name="way">Where to look; not <see cref="ProofWay.CallHome"/>.</param>
    /// <param name="keepMinted">After a proof inside the protocol: probe with the minted credentials from now on.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ProofResult> ProveAsync(Guid owner, Guid id, ProofWay way, bool keepMinted, CancellationToken cancellation)
    {
        if (await servers.FindAsync(owner, id, cancellation) is not { } own) return new ProofResult.NotFound();
        if (own.Server.ChallengedAt + options.Value.ChallengeLifetime <= time.GetUtcNow()) return new ProofResult.Expired();
        var lookup = await addresses.OfAsync(own.Endpoint, cancellation);
        if (lookup is ServerLookup.Missing missing) return await NotShownAsync(own, way, new Finding(ProofFinding.NameFailed, missing.Failure), cancellation);
        if (lookup is not ServerLookup.Found { Addresses: var all })
        {
            // Taken although nothing is sent: nobody may ask address by address who wants to be left alone.
            var asked = await limits.TakeAttemptAsync(owner, [], cancellation);
            return asked == LimitResult.Granted ? await NotShownAsync(own, way, new Finding(ProofFinding.OptedOut), cancellation) : new ProofResult.Limited(asked);
        }

        // The name system is asked about the name and bothers no machine.
        var limit = await limits.TakeAttemptAsync(owner, way == ProofWay.DnsRecord ? [] : all, cancellation);
        if (limit != LimitResult.Granted) return new ProofResult.Limited(limit);

        var (proven, last) = (new List<IPEndPoint>(), new Finding(ProofFinding.Shown));
        foreach (var address in all)
        {
            var finding = await LookAsync(own, way, address, cancellation);
            if (finding.What == ProofFinding.Shown) proven.Add(address);
            else last = finding;
        }

        if (proven.Count == 0) return await NotShownAsync(own, way, last, cancellation);
        await log.WriteAsync(id, way, last, cancellation);
        var result = await claims.RecordAsync(id, proven, all, caller: null, cancellation);
        if (keepMinted && way == ProofWay.InProtocol && result is not ClaimResult.Retired) await KeepMintedAsync(owner, id, cancellation);
        return new ProofResult.Shown(result);
    }

    private async Task<Finding> LookAsync(OwnServer own, ProofWay way, IPEndPoint address, CancellationToken cancellation) => way switch
    {
        ProofWay.InProtocol => await LookInProtocolAsync(own, address, cancellation),
        ProofWay.HttpToken => await LookAtWebServerAsync(own, address, cancellation),
        ProofWay.DnsRecord => await LookInNameSystemAsync(own, address, cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(way)),
    };

    private async Task<Finding> LookInProtocolAsync(OwnServer own, IPEndPoint address, CancellationToken cancellation)
    {
        if (own.Challenge.Minted.Count == 0 || targets.ForCheck(own.Protocol.LeadsTo, LocalVantage.Name) is not [var target, ..]) return new(ProofFinding.NotSupported);
        // The very address, so that the name cannot lead elsewhere between the lookup and the proof.
        var minted = new ProbeAssignment(Guid.NewGuid(), 0, own.Protocol.Id, own.Endpoint.HostPort, own.Challenge.Minted, target) { At = address.Address };
        return await inProtocol.ProveAsync(minted, cancellation) switch
        {
            ControlProofResult.Proven => new(ProofFinding.Shown),
            ControlProofResult.MintedRefused refused => new(ProofFinding.MintedRefused, refused.Report.Failure),
            ControlProofResult.AcceptsAnything => new(ProofFinding.AcceptsAnything),
            ControlProofResult.Unreachable unreachable => new(ProofFinding.Unreachable, unreachable.Report.Failure),
            _ => new(ProofFinding.NotSupported),
        };
    }

    private async Task<Finding> LookAtWebServerAsync(OwnServer own, IPEndPoint address, CancellationToken cancellation)
    {
        var at = new HostPort(HostName.Parse(address.Address.ToString()), options.Value.HttpProofPort);
        return await http.GetAsync(at, own.Challenge.HttpPath, tls: false, bodyLimit: 256, cancellation) switch
        {
            // What a stranger's server says is never shown to whoever asked for it, only how much it was.
            FetchResult.Fetched { Status: 200 } page => Encoding.ASCII.GetString(page.Body).Trim() == own.Challenge.HttpToken
                ? new(ProofFinding.Shown)
                : new(ProofFinding.OtherContent, Number: page.Body.Length),
            FetchResult.Fetched other => new(ProofFinding.OtherStatus, Number: other.Status),
            FetchResult.Failed failed => new(ProofFinding.Unreachable, failed.Failure),
            _ => new(ProofFinding.Unreachable),
        };
    }

    // A TXT record proves control of a name, and anybody may point a name at anybody's machine. Only where the address leads back to the
    // name do both belong together (docs/decisions/0007).
    private async Task<Finding> LookInNameSystemAsync(OwnServer own, IPEndPoint address, CancellationToken cancellation)
    {
        var host = own.Endpoint.HostPort.Host;
        if (host.Address is not null || !HostName.TryParse($"{own.Challenge.DnsLabel}.{host.Text}", out var name, out _)) return new(ProofFinding.NoName);
        var records = await dialer.Resolver.LookUpTextAsync(name, cancellation);
        if (records is not TextLookup.Found { Records: { Count: > 0 } values }) return new(ProofFinding.NoRecord, (records as TextLookup.Missing)?.Failure);
        if (!values.Contains(own.Challenge.DnsValue)) return new(ProofFinding.OtherRecord, Number: values.Count);
        var names = await dialer.Resolver.LookUpNamesAsync(address.Address, cancellation);
        return names is TextLookup.Found found && found.Records.Contains(host.Text, StringComparer.OrdinalIgnoreCase)
            ? new(ProofFinding.Shown)
            : new(ProofFinding.NoReverseName, (names as TextLookup.Missing)?.Failure);
    }

    private async Task<ProofResult> NotShownAsync(OwnServer own, ProofWay way, Finding finding, CancellationToken cancellation)
    {
        await log.WriteAsync(own.Server.Id, way, finding, cancellation);
        return new ProofResult.NotShown(finding);
    }

    private async Task KeepMintedAsync(Guid owner, Guid id, CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        if (await servers.FindAsync(owner, id, cancellation) is not { } own) return;
        own.Server.SealedEndpoint = (own.Endpoint with { Settings = own.Challenge.Minted }).Seal(own.Key);
        own.Server.Version++;
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear(); // edited at this moment: what the owner typed counts
        }
    }
}

/// <summary>What was found where a proof was expected.</summary>
public sealed record Finding(ProofFinding What, Failure? Failure = null, int? Number = null);

/// <summary>How a proof ended.</summary>
public abstract record ProofResult
{
    private ProofResult()
    {
    }

    /// <summary>It was shown for at least one address, with this consequence.</summary>
    public sealed record Shown(ClaimResult Then) : ProofResult;

    /// <summary>It was not; this was found instead.</summary>
    public sealed record NotShown(Finding Finding) : ProofResult;

    /// <summary>The instructions are too old: new ones have to be made.</summary>
    public sealed record Expired : ProofResult;

    /// <summary>A limit is reached; nothing was sent.</summary>
    public sealed record Limited(LimitResult Limit) : ProofResult;

    /// <summary>The account has no such server.</summary>
    public sealed record NotFound : ProofResult;
}
