using System.Net;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Servers;

/// <summary>Where a server's host leads right now: every address that a probe may come to.</summary>
public sealed class ServerAddresses(Dialer dialer, KeyedTags tags)
{
    /// <summary>The addresses with the server's port, or why there are none that may be contacted.</summary>
    public async Task<(IReadOnlyList<IPEndPoint> Addresses, Failure? Failure)> OfAsync(ServerEndpoint endpoint, CancellationToken cancellation)
    {
        using var deadline = dialer.StartDeadline(cancellation);
        var lookup = await dialer.LookUpAsync(endpoint.HostPort.Host, AddressChoice.Any, deadline.Token);
        return lookup is NameLookup.Found { Addresses: var addresses }
            ? ([.. addresses.Select(address => new IPEndPoint(address, endpoint.Port))], null)
            : ([], ((NameLookup.Missing)lookup).Failure);
    }

    /// <summary>Their tags.</summary>
    public IReadOnlyList<byte[]> TagsOf(IEnumerable<IPEndPoint> addresses) => [.. addresses.Select(a => tags.Endpoint(a.Address, a.Port))];
}
