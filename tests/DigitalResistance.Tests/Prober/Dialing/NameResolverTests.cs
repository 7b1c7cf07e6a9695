using System.Net;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober.Dialing;

public sealed class NameResolverTests
{
    [Fact]
    public async Task Addresses_of_both_families_are_found()
    {
        await using var dns = new FakeDns { Records = { [("a.example.net", "A")] = ["192.0.2.1", "192.0.2.2"], [("a.example.net", "AAAA")] = ["2001:db8::1"] } };
        var found = Assert.IsType<NameLookup.Found>(await Resolver(dns).LookUpAsync(HostName.Parse("a.example.net"), CancellationToken.None));
        Assert.Equal(new[] { "192.0.2.1", "192.0.2.2", "2001:db8::1" }, found.Addresses.Select(address => address.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("nowhere.example.net", Failure.NameNotFound)]
    [InlineData("empty.example.net", Failure.NameNotFound)]
    [InlineData("broken.example.net", Failure.NameLookupFailed)]
    public async Task A_name_without_addresses_says_why(string name, Failure failure)
    {
        await using var dns = new FakeDns { Records = { [("empty.example.net", "TXT")] = ["x"], [("broken.example.net", "FAIL")] = [] } };
        Assert.Equal(new NameLookup.Missing(failure), await Resolver(dns).LookUpAsync(HostName.Parse(name), CancellationToken.None));
    }

    [Fact]
    public async Task Nothing_is_remembered_from_one_lookup_to_the_next()
    {
        await using var dns = new FakeDns { Records = { [("a.example.net", "A")] = ["192.0.2.1"] } };
        var resolver = Resolver(dns);
        await resolver.LookUpAsync(HostName.Parse("a.example.net"), CancellationToken.None);
        dns.Records[("a.example.net", "A")] = ["192.0.2.9"];
        var found = Assert.IsType<NameLookup.Found>(await resolver.LookUpAsync(HostName.Parse("a.example.net"), CancellationToken.None));
        Assert.Equal(IPAddress.Parse("192.0.2.9"), Assert.Single(found.Addresses));
    }

    [Fact]
    public async Task TXT_records_come_whole_and_in_UTF8()
    {
        var token = "dr-control=" + new string('k', 400);
        await using var dns = new FakeDns { Records = { [("dr.example.net", "TXT")] = [token, "другое"], [("plain.example.net", "A")] = ["192.0.2.1"] } };
        var resolver = Resolver(dns);
        var found = Assert.IsType<TextLookup.Found>(await resolver.LookUpTextAsync(HostName.Parse("dr.example.net"), CancellationToken.None));
        Assert.Equal([token, "другое"], found.Records);
        Assert.Empty(Assert.IsType<TextLookup.Found>(await resolver.LookUpTextAsync(HostName.Parse("plain.example.net"), CancellationToken.None)).Records);
        Assert.Equal(new TextLookup.Missing(Failure.NameNotFound), await resolver.LookUpTextAsync(HostName.Parse("nowhere.example.net"), CancellationToken.None));
    }

    [Fact]
    public async Task The_names_of_an_address_are_those_that_its_holder_gave_it()
    {
        await using var dns = new FakeDns { Records = { [("7.2.0.192.in-addr.arpa", "PTR")] = ["Proxy.Example.NET"], [("broken.example.net", "A")] = ["192.0.2.8"] } };
        var found = Assert.IsType<TextLookup.Found>(await Resolver(dns).LookUpNamesAsync(IPAddress.Parse("192.0.2.7"), CancellationToken.None));
        Assert.Equal("proxy.example.net", Assert.Single(found.Records));
        Assert.Equal(new TextLookup.Missing(Failure.NameNotFound), await Resolver(dns).LookUpNamesAsync(IPAddress.Parse("192.0.2.8"), CancellationToken.None));
    }

    [Fact]
    public async Task A_silent_name_server_is_waited_for_until_the_deadline()
    {
        await using var dns = new FakeDns { Records = { [("slow.example.net", "SILENT")] = [] } };
        var options = new DialingOptions { NameServers = [dns.Address], Deadline = TimeSpan.FromMilliseconds(300) };
        var dialer = new Dialer(options, TimeProvider.System);
        using var deadline = dialer.StartDeadline(CancellationToken.None);
        var dialled = await dialer.DialAsync(HostPort.Parse("slow.example.net:1080"), AddressChoice.Any, deadline);
        Assert.Equal((Stage.Resolve, Failure.NameLookupTimeout), (dialled.Stage, dialled.Failure));
    }

    [Fact]
    public async Task A_dialer_goes_where_its_name_server_says_if_it_may()
    {
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        await using var dns = new FakeDns { Records = { [("a.example.net", "A")] = ["127.0.0.1"] } };
        foreach (var open in new[] { true, false })
        {
            var dialer = new Dialer(new DialingOptions { NameServers = [dns.Address], AllowLoopback = open }, TimeProvider.System);
            using var deadline = dialer.StartDeadline(CancellationToken.None);
            var dialled = await dialer.DialAsync(HostPort.Parse($"a.example.net:{server.Port}"), AddressChoice.Any, deadline);
            Assert.Equal(open ? null : Failure.AddressForbidden, dialled.Failure);
            if (dialled.Transport is not null) await dialled.Transport.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_systems_resolver_answers_for_this_machine()
    {
        // The one name that every system resolves without a network is an address.
        var resolver = new NameResolver(new DialingOptions());
        var found = Assert.IsType<NameLookup.Found>(await resolver.LookUpAsync(HostName.Parse("127.0.0.1"), CancellationToken.None));
        Assert.Equal(IPAddress.Loopback, Assert.Single(found.Addresses));
    }

    private static NameResolver Resolver(FakeDns dns) => new(new DialingOptions { NameServers = [dns.Address] });
}
