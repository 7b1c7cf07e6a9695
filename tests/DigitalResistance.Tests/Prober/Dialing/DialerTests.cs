using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Tests.Prober.Dialing;

public sealed class DialerTests
{
    [Fact]
    public async Task Nobody_is_connected_to_loopback_unless_the_options_open_it()
    {
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        foreach (var open in new[] { false, true })
        {
            var dialled = await DialAsync(new DialingOptions { AllowLoopback = open }, new FakeResolver("127.0.0.1"), $"a.example.net:{server.Port}");
            Assert.Equal(open ? null : Failure.AddressForbidden, dialled.Failure);
            if (dialled.Transport is not null) await dialled.Transport.DisposeAsync();
        }

        Assert.InRange(server.Visitors, 0, 1);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("::1", "8.8.8.8")]
    [InlineData("8.8.8.8", "2002:7f00:1::")]
    [InlineData("8.8.8.8", "10.0.0.1")]
    public async Task One_forbidden_address_condemns_the_whole_answer_even_when_loopback_is_open(params string[] addresses)
    {
        var dialled = await DialAsync(new DialingOptions { AllowLoopback = !addresses.Contains("::1") }, new FakeResolver(addresses), "a.example.net:1080");
        Assert.Equal((Stage.Resolve, Failure.AddressForbidden, null), (dialled.Stage, dialled.Failure, dialled.Transport));
    }

    [Fact]
    public async Task A_rebinding_name_server_is_asked_once_and_its_second_thought_is_never_dialled()
    {
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        var resolver = new FakeResolver(question => question % 2 == 0 ? ["192.0.2.1"] : ["127.0.0.1"]);
        var dialer = new Dialer(new DialingOptions(), resolver, TimeProvider.System);
        for (var attempt = 1; attempt <= 10_000; attempt++)
        {
            using var deadline = dialer.StartDeadline(CancellationToken.None);
            var dialled = await dialer.DialAsync(HostPort.Parse($"a.example.net:{server.Port}"), AddressChoice.Any, deadline);
            Assert.Equal((Failure.AddressForbidden, attempt), (dialled.Failure, resolver.Questions));
        }

        Assert.Equal(0, server.Visitors);
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("8.8.8.0/24")]
    [InlineData("2a00:1450::/32", "2a00:1450:4001::1")]
    public async Task Our_own_addresses_are_not_dialled(string own, string address = "8.8.8.8")
    {
        var options = new DialingOptions { OwnAddresses = [own] };
        Assert.Equal(Failure.AddressForbidden, (await DialAsync(options, new FakeResolver(address), "a.example.net:1080")).Failure);
        Assert.Equal(AddressRefusal.Own, new Dialer(options, TimeProvider.System).Judge(IPAddress.Parse(address)));
        Assert.Equal(AddressRefusal.None, new Dialer(options, TimeProvider.System).Judge(IPAddress.Parse("8.8.4.4")));
    }

    [Fact]
    public void Options_say_which_own_address_is_none()
    {
        var options = new DialingOptions { OwnAddresses = ["8.8.8.8", "nonsense", "10.0.0.0/33"], NameServers = ["1.1.1.1", "one"] };
        var mistakes = options.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options)).Select(mistake => mistake.ErrorMessage!).ToArray();
        Assert.Equal(
        [
            "OwnAddresses: 'nonsense' is neither an address nor a network such as 192.0.2.0/24.",
            "OwnAddresses: '10.0.0.0/33' is neither an address nor a network such as 192.0.2.0/24.",
            "NameServers: 'one' is neither an address nor an address:port.",
        ], mistakes);
    }

    [Theory]
    [InlineData(22)]
    [InlineData(25)]
    [InlineData(53)]
    [InlineData(445)]
    [InlineData(3389)]
    [InlineData(6667)]
    [InlineData(11211)]
    public async Task Ports_of_other_services_are_not_even_resolved_for(int port)
    {
        var resolver = new FakeResolver("8.8.8.8");
        var dialled = await DialAsync(new DialingOptions(), resolver, new HostPort(HostName.Parse("a.example.net"), port));
        Assert.Equal((Failure.PortForbidden, 0), (dialled.Failure, resolver.Questions));
    }

    [Fact]
    public async Task The_judged_address_is_the_one_that_is_dialled_and_the_family_can_be_chosen()
    {
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        var options = new DialingOptions { AllowLoopback = true };
        var both = new FakeResolver("127.0.0.1", "::1");
        var (any, v4) = (await DialAsync(options, both, $"a.example.net:{server.Port}"), await DialAsync(options, both, $"a.example.net:{server.Port}", AddressChoice.IPv4));
        var v6 = await DialAsync(options, both, $"a.example.net:{server.Port}", AddressChoice.IPv6);
        var none = await DialAsync(options, new FakeResolver("127.0.0.1"), $"a.example.net:{server.Port}", AddressChoice.IPv6);

        Assert.Equal((AddressFamily.InterNetwork, null), (any.Family, any.Failure));
        Assert.Equal((AddressFamily.InterNetwork, null), (v4.Family, v4.Failure));
        Assert.Equal(AddressFamily.InterNetworkV6, v6.Family);
        Assert.NotNull(v6.Failure); // nothing listens on ::1
        Assert.Equal(Failure.NameNotFound, none.Failure);
        await any.Transport!.DisposeAsync();
        await v4.Transport!.DisposeAsync();
    }

    [Fact]
    public async Task A_closed_port_refuses_and_a_name_server_that_never_answers_times_out()
    {
        var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        var options = new DialingOptions { AllowLoopback = true };
        var refused = await DialAsync(options, new FakeResolver("127.0.0.1"), $"a.example.net:{port}");
        Assert.Equal((Stage.Dial, Failure.ConnectionRefused), (refused.Stage, refused.Failure));

        var time = new FakeTimeProvider();
        var dialer = new Dialer(options, new SilentResolver(), time);
        using var deadline = dialer.StartDeadline(CancellationToken.None);
        var waiting = dialer.DialAsync(HostPort.Parse("a.example.net:1080"), AddressChoice.Any, deadline);
        time.Advance(TimeSpan.FromSeconds(11));
        var silent = await waiting;
        Assert.Equal((Stage.Resolve, Failure.NameLookupTimeout), (silent.Stage, silent.Failure));
        Assert.Equal(TimeSpan.FromSeconds(11), silent.ResolveTime);
    }

    [Fact]
    public async Task A_full_backlog_is_a_timeout_of_the_connection()
    {
        // A listener that never accepts: once its queue is full the system drops what else comes, as a firewall would.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var address = (IPEndPoint)full.LocalEndPoint!;
        var fillers = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
        foreach (var filler in fillers) _ = filler.ConnectAsync(address).ContinueWith(_ => { }, TaskScheduler.Default);
        await Task.Delay(100);

        var dialled = await DialAsync(new DialingOptions { AllowLoopback = true, Deadline = TimeSpan.FromMilliseconds(300) }, new FakeResolver("127.0.0.1"), $"a.example.net:{address.Port}");

        Assert.Equal((Stage.Dial, Failure.ConnectionTimeout), (dialled.Stage, dialled.Failure));
        Assert.InRange(dialled.DialTime.TotalMilliseconds, 250, 2000);
        foreach (var filler in fillers) filler.Dispose();
    }

    [Fact]
    public async Task No_more_is_read_from_one_connection_than_the_limit()
    {
        await using var server = new ScriptedServer(Tampering.Flood);
        var dialer = new Dialer(new DialingOptions { AllowLoopback = true, ReadLimit = 64 * 1024 }, TimeProvider.System);
        using var deadline = dialer.StartDeadline(CancellationToken.None);
        await using var transport = (await dialer.DialAsync(server.Address, AddressChoice.Any, deadline)).Transport!;
        var buffer = new byte[10_000];
        var total = 0;
        Received received;
        while ((received = await transport.ReceiveAsync(buffer)).Failure is null) total += received.Count;
        Assert.Equal((64 * 1024, Failure.ReplyTooLarge, 64 * 1024L), (total, received.Failure, transport.BytesReceived));
    }

    [Fact]
    public async Task Cancelling_ends_a_dial_at_once_and_is_our_doing()
    {
        using var cancel = new CancellationTokenSource();
        var dialer = new Dialer(new DialingOptions(), new SilentResolver(), TimeProvider.System);
        using var deadline = dialer.StartDeadline(cancel.Token);
        var dialling = dialer.DialAsync(HostPort.Parse("a.example.net:1080"), AddressChoice.Any, deadline);
        await cancel.CancelAsync();
        Assert.Equal(Failure.Cancelled, (await dialling).Failure);
    }

    private static ValueTask<Dialled> DialAsync(DialingOptions options, INameResolver resolver, string endpoint, AddressChoice choice = AddressChoice.Any) =>
        DialAsync(options, resolver, HostPort.Parse(endpoint), choice);

    private static async ValueTask<Dialled> DialAsync(DialingOptions options, INameResolver resolver, HostPort endpoint, AddressChoice choice = AddressChoice.Any)
    {
        var dialer = new Dialer(options, resolver, TimeProvider.System);
        using var deadline = dialer.StartDeadline(CancellationToken.None);
        return await dialer.DialAsync(endpoint, choice, deadline);
    }

    private sealed class SilentResolver : INameResolver
    {
        public async ValueTask<NameLookup> LookUpAsync(HostName host, CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            return new NameLookup.Missing(Failure.NameLookupTimeout);
        }

        public ValueTask<TextLookup> LookUpTextAsync(HostName host, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<TextLookup> LookUpNamesAsync(IPAddress address, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
