using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace DigitalResistance.Prober.Dialing;

/// <summary>Which address of a server to dial.</summary>
public enum AddressChoice
{
    /// <summary>IPv4 where there is one, else IPv6.</summary>
    Any,

    /// <summary>IPv4 only.</summary>
    IPv4,

    /// <summary>IPv6 only.</summary>
    IPv6,
}

/// <summary>
/// The only place that dials. It resolves once, judges every address of the answer, and connects to the very address that it judged, so that
/// a second, different answer of the name server is never asked for. One attempt at one address: no retry, no happy eyeballs, for a server
/// that is half up must not look up.
/// </summary>
public sealed class Dialer
{
    /// <summary>More addresses than this are no honest answer for one server; the rest is still judged, but not dialled.</summary>
    private const int MostAddresses = 16;

    private readonly DialingOptions _options;
    private readonly INameResolver _resolver;
    private readonly TimeProvider _time;
    private readonly IPNetwork[] _own;

    /// <summary>Creates a dialer with the system's resolver, or the one that the options name.</summary>
    public Dialer(DialingOptions options, TimeProvider time)
        : this(options, new NameResolver(options), time)
    {
    }

    /// <summary>Creates a dialer with a resolver of one's own.</summary>
    public Dialer(DialingOptions options, INameResolver resolver, TimeProvider time)
    {
        (_options, _resolver, _time) = (options, resolver, time);
        _own = [.. options.OwnAddresses.Select(own => DialingOptions.TryParseNetwork(own, out var network)
            ? network : throw new ArgumentException("OwnAddresses holds something that is neither an address nor a network.", nameof(options))), .. LocalCards()];
    }

    /// <summary>The resolver that this dialer asks.</summary>
    public INameResolver Resolver => _resolver;

    /// <summary>The options it was made with.</summary>
    public DialingOptions Options => _options;

    /// <summary>A clock for one probe, with the configured limit.</summary>
    public Deadline StartDeadline(CancellationToken caller) => new(_options.Deadline, _time, caller);

    /// <summary>A clock for one probe that wants less time than the configured limit, which it never exceeds.</summary>
    public Deadline StartDeadline(TimeSpan limit, CancellationToken caller) => new(limit < _options.Deadline ? limit : _options.Deadline, _time, caller);

    /// <summary>Why an address would not be dialled.</summary>
    public AddressRefusal Judge(IPAddress address)
    {
        var refusal = AddressRules.Judge(address);
        if (refusal == AddressRefusal.SpecialPurpose && _options.AllowLoopback && IPAddress.IsLoopback(address)) refusal = AddressRefusal.None;
        return refusal == AddressRefusal.None && Array.Exists(_own, network => network.Contains(address)) ? AddressRefusal.Own : refusal;
    }

    /// <summary>Opens a connection, from which as much may be read as from any and <paramref name="room"/> bytes more. Never throws for anything that strangers, networks or clocks do.</summary>
    public async ValueTask<Dialled> DialAsync(HostPort endpoint, AddressChoice choice, Deadline deadline, int room = 0)
    {
        var started = _time.GetTimestamp();
        if (PortRules.IsForbidden(endpoint.Port)) return Dialled.Not(Stage.Resolve, Failure.PortForbidden, TimeSpan.Zero, TimeSpan.Zero);
        var (address, failure) = await ResolveAsync(endpoint.Host, choice, deadline);
        var resolved = _time.GetElapsedTime(started);
        if (address is null) return Dialled.Not(Stage.Resolve, failure, resolved, TimeSpan.Zero);

        var (transport, refusal) = await ConnectAsync(new IPEndPoint(address, endpoint.Port), deadline, room);
        var connected = _time.GetElapsedTime(started) - resolved;
        return transport is null
            ? Dialled.Not(Stage.Dial, refusal, resolved, connected) with { Family = address.AddressFamily, Address = address }
            : new Dialled(transport, Stage.Dial, null, address.AddressFamily, resolved, connected) { Address = address };
    }

    /// <summary>Opens a way for datagrams to a port of a host whose address was dialled before. Sends nothing yet.</summary>
    public (DatagramTransport? Transport, Failure Failure) OpenDatagrams(IPEndPoint endpoint, Deadline deadline)
    {
        if (Judge(endpoint.Address) != AddressRefusal.None) return (null, Failure.AddressForbidden);
        if (endpoint.Port == 0 || PortRules.IsForbidden(endpoint.Port)) return (null, Failure.PortForbidden);
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(endpoint); // asks the local table only
            return (new DatagramTransport(socket, deadline, _options.ReadLimit), default);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return (null, SocketFailures.Classify(e.SocketErrorCode));
        }
    }

    /// <summary>Every address that a host leads to and that may be dialled; the dialer would take any one of them.</summary>
    public async ValueTask<NameLookup> LookUpAsync(HostName host, AddressChoice choice, CancellationToken cancellation)
    {
        if (host.Address is { } literal) return Judge(literal) == AddressRefusal.None ? new NameLookup.Found([literal]) : new NameLookup.Missing(Failure.AddressForbidden);
        var lookup = await _resolver.LookUpAsync(host, cancellation);
        if (lookup is not NameLookup.Found { Addresses: var addresses }) return lookup;

        // One bad address condemns the answer: a name that points half at us is an attack or a mistake, and both are told to its owner.
        if (addresses.Any(address => Judge(address) != AddressRefusal.None)) return new NameLookup.Missing(Failure.AddressForbidden);
        var wanted = Pick(addresses.Take(MostAddresses), choice);
        return wanted.Length == 0 ? new NameLookup.Missing(Failure.NameNotFound) : new NameLookup.Found(wanted);
    }

    private async ValueTask<(IPAddress? Address, Failure Failure)> ResolveAsync(HostName host, AddressChoice choice, Deadline deadline)
    {
        var lookup = await LookUpAsync(host, choice, deadline.Token);
        if (lookup is NameLookup.Found { Addresses: var wanted }) return (wanted[RandomNumberGenerator.GetInt32(wanted.Count)], default);
        return (null, deadline.Token.IsCancellationRequested && deadline.Verdict == Failure.Cancelled ? Failure.Cancelled : ((NameLookup.Missing)lookup).Failure);
    }

    private static IPAddress[] Pick(IEnumerable<IPAddress> addresses, AddressChoice choice)
    {
        var byFamily = addresses.ToLookup(address => address.AddressFamily);
        var (ipv4, ipv6) = (byFamily[AddressFamily.InterNetwork].ToArray(), byFamily[AddressFamily.InterNetworkV6].ToArray());
        return choice switch
        {
            AddressChoice.IPv4 => ipv4,
            AddressChoice.IPv6 => ipv6,
            _ => ipv4.Length > 0 ? ipv4 : ipv6,
        };
    }

    private async ValueTask<(SocketTransport? Transport, Failure Failure)> ConnectAsync(IPEndPoint address, Deadline deadline, int room)
    {
        Socket socket;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        }
        catch (SocketException e)
        {
            return (null, SocketFailures.Classify(e.SocketErrorCode));
        }

        var transport = new SocketTransport(socket, deadline, _options.ReadLimit + room);
        var error = await transport.ConnectAsync(address);
        if (error == SocketError.Success) return (transport, default);
        await transport.DisposeAsync();
        if (deadline.Token.IsCancellationRequested) return (null, deadline.Verdict == Failure.Cancelled ? Failure.Cancelled : Failure.ConnectionTimeout);
        return (null, error == SocketError.NetworkUnreachable && !HasRoute(address) ? Failure.FamilyUnavailable : SocketFailures.Classify(error));
    }

    /// <summary>Tells our own missing route from a router's "unreachable": connecting a datagram socket asks the local table only and sends nothing.</summary>
    private static bool HasRoute(IPEndPoint address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPNetwork[] LocalCards()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .Where(card => !IPAddress.IsLoopback(card.Address))
                .Select(card => new IPNetwork(new IPAddress(card.Address.GetAddressBytes()), card.Address.GetAddressBytes().Length * 8))
                .ToArray();
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}

/// <summary>How dialling ended, with the time that each stage took.</summary>
public sealed record Dialled(
    SocketTransport? Transport, Stage Stage, Failure? Failure, AddressFamily Family, TimeSpan ResolveTime, TimeSpan DialTime)
{
    /// <summary>The address that was dialled, or would have been; null where none was found.</summary>
    public IPAddress? Address { get; init; }

    internal static Dialled Not(Stage stage, Failure failure, TimeSpan resolve, TimeSpan dial) =>
        new(null, stage, failure, AddressFamily.Unspecified, resolve, dial);
}
