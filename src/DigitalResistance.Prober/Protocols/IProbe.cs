using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// One protocol, in one file: what it is called, which settings it has, and the conversation that shows whether a server carries traffic.
/// A probe dials nothing itself, keeps no state between conversations, and does not throw for anything that a server does.
/// </summary>
public interface IProbe
{
    /// <summary>Permanent lower-case id; stands in the database and in the ledger for ever.</summary>
    string Id { get; }

    /// <summary>Name for people, the same in every language.</summary>
    string DisplayName { get; }

    /// <summary>Raised when the conversation or its judgement changes; goes into every report.</summary>
    int Version { get; }

    /// <summary>Where the protocol is written down.</summary>
    Uri Specification { get; }

    /// <summary>The port that a server has when nothing else is said.</summary>
    int DefaultPort { get; }

    /// <summary>Time for the whole conversation; the dialer's own limit holds besides.</summary>
    TimeSpan Timeout { get; }

    /// <summary>What its servers lead to. Default: anywhere.</summary>
    TargetKind LeadsTo => TargetKind.Anywhere;

    /// <summary>The settings, in the order of the form.</summary>
    IReadOnlyList<Setting> Settings { get; }

    /// <summary>Checks raw settings against the declaration; a protocol with rules of its own adds them here.</summary>
    SettingsParse Parse(IReadOnlyDictionary<string, string> raw) => SettingsParser.Parse(Settings, raw);

    /// <summary>Talks to the server, telling the session each stage, until something is proven or the session has failed.</summary>
    ValueTask ConverseAsync(ProbeSession session);
}

/// <summary>A protocol that opens a byte stream to any host and port. It opens; whether the stream carries is proven by code that all such protocols share.</summary>
public interface IStreamProbe : IProbe
{
    /// <summary>
    /// Dials, shakes hands and asks for the target; returns the wire at the first byte of the tunnel, or null when the session has failed.
    /// Where a server says nothing of its own, the handshake is still under way then, and the protocol ends it with the first authentic byte.
    /// </summary>
    ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target);

    /// <inheritdoc />
    ValueTask IProbe.ConverseAsync(ProbeSession session) => CarriageProof.ProveAsync(this, session);
}

/// <summary>A protocol whose servers may carry datagrams (UDP) besides, as calls want them.</summary>
public interface IDatagramProbe : IStreamProbe
{
    /// <summary>Whether these settings say that the server does.</summary>
    bool CarriesDatagrams(ProbeSettings settings);

    /// <summary>Opens a way for datagrams to one target, beside the tunnel or on a connection of its own; null when the session has failed.</summary>
    ValueTask<IDatagrams?> OpenDatagramsAsync(ProbeSession session, HostPort target);
}

/// <summary>
/// A protocol whose servers know users, secrets or keys. We choose one, the operator installs it, and who can do that controls the server:
/// success with it and refusal of a counterfeit is the proof (see <see cref="ControlProof"/>).
/// </summary>
public interface IMintsCredentials : IProbe
{
    /// <summary>The settings that are ours to choose, for showing them to the operator.</summary>
    IReadOnlyList<string> MintedSettings { get; }

    /// <summary>The same settings with fresh random credentials that nobody else could have guessed.</summary>
    ProbeSettings Mint(ProbeSettings settings);

    /// <summary>The same settings with a secret that was never given to anybody.</summary>
    ProbeSettings Counterfeit(ProbeSettings minted);

    /// <summary>Whether this is how a server of this protocol refuses a credential; a protocol whose servers refuse by silence says so here.</summary>
    bool Refuses(ProbeReport report) => report is { Stage: Stage.Handshake, Failure: Failure.AuthenticationRefused };
}
