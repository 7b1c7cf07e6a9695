using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>UDP ASSOCIATE (RFC 1928 §7) with a server that carries streams well, and datagrams as a test says.</summary>
public sealed class Socks5DatagramTests
{
    private static readonly Dictionary<string, string> Both = Proving.Settings(("udp", "yes"));

    [Fact]
    public async Task A_server_that_carries_both_is_ok_and_one_that_is_not_said_to_is_not_asked()
    {
        await using var relay = new DatagramRelay((datagram, _) => [datagram]);
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Datagrams), Summary(await ProbeAsync(relay)));
        Assert.Equal(1, relay.Asked);

        var streamsOnly = await ProbeAsync(relay, Proving.Settings(("udp", "no")));
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Proof), Summary(streamsOnly));
        Assert.Equal(1, relay.Asked);
    }

    [Fact]
    public async Task A_lost_datagram_is_sent_again()
    {
        await using var relay = new DatagramRelay((datagram, number) => number == 0 ? [] : [datagram]);
        Assert.Equal(Outcome.Ok, (await ProbeAsync(relay)).Outcome);
        Assert.Equal(2, relay.Asked);
    }

    [Fact]
    public async Task Noise_before_the_answer_is_passed_over()
    {
        await using var relay = new DatagramRelay((datagram, _) =>
        [
            [], [0], [0, 0, 1, .. datagram.AsSpan(3)], [0, 0, 0, 9, .. datagram.AsSpan(4)], datagram[..^1], [.. datagram, 0], [0, 0, 0, 3, 255, 1, 2], new byte[1400], datagram,
        ]);
        Assert.Equal(Outcome.Ok, (await ProbeAsync(relay)).Outcome);
    }

    [Fact]
    public async Task Silence_and_wrong_answers_are_datagrams_lost_and_never_a_lie()
    {
        await using var silent = new DatagramRelay((_, _) => []);
        await using var liar = new DatagramRelay((datagram, _) => [[.. datagram.AsSpan(0, 10), .. new byte[48]]]);
        foreach (var report in await Task.WhenAll(ProbeAsync(silent), ProbeAsync(liar)))
        {
            Assert.Equal((Outcome.Fail, Level.L1, Stage.Datagrams), Summary(report));
            Assert.Equal((Failure.DatagramsLost, false, null), (report.Failure, report.IsLie, report.Egress));
        }

        Assert.Equal((3, 3), (silent.Asked, liar.Asked));
    }

    [Fact]
    public async Task A_flood_of_datagrams_ends_at_the_limit()
    {
        await using var relay = new DatagramRelay((_, _) => Enumerable.Repeat(new byte[1400], 200));
        var report = await ProbeAsync(relay);
        Assert.Equal((Outcome.Fail, Stage.Datagrams), (report.Outcome, report.Stage));
        Assert.Contains(report.Failure!.Value, new[] { Failure.ReplyTooLarge, Failure.DatagramsLost });
    }

    [Theory]
    [InlineData(new byte[] { 5, 7 }, Failure.CommandUnsupported)]
    [InlineData(new byte[] { 5, 2 }, Failure.TunnelNotAllowed)]
    [InlineData(new byte[] { 5, 0, 0, 1, 127, 0, 0, 1, 0, 0 }, Failure.PortForbidden)]
    [InlineData(new byte[] { 5, 0, 0, 1, 127, 0, 0, 1, 0, 25 }, Failure.PortForbidden)]
    [InlineData(new byte[] { 4, 0, 0, 1, 127, 0, 0, 1, 9, 9 }, Failure.ReplyMalformed)]
    [InlineData(new byte[] { }, Failure.ConnectionClosed)]
    public async Task A_server_that_does_not_open_the_way_says_so(byte[] reply, Failure failure)
    {
        await using var relay = new DatagramRelay((datagram, _) => [datagram], reply);
        var report = await ProbeAsync(relay);
        Assert.Equal((Outcome.Fail, Level.L1, Stage.Datagrams), Summary(report));
        Assert.Equal(failure, report.Failure);
    }

    [Fact]
    public async Task Datagrams_go_to_the_host_that_was_dialled_whatever_address_the_server_names()
    {
        // 127.0.0.2 is as good as 127.0.0.1 for who dials it; the server names it to draw our datagrams there.
        using var elsewhere = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        var port = ((IPEndPoint)elsewhere.Client.LocalEndPoint!).Port;
        await using var relay = new DatagramRelay((datagram, _) => [datagram], [5, 0, 0, 1, 127, 0, 0, 2, (byte)(port >> 8), (byte)port]);
        var report = await ProbeAsync(relay);
        Assert.Equal((Outcome.Fail, Stage.Datagrams), (report.Outcome, report.Stage));
        Assert.Equal(0, elsewhere.Available);
    }

    [Fact]
    public async Task Cancelling_in_the_middle_is_our_doing()
    {
        await using var relay = new DatagramRelay((_, _) => []);
        using var cancel = new CancellationTokenSource();
        var probing = ProbeAsync(relay, cancellation: cancel.Token);
        while (relay.Asked == 0) await Task.Delay(5);
        await cancel.CancelAsync();
        var report = await probing;
        Assert.Equal((Outcome.Invalid, Failure.Cancelled), (report.Outcome, report.Failure));
    }

    [Fact]
    public void Whatever_comes_is_cut_without_an_exception_and_within_its_length()
    {
        var random = new Random(1928);
        for (var i = 0; i < 200_000; i++)
        {
            var datagram = new byte[random.Next(30)];
            random.NextBytes(datagram);
            if (datagram.Length > 3 && i % 2 == 0) (datagram[2], datagram[3]) = (0, (byte)random.Next(5));
            Assert.InRange(Socks5Datagrams.Payload(datagram), -1, datagram.Length);
        }
    }

    private static (Outcome, Level, Stage) Summary(ProbeReport report) => (report.Outcome, report.Level, report.Stage);

    private static async Task<ProbeReport> ProbeAsync(DatagramRelay relay, Dictionary<string, string>? settings = null, CancellationToken cancellation = default)
    {
        await using var proving = new Proving();
        relay.Canary = proving.CanaryPort;
        await using var server = new ScriptedServer(relay.ServeAsync);
        return await proving.ProbeAsync("socks5", server.Address, settings ?? Both, cancellation: cancellation);
    }

    /// <summary>A SOCKS 5 server that relays to the canary, and sends back for each question what a test makes of the canary's answer.</summary>
    private sealed class DatagramRelay : IAsyncDisposable
    {
        private readonly UdpClient _front = new(new IPEndPoint(IPAddress.Loopback, 0));
        private readonly CancellationTokenSource _stop = new();
        private readonly byte[] _reply;
        private readonly Task _relaying;
        private int _asked;

        public DatagramRelay(Func<byte[], int, IEnumerable<byte[]>> answer, byte[]? reply = null)
        {
            var port = ((IPEndPoint)_front.Client.LocalEndPoint!).Port;
            _reply = reply ?? [5, 0, 0, 1, 0, 0, 0, 0, (byte)(port >> 8), (byte)port];
            _relaying = RelayAsync(answer);
        }

        public int Asked => Volatile.Read(ref _asked);

        public int Canary { get; set; }

        public async Task ServeAsync(NetworkStream stream, CancellationToken stop)
        {
            await ScriptedServer.ReadAsync(stream, (await ScriptedServer.ReadAsync(stream, 2, stop))[1], stop);
            await stream.WriteAsync(new byte[] { 5, 0 }, stop);
            var request = await ScriptedServer.ReadAsync(stream, 10, stop);
            if (request[1] == 1)
            {
                await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
                await Relay.RunAsync(stream, (request[8] << 8) | request[9], stop);
                return;
            }

            Assert.Equal([5, 3, 0, 1, 0, 0, 0, 0, 0, 0], request);
            await stream.WriteAsync(_reply, stop);
            if (_reply.Length >= 10) await Task.Delay(Timeout.Infinite, stop);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _relaying;
            _front.Dispose();
            _stop.Dispose();
        }

        private async Task RelayAsync(Func<byte[], int, IEnumerable<byte[]>> answer)
        {
            try
            {
                while (true)
                {
                    var question = await _front.ReceiveAsync(_stop.Token);
                    Assert.Equal([0, 0, 0, 1, 127, 0, 0, 1, (byte)(Canary >> 8), (byte)Canary], question.Buffer[..10]);
                    using var back = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
                    await back.SendAsync(question.Buffer.AsMemory(10), new IPEndPoint(IPAddress.Loopback, Canary), _stop.Token);
                    var reply = await back.ReceiveAsync(_stop.Token);
                    foreach (var datagram in answer([.. question.Buffer[..10], .. reply.Buffer], Interlocked.Increment(ref _asked) - 1))
                    {
                        await _front.SendAsync(datagram, question.RemoteEndPoint, _stop.Token);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
