namespace DigitalResistance.Web.Demo.Proxies;

/// <summary>The server's side of a proxy protocol up to the moment when bytes begin to flow.</summary>
internal interface IProxyHandshake
{
    /// <summary>The protocol's id in the catalogue of probes.</summary>
    string Protocol { get; }

    /// <summary>Reads who is there and where they want to go; null when it was refused or made no sense, and the refusal was sent.</summary>
    Task<ProxyRequest?> ReadAsync(Stream client, ProxyUsers users, CancellationToken cancellation);

    /// <summary>Tells the client whether the target was reached.</summary>
    Task AnswerAsync(Stream client, bool reached, CancellationToken cancellation);
}

/// <summary>Where a client wants to be carried to.</summary>
/// <param name="Host">Name or address, as the client wrote it.</param>
/// <param name="Port">TCP port.</param>
internal sealed record ProxyRequest(string Host, int Port);
