namespace DigitalResistance.Prober;

/// <summary>
/// Why a probe did not succeed. The permanent strings, and what each counts as, are in <see cref="Failures"/>;
/// causes and remedies for operators are in docs/specs/failures.md, which a test holds against this list.
/// </summary>
public enum Failure
{
    // Ours: the probe says nothing about the server.

    /// <summary>We stopped the probe before it ended.</summary>
    Cancelled,

    /// <summary>The prober itself broke.</summary>
    InternalError,

    /// <summary>This prober does not know the protocol.</summary>
    UnknownProtocol,

    /// <summary>The stored settings do not parse.</summary>
    SettingsInvalid,

    /// <summary>The vantage ran out of sockets, ports or memory.</summary>
    VantageExhausted,

    /// <summary>The vantage has no route for this address family.</summary>
    FamilyUnavailable,

    // Finding the server.

    /// <summary>The name does not exist, or has no address of the wanted family.</summary>
    NameNotFound,

    /// <summary>The name servers answered with an error.</summary>
    NameLookupFailed,

    /// <summary>The name servers did not answer in time.</summary>
    NameLookupTimeout,

    /// <summary>The name leads to an address that is not public.</summary>
    AddressForbidden,

    /// <summary>The port belongs to a service that must not be probed.</summary>
    PortForbidden,

    // Reaching it.

    /// <summary>The host refused the connection.</summary>
    ConnectionRefused,

    /// <summary>The connection did not open in time.</summary>
    ConnectionTimeout,

    /// <summary>A router said that the host cannot be reached.</summary>
    HostUnreachable,

    /// <summary>A router said that the network cannot be reached.</summary>
    NetworkUnreachable,

    /// <summary>The connection was reset.</summary>
    ConnectionReset,

    /// <summary>The server closed the connection before answering.</summary>
    ConnectionClosed,

    /// <summary>The connection failed in some other way.</summary>
    ConnectionFailed,

    // Talking to it.

    /// <summary>Connected, then silence.</summary>
    NoAnswer,

    /// <summary>Bytes came, but the exchange did not end in time.</summary>
    TooSlow,

    /// <summary>More bytes came than any honest exchange needs.</summary>
    ReplyTooLarge,

    /// <summary>The answer breaks the protocol.</summary>
    ReplyMalformed,

    /// <summary>The server speaks some other protocol.</summary>
    WrongProtocol,

    /// <summary>The server wants credentials and the settings have none.</summary>
    AuthenticationRequired,

    /// <summary>The server refused the credentials.</summary>
    AuthenticationRefused,

    /// <summary>The server did not recognise the secret and showed the web site that it hides behind.</summary>
    SecretNotAccepted,

    /// <summary>The server lets old clients in, and today's not.</summary>
    OldClientsOnly,

    /// <summary>The server offers none of the authentication methods that the settings allow.</summary>
    NoAcceptableMethod,

    /// <summary>The server did not open a WebSocket: the path or the host name is another one.</summary>
    WebSocketRefused,

    // Opening the tunnel.

    /// <summary>The server could not open the tunnel and did not say why.</summary>
    TunnelFailed,

    /// <summary>The server's rules forbid the tunnel.</summary>
    TunnelNotAllowed,

    /// <summary>The server cannot reach or resolve the target.</summary>
    TargetUnreachable,

    /// <summary>The server was refused by the target.</summary>
    TargetRefused,

    /// <summary>The server does not know the command.</summary>
    CommandUnsupported,

    /// <summary>The server does not know this kind of address.</summary>
    AddressTypeUnsupported,

    // Proving that it carries.

    /// <summary>The server claimed success, and then not one byte came from the target.</summary>
    NothingCarried,

    /// <summary>The target, or somebody in its place, declined to prove itself.</summary>
    ProofRefused,

    /// <summary>The target asked to be left alone for a while.</summary>
    TargetBusy,

    /// <summary>Something else than the target answered in its name.</summary>
    ProofForged,

    /// <summary>The server opened a way for datagrams, and none came back.</summary>
    DatagramsLost,

    /// <summary>TLS could not be negotiated.</summary>
    TlsFailed,

    /// <summary>The certificate is not signed by a trusted authority.</summary>
    CertificateUntrusted,

    /// <summary>The certificate belongs to another name.</summary>
    CertificateWrongName,

    /// <summary>The certificate has expired or is not valid yet.</summary>
    CertificateExpired,
}
