using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// One probe under way: the server and its settings, the target, and what has been learnt so far. A protocol tells it which stage begins;
/// the session keeps time and level, and the first failure sticks.
/// </summary>
public sealed class ProbeSession : IAsyncDisposable
{
    private readonly Dialer _dialer;
    private readonly Deadline _deadline;
    private readonly AddressChoice _choice;
    private readonly HostPort _server;
    private readonly HostPort _at;
    private readonly TimeSpan?[] _times = new TimeSpan?[Enum.GetValues<Stage>().Length];
    private long _stageStarted;
    private long _bytesBeforeStage;
    private Wire? _wire;
    private Wire? _heard; // on which the protocol itself is spoken: what TLS or a WebSocket beneath it says is no answer of the server yet

    internal ProbeSession(ProbeAssignment assignment, ProbeSettings settings, Dialer dialer, TrustRoots trustRoots, TimeProvider time, Deadline deadline)
    {
        (_server, _choice, Target, Settings) = (assignment.Server, assignment.Addresses, assignment.Target, settings);
        _at = assignment.At is { } address ? new HostPort(HostName.Parse(address.ToString()), assignment.Server.Port) : assignment.Server;
        (_dialer, TrustRoots, Time, _deadline) = (dialer, trustRoots, time, deadline);
        _stageStarted = time.GetTimestamp();
    }

    /// <summary>The operator's settings.</summary>
    public ProbeSettings Settings { get; }

    /// <summary>Where the tunnel has to lead, and what proves that it did.</summary>
    public ProbeTarget Target { get; }

    /// <summary>Whose certificates count.</summary>
    public TrustRoots TrustRoots { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The stage under way.</summary>
    public Stage Stage { get; private set; } = Stage.Setup;

    /// <summary>How far the probe got.</summary>
    public Level Level { get; private set; }

    /// <summary>Why it goes no further, if it does not.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>The number that the server gave as its reason (a SOCKS reply, an HTTP status), if it gave one.</summary>
    public int? Code { get; private set; }

    /// <summary>How far a clock at the other end is ahead of ours, where the protocol shows one.</summary>
    internal TimeSpan? ClockAhead { get; private set; }

    /// <summary>How fast the target's bytes came, in bits per second, where that was measured.</summary>
    internal long? Throughput { get; private set; }

    /// <summary>The address from which the canary was reached.</summary>
    internal OperatorAddress? Egress { get; private set; }

    /// <summary>The address that was dialled.</summary>
    internal OperatorAddress? Ingress { get; private set; }

    /// <summary>The family of the address that was dialled.</summary>
    internal AddressFamily Family { get; private set; }

    /// <summary>The name by which the server is known to TLS.</summary>
    internal HostName ServerName => _server.Host;

    /// <summary>The server as its operator named it, which is not always the address that was dialled.</summary>
    internal HostPort Server => _server;

    /// <summary>Bytes beyond what a probe may read that the target is asked for.</summary>
    private int Room => Target is ProbeTarget.Download ? CanaryDownload.Room : 0;

    /// <summary>Connects to the server; null when the session has failed. What comes next is the handshake.</summary>
    public async ValueTask<Wire?> DialAsync()
    {
        var dialled = await _dialer.DialAsync(_at, _choice, _deadline, Room);
        (Stage, Family) = (dialled.Stage, dialled.Family);
        if (dialled.Address is { } address) Ingress = new OperatorAddress(address);
        _times[(int)Stage.Resolve] = dialled.ResolveTime;
        if (dialled.Stage == Stage.Dial) _times[(int)Stage.Dial] = dialled.DialTime;
        if (dialled.Transport is not { } socket)
        {
            Failure = dialled.Failure;
            return null;
        }

        return Open(socket);
    }

    /// <summary>
    /// Lets go of the connection and opens another one, for a second handshake of another form. A refusal is no failure of the session, which
    /// still has the first one to report.
    /// </summary>
    public async ValueTask<Wire?> RedialAsync()
    {
        await DisposeAsync();
        var same = new HostPort(HostName.Parse(Ingress!.Value.ToString()), _server.Port);
        return (await _dialer.DialAsync(same, _choice, _deadline, Room)).Transport is { } socket ? Open(socket) : null;
    }

    /// <summary>A second connection, to the address that was dialled, for a conversation after the first, which is let go of; null when the session has failed.</summary>
    public async ValueTask<Wire?> DialAgainAsync()
    {
        var dialled = await _dialer.DialAsync(new HostPort(HostName.Parse(Ingress!.Value.ToString()), _server.Port), _choice, _deadline, Room);
        if (dialled.Transport is not { } socket) return Fail(dialled.Failure!.Value);
        if (_wire is not null) await _wire.DisposeAsync();
        (_heard, _bytesBeforeStage) = (_wire = new Wire(socket), 0);
        return _wire;
    }

    /// <summary>A way for datagrams to a port of the host that was dialled, whatever address it names itself; null when the session has failed.</summary>
    public DatagramTransport? OpenDatagrams(int port)
    {
        var (transport, failure) = _dialer.OpenDatagrams(new IPEndPoint(Ingress!.Value, port), _deadline);
        if (transport is null) Fail(failure);
        return transport;
    }

    /// <summary>Lays TLS over a wire, as part of the handshake; null when the session has failed.</summary>
    public async ValueTask<Wire?> SecureAsync(Wire wire, TlsIdentity identity)
    {
        var (tls, failure) = await TlsTransport.ConnectAsync(wire, identity, TrustRoots, Time);
        return tls is null ? Fail(failure!.Value) : LayBeneath(tls);
    }

    /// <summary>A wire over a transport that was laid over the session's own; from now on it is the one that the session lets go of.</summary>
    public Wire Lay(ITransport transport) => _wire = new Wire(transport);

    /// <summary>The same for a layer beneath the protocol, such as TLS: a server that is silent on it has not answered, however the layer itself was opened.</summary>
    public Wire LayBeneath(ITransport transport)
    {
        (_heard, _bytesBeforeStage) = (Lay(transport), 0);
        return _heard;
    }

    /// <summary>The next stage begins. Whoever gets past the handshake has reached <see cref="Level.L1"/>.</summary>
    public void Enter(Stage stage)
    {
        EndStage();
        Begin(stage);
        if (Level < Level.L1 && stage > Stage.Handshake) Level = Level.L1;
    }

    /// <summary>
    /// The first authentic bytes came, and they came from the target: where a server says nothing of its own, that ends the handshake and
    /// begins the proof in one.
    /// </summary>
    public void Answered()
    {
        Enter(Stage.Proof);
        _bytesBeforeStage = -1; // what comes after these bytes is not the first of the proof
    }

    /// <summary>Ends the probe with a failure, unless it has failed already. Returns null, so that a conversation can end in the same line.</summary>
    public Wire? Fail(Failure failure, int? code = null)
    {
        if (Failure is not null) return null;
        (Failure, Code) = (Refine(failure), code);
        EndStage();
        return null;
    }

    /// <summary>Ends the probe with what ended the conversation.</summary>
    public Wire? Fail(Wire wire) => Fail(wire.Failure ?? Prober.Failure.InternalError);

    /// <summary>The target proved itself.</summary>
    public void Prove(Level level, IPAddress? egress)
    {
        if (Failure is not null) return;
        if (Stage < Stage.Proof) Enter(Stage.Proof); // nothing before this was known to be authentic
        EndStage();
        Level = level;
        if (egress is not null) Egress = new OperatorAddress(egress);
    }

    /// <summary>So many bytes came in so long.</summary>
    public void Carried(long bytes, TimeSpan time) => Throughput = bytes * 8 * TimeSpan.TicksPerSecond / Math.Max(1, time.Ticks);

    /// <summary>The other end showed what time it has.</summary>
    public void Saw(DateTimeOffset clock) => ClockAhead = clock - Time.GetUtcNow();

    /// <summary>What was learnt, as a report.</summary>
    internal ProbeTimings Timings() => new(Micros(Stage.Resolve), Micros(Stage.Dial), Micros(Stage.Handshake), Micros(Stage.Tunnel), Micros(Stage.Proof));

    /// <summary>Lets go of the connection.</summary>
    public ValueTask DisposeAsync() => _wire?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Wire Open(SocketTransport socket)
    {
        _heard = _wire = new Wire(socket);
        Begin(Stage.Handshake);
        Level = Level.L0;
        return _wire;
    }

    private void Begin(Stage stage)
    {
        (Stage, _stageStarted, _bytesBeforeStage) = (stage, Time.GetTimestamp(), _heard?.BytesReceived ?? 0);
    }

    private void EndStage()
    {
        if (Stage >= Stage.Handshake) _times[(int)Stage] = Time.GetElapsedTime(_stageStarted);
    }

    /// <summary>The same end means different things in different stages, and with or without an answer before it.</summary>
    private Failure Refine(Failure failure)
    {
        var answered = _heard?.BytesReceived > _bytesBeforeStage || _wire?.HasLeftover == true;
        return failure switch
        {
            Prober.Failure.NoAnswer when answered => Prober.Failure.TooSlow,
            Prober.Failure.ConnectionClosed or Prober.Failure.ConnectionReset when Stage == Stage.Proof && !answered => Prober.Failure.NothingCarried,
            Prober.Failure.ReplyMalformed when Stage == Stage.Proof => Prober.Failure.ProofForged,

            // Where nothing has shown yet that the server knows us, whoever answered need not be anybody that it led to: most likely the
            // web site that it hides behind.
            Prober.Failure.ProofForged when Stage == Stage.Handshake => Prober.Failure.SecretNotAccepted,
            _ => failure,
        };
    }

    private int? Micros(Stage stage) => _times[(int)stage] is { } time ? (int)Math.Min(int.MaxValue, time.Ticks / TimeSpan.TicksPerMicrosecond) : null;
}
