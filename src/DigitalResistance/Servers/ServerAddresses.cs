using System.Net;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Servers;

/// <summary>
/// Where a server's host leads right now: every address that a probe may come to. Every contact with a server begins here, and dials an address
/// that was answered here: a machine that asked to be left alone is answered to nobody.
/// </summary>
public sealed class ServerAddresses(Dialer dialer, KeyedTags tags, OptedOutMachines optedOut)
{
    /// <summary>The addresses that may be contacted, with the server's port; or why none may.</summary>
    public async Task<ServerLookup> OfAsync(ServerEndpoint endpoint, CancellationToken cancellation)
    {
        var lookup = await LookUpAsync(endpoint, cancellation);
        if (lookup is not ServerLookup.Found found) return lookup;
        foreach (var machine in found.Addresses.Select(a => tags.Machine(a.Address)))
        {
            // One that asked is enough: a probe may come to any of them.
            if (await optedOut.HasAsync(machine, cancellation)) return new ServerLookup.OptedOut(machine);
        }

        return found;
    }

    /// <summary>The same for a server that contacts us: nothing is sent there.</summary>
    public async Task<ServerLookup> LookUpAsync(ServerEndpoint endpoint, CancellationToken cancellation)
    {
        using var deadline = dialer.StartDeadline(cancellation);
        var lookup = await dialer.LookUpAsync(endpoint.HostPort.Host, AddressChoice.Any, deadline.Token);
        return lookup is NameLookup.Found { Addresses: var addresses }
            ? new ServerLookup.Found([.. addresses.Select(address => new IPEndPoint(address, endpoint.Port))])
            : new ServerLookup.Missing(((NameLookup.Missing)lookup).Failure);
    }

    /// <summary>Tags of addresses and ports.</summary>
    public IReadOnlyList<byte[]> TagsOf(IEnumerable<IPEndPoint> addresses) => [.. addresses.Select(a => tags.Endpoint(a.Address, a.Port))];
}

/// <summary>Where a server's host leads. Holds addresses, so it does not print them.</summary>
public abstract record ServerLookup
{
    private ServerLookup()
    {
    }

    /// <summary>To these addresses.</summary>
    public sealed record Found(IReadOnlyList<IPEndPoint> Addresses) : ServerLookup;

    /// <summary>Nowhere that may be contacted.</summary>
    public sealed record Missing(Failure Failure) : ServerLookup;

    /// <summary>To a machine, known by its tag, that asked to be left alone.</summary>
    public sealed record OptedOut(byte[] Machine) : ServerLookup;
}
