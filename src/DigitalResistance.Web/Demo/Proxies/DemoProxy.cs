using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Web.Demo.Proxies;

/// <summary>
/// A real proxy on a free loopback port, speaking the real protocol. The prober knows nothing of its temper and meets it as it
/// would meet any other. It carries to loopback only, so that a demo can never become somebody's open proxy.
/// </summary>
internal sealed partial class DemoProxy : IAsyncDisposable
{
    private static readonly TimeSpan LongestTunnel = TimeSpan.FromSeconds(30);
    private readonly IProxyHandshake _handshake;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly ITimer _turning;
    private TcpListener? _listener;
    private CancellationTokenSource _open = new();
    private bool _stopped;
    private int _turns;

    /// <summary>Starts listening at once.</summary>
    /// <param name="handshake">The protocol it speaks.</param>
    /// <param name="turn">A flapping proxy is away for every third turn of this length.</param>
    /// <param name="time">The clock of the turns.</param>
    /// <param name="log">For what a stranger's bytes did to it.</param>
    public DemoProxy(IProxyHandshake handshake, TimeSpan turn, TimeProvider time, ILogger log)
    {
        (_handshake, _time, _log) = (handshake, time, log);
        Listen();
        _turning = time.CreateTimer(_ => Turn(), null, turn, turn);
    }

    /// <summary>How it treats those who come; it may change its mind.</summary>
    public ProxyTemper Temper { get; set; }

    public string Protocol => _handshake.Protocol;

    /// <summary>The loopback port; it stays the same through stops and starts.</summary>
    public int Port { get; private set; }

    public ProxyUsers Users { get; } = new();

    /// <summary>Whether somebody pressed stop.</summary>
    public bool IsStopped
    {
        get { lock (_gate) return _stopped; }
    }

    /// <summary>Stops it for good, in mid-connection, as a power cut would.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Close();
        }
    }

    /// <summary>Starts a stopped one again.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _stopped = false;
            if (_listener is null) Listen();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turning.DisposeAsync();
        Stop();
        _open.Dispose();
    }

    private void Turn()
    {
        lock (_gate)
        {
            var away = Temper == ProxyTemper.Flapping && ++_turns % 3 == 2;
            if (_stopped) return;
            if (away) Close();
            else if (_listener is null) Listen();
        }
    }

    private void Listen()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _open = new CancellationTokenSource();
        _ = AcceptAsync(_listener, _open.Token);
    }

    private void Close()
    {
        _listener?.Dispose();
        _listener = null;
        _open.Cancel();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(cancellation);
                _ = ServeAsync(client, cancellation);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was stopped.
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken closed)
    {
        using var limit = new CancellationTokenSource(LongestTunnel, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(closed, limit.Token);
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await using var stream = client.GetStream();
                if (await _handshake.ReadAsync(stream, Users, both.Token) is not { } request) return;
                if (Temper == ProxyTemper.Lying)
                {
                    await _handshake.AnswerAsync(stream, reached: true, both.Token);
                    await stream.CopyToAsync(Stream.Null, both.Token);
                    return;
                }

                using var target = await ConnectAsync(request, both.Token);
                await _handshake.AnswerAsync(stream, target is not null, both.Token);
                if (target is not null) await CarryAsync(client, target, both);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or EndOfStreamException or ObjectDisposedException)
            {
                LogBroken(exception.GetType().Name, Protocol);
            }
        }
    }

    private static async Task<TcpClient?> ConnectAsync(ProxyRequest request, CancellationToken cancellation)
    {
        var address = request.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(request.Host, out var parsed) ? parsed : null;
        if (address is null || !IPAddress.IsLoopback(address)) return null;
        var target = new TcpClient(address.AddressFamily) { NoDelay = true };
        try
        {
            await target.ConnectAsync(address, request.Port, cancellation);
            return target;
        }
        catch (SocketException)
        {
            target.Dispose();
            return null;
        }
    }

    /// <summary>Copies both ways; a side that has said all it has to say closes that direction only.</summary>
    private static async Task CarryAsync(TcpClient client, TcpClient target, CancellationTokenSource stop)
    {
        try
        {
            await Task.WhenAll(OneWayAsync(client, target, stop.Token), OneWayAsync(target, client, stop.Token));
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static async Task OneWayAsync(TcpClient from, TcpClient to, CancellationToken cancellation)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), cancellation);
        to.Client.Shutdown(SocketShutdown.Send);
    }

    [LoggerMessage(1, LogLevel.Debug, "A connection to a demo proxy ({Protocol}) broke off: {Reason}")]
    private partial void LogBroken(string reason, string protocol);
}
