using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// Looks names up with the system's resolver, or with the name servers that the options give (then DnsClient asks them, for addresses too).
/// Nothing is cached: an operator who moves must not be judged by the old address.
/// </summary>
public sealed class NameResolver : INameResolver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lazy<LookupClient> _client;
    private readonly bool _ownServers;

    /// <summary>Creates a resolver; the options say whose servers it asks.</summary>
    public NameResolver(DialingOptions options)
    {
        var servers = options.NameServers.Select(IPEndPoint.Parse).Select(s => new IPEndPoint(s.Address, s.Port == 0 ? 53 : s.Port)).ToArray();
        _ownServers = servers.Length > 0;
        _client = new Lazy<LookupClient>(() => new LookupClient(_ownServers ? Tame(new LookupClientOptions(servers)) : Tame(new LookupClientOptions())));
    }

    /// <inheritdoc />
    public ValueTask<NameLookup> LookUpAsync(HostName host, CancellationToken cancellation) =>
        _ownServers ? AskServersAsync(host, cancellation) : AskSystemAsync(host, cancellation);

    /// <inheritdoc />
    public async ValueTask<TextLookup> LookUpTextAsync(HostName host, CancellationToken cancellation)
    {
        var (answer, failure) = await AskAsync(host.Text + ".", QueryType.TXT, cancellation);
        return answer is null
            ? new TextLookup.Missing(failure)
            : new TextLookup.Found([.. answer.Answers.OfType<TxtRecord>().Take(32).Select(record => string.Concat(record.Text))]);
    }

    /// <inheritdoc />
    public async ValueTask<TextLookup> LookUpNamesAsync(IPAddress address, CancellationToken cancellation)
    {
        var (answer, failure) = await AskAsync(address.GetArpaName(), QueryType.PTR, cancellation);
        return answer is null
            ? new TextLookup.Missing(failure)
            : new TextLookup.Found([.. answer.Answers.OfType<PtrRecord>().Take(32).Select(record => record.PtrDomainName.Value.TrimEnd('.').ToLowerInvariant())]);
    }

    private static LookupClientOptions Tame(LookupClientOptions options)
    {
        options.UseCache = false;
        options.Retries = 1;
        options.Timeout = Patience;
        options.ThrowDnsErrors = false;
        options.ContinueOnDnsError = false;
        return options;
    }

    private static async ValueTask<NameLookup> AskSystemAsync(HostName host, CancellationToken cancellation)
    {
        try
        {
            // Dns.GetHostAddressesAsync cannot be cancelled while getaddrinfo runs; waiting for it can.
            return Found(await Dns.GetHostAddressesAsync(host.Text, CancellationToken.None).WaitAsync(cancellation));
        }
        catch (SocketException e)
        {
            return new NameLookup.Missing(e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData ? Failure.NameNotFound : Failure.NameLookupFailed);
        }
        catch (OperationCanceledException)
        {
            return new NameLookup.Missing(Failure.NameLookupTimeout);
        }
        catch (ArgumentException)
        {
            return new NameLookup.Missing(Failure.NameNotFound);
        }
    }

    private async ValueTask<NameLookup> AskServersAsync(HostName host, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(AskAsync(host.Text + ".", QueryType.A, cancellation), AskAsync(host.Text + ".", QueryType.AAAA, cancellation));
        var addresses = answers.Where(a => a.Answer is not null)
            .SelectMany(a => a.Answer!.Answers.OfType<AddressRecord>()).Select(record => record.Address).ToArray();
        var bad = answers.Where(a => a.Answer is null).Select(a => (Failure?)a.Failure).FirstOrDefault();
        return addresses.Length == 0 && bad is { } failure ? new NameLookup.Missing(failure) : Found(addresses);
    }

    private async Task<(IDnsQueryResponse? Answer, Failure Failure)> AskAsync(string name, QueryType type, CancellationToken cancellation)
    {
        try
        {
            var answer = await _client.Value.QueryAsync(name, type, cancellationToken: cancellation);
            if (!answer.HasError) return (answer, default);
            return (null, answer.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain ? Failure.NameNotFound : Failure.NameLookupFailed);
        }
        catch (Exception e) when (e is DnsResponseException or OperationCanceledException or SocketException or DnsXidMismatchException)
        {
            var timedOut = e is OperationCanceledException || e is DnsResponseException { Code: DnsResponseCode.ConnectionTimeout };
            return (null, timedOut ? Failure.NameLookupTimeout : Failure.NameLookupFailed);
        }
    }

    private static NameLookup Found(IPAddress[] addresses) =>
        addresses.Length == 0 ? new NameLookup.Missing(Failure.NameNotFound) : new NameLookup.Found(addresses);
}
