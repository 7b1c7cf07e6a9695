using System.Net.Sockets;
using System.Text;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Tests.Prober.Carriage;

/// <summary>Servers that look alive and are not: each says "success" to everything and then does something else. None may ever be ok.</summary>
public sealed class LiarTests
{
    public static TheoryData<string> Protocols => ["socks5", "http-connect"];

    [Theory, MemberData(nameof(Protocols))]
    public async Task Success_and_then_the_end_is_nothing_carried(string protocol)
    {
        // Trap: v2ray says success for a closed port, an unknown name and anything else, before it has tried.
        await using var proving = new Proving();
        await using var liar = new ScriptedServer(After(protocol, (_, _, _) => Task.CompletedTask));
        AssertFailed(await proving.ProbeAsync(protocol, liar.Address), Failure.NothingCarried, lie: false);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Success_and_then_silence_is_no_answer(string protocol)
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        await using var liar = new ScriptedServer(After(protocol, (stream, _, stop) => ScriptedServer.Silence(stream, stop)));
        AssertFailed(await proving.ProbeAsync(protocol, liar.Address), Failure.NoAnswer, lie: false);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_page_of_ones_own_is_forged(string protocol)
    {
        await using var proving = new Proving();
        await using var liar = new ScriptedServer(After(protocol, async (stream, _, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray(), stop);
        }));
        AssertFailed(await proving.ProbeAsync(protocol, liar.Address), Failure.ProofForged, lie: true);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task The_question_sent_back_is_forged(string protocol)
    {
        await using var proving = new Proving();
        await using var liar = new ScriptedServer(After(protocol, async (stream, _, stop) => await stream.CopyToAsync(stream, stop)));
        AssertFailed(await proving.ProbeAsync(protocol, liar.Address), Failure.ProofForged, lie: true);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task An_old_answer_of_the_canary_is_forged(string protocol)
    {
        await using var proving = new Proving();
        byte[]? recorded = null;
        await using var liar = new ScriptedServer(After(protocol, async (stream, port, stop) =>
        {
            var question = await ScriptedServer.ReadHeadAsync(stream, stop);
            recorded ??= await AskAsync(question, port, stop);
            await stream.WriteAsync(recorded, stop);
        }));
        Assert.Equal(Outcome.Ok, (await proving.ProbeAsync(protocol, liar.Address)).Outcome); // the first time it was carried indeed
        AssertFailed(await proving.ProbeAsync(protocol, liar.Address), Failure.ProofForged, lie: true);
    }

    [Fact]
    public async Task A_changed_egress_address_is_forged()
    {
        await using var proving = new Proving();
        await using var liar = new ScriptedServer(After("socks5", async (stream, port, stop) =>
        {
            var answer = await AskAsync(await ScriptedServer.ReadHeadAsync(stream, stop), port, stop);
            answer[^50] ^= 1; // inside the 22 characters of the address
            await stream.WriteAsync(answer, stop);
        }));
        AssertFailed(await proving.ProbeAsync("socks5", liar.Address), Failure.ProofForged, lie: true);
    }

    [Fact]
    public async Task A_canary_of_ones_own_has_not_the_key()
    {
        await using var proving = new Proving();
        var keys = new CanaryKeyRing(Enumerable.Repeat((byte)9, 32).ToArray(), ["local"], TimeProvider.System);
        await using var own = new CanaryListener(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), keys, TimeProvider.System);
        own.Start();
        await using var liar = new ScriptedServer(After("socks5", (stream, _, stop) => Relay.RunAsync(stream, own.LocalEndPoint.Port, stop)));
        AssertFailed(await proving.ProbeAsync("socks5", liar.Address), Failure.ProofRefused, lie: false);
    }

    [Fact]
    public async Task Fronting_with_another_certificate_is_a_lie()
    {
        using var authority = new TestAuthority();
        using var forger = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        foreach (var (certificate, failure, lie) in new[]
        {
            (forger.Issue("www.example.net"), Failure.CertificateUntrusted, true),
            (forger.Issue("www.example.net", expired: true), Failure.CertificateUntrusted, true),
            (authority.Issue("liar.example.org"), Failure.CertificateWrongName, true),
            (authority.Issue("www.example.net", expired: true), Failure.CertificateExpired, false),
        })
        {
            var front = TestAuthority.Serve(certificate);
            await using var liar = new ScriptedServer(After("socks5", (stream, _, stop) => front(stream, stop)));
            var report = await proving.ProbeAsync("socks5", liar.Address, target: new ProbeTarget.Tls(DigitalResistance.Prober.Dialing.HostPort.Parse("www.example.net:443"), Unpredictable: true));
            AssertFailed(report, failure, lie);
            certificate.Dispose();
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_TLS_do_not_pass_for_it()
    {
        await using var proving = new Proving();
        var target = new ProbeTarget.Tls(DigitalResistance.Prober.Dialing.HostPort.Parse("www.example.net:443"), Unpredictable: true);
        await using var closer = new ScriptedServer(After("socks5", (_, _, _) => Task.CompletedTask));
        AssertFailed(await proving.ProbeAsync("socks5", closer.Address, target: target), Failure.NothingCarried, lie: false);
        await using var talker = new ScriptedServer(After("socks5", async (stream, _, stop) =>
        {
            await ScriptedServer.ReadAsync(stream, 5, stop);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), stop);
            await Task.Delay(50, stop);
        }));
        AssertFailed(await proving.ProbeAsync("socks5", talker.Address, target: target), Failure.TlsFailed, lie: false);
    }

    private static void AssertFailed(ProbeReport report, Failure failure, bool lie)
    {
        Assert.Equal((Outcome.Fail, Level.L1, Stage.Proof, failure, lie), (report.Outcome, report.Level, report.Stage, report.Failure, report.IsLie));
        Assert.Null(report.Egress);
    }

    /// <summary>Plays the protocol up to "success", whatever the target, and then the given trick, which is told the target's port.</summary>
    private static Func<NetworkStream, CancellationToken, Task> After(string protocol, Func<NetworkStream, int, CancellationToken, Task> trick) => async (stream, stop) =>
    {
        int port;
        if (protocol == "socks5")
        {
            port = (await Socks5Server.ShakeHandsAsync(stream, null, stop))!.Value;
            await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
        }
        else
        {
            var authority = (await ScriptedServer.ReadHeadAsync(stream, stop)).Split(' ')[1];
            port = int.Parse(authority[(authority.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            await HttpConnectServer.SayAsync(stream, "200 Connection established", stop);
        }

        await trick(stream, port, stop);
    };

    private static async Task<byte[]> AskAsync(string question, int port, CancellationToken stop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(question), stop);
        using var answer = new MemoryStream();
        await client.GetStream().CopyToAsync(answer, stop);
        return answer.ToArray();
    }
}
