using System.Net;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober.Dialing;

public sealed class HostNameTests
{
    [Fact]
    public void No_spelling_of_a_forbidden_host_is_both_accepted_and_dialled()
    {
        string[] spellings = [.. Spellings.OfForbiddenIPv4(), .. Spellings.OfForbiddenIPv6(), .. Spellings.OfForbiddenNames()];
        Assert.True(spellings.Distinct().Count() >= 300);

        foreach (var spelling in spellings)
        {
            if (!HostName.TryParse(spelling, out var host, out var refusal))
            {
                Assert.NotEqual(HostRefusal.None, refusal);
                continue;
            }

            Assert.True(host.Address is not null && AddressRules.Judge(host.Address) != AddressRefusal.None, $"'{spelling}' would be dialled.");
        }
    }

    [Theory]
    [InlineData("127.1", HostRefusal.NotCanonicalAddress)]
    [InlineData("2130706433", HostRefusal.NotCanonicalAddress)]
    [InlineData("0x7f.1", HostRefusal.NotCanonicalAddress)]
    [InlineData("0177.0.0.1", HostRefusal.NotCanonicalAddress)]
    [InlineData("192.168.1", HostRefusal.NotCanonicalAddress)]
    [InlineData("2001:DB8::1", HostRefusal.NotCanonicalAddress)]
    [InlineData("::ffff:7f00:1", HostRefusal.NotCanonicalAddress)]
    [InlineData("fe80::1%eth0", HostRefusal.ZoneNotAllowed)]
    [InlineData("①②⑦.0.0.x", HostRefusal.BadCharacter)]
    [InlineData("пример.рф", HostRefusal.BadCharacter)]
    [InlineData("localhost", HostRefusal.NoDot)]
    [InlineData("example.net.", HostRefusal.EmptyLabel)]
    [InlineData("-a.net", HostRefusal.HyphenAtEdge)]
    [InlineData("example.123", HostRefusal.NumericLastLabel)]
    [InlineData("1.2.3.256", HostRefusal.NumericLastLabel)]
    [InlineData("x.onion", HostRefusal.NotPublic)]
    [InlineData("", HostRefusal.Empty)]
    [InlineData(null, HostRefusal.Empty)]
    public void Each_refusal_has_its_reason(string? text, HostRefusal reason)
    {
        Assert.False(HostName.TryParse(text, out _, out var refusal));
        Assert.Equal(reason, refusal);
    }

    [Theory]
    [InlineData("example.net", "example.net")]
    [InlineData("Proxy-1.Example.NET", "proxy-1.example.net")]
    [InlineData("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai")]
    [InlineData("1and1.com", "1and1.com")]
    [InlineData("8.8.8.8", "8.8.8.8")]
    [InlineData("2a00:1450:4001:82b::200e", "2a00:1450:4001:82b::200e")]
    public void A_public_host_is_accepted_in_its_one_spelling(string text, string accepted)
    {
        Assert.True(HostName.TryParse(text, out var host, out _));
        Assert.Equal(accepted, host.Text);
        Assert.Equal(char.IsDigit(text[^1]) || text.Contains(':'), host.Address is not null);
    }

    [Fact]
    public void Whatever_the_text_an_accepted_host_reads_back_as_itself()
    {
        CsCheck.Check.Sample(CsCheck.Gen.String[CsCheck.Gen.Char["abz019.-:xfF%[] _ж①"], 0, 12], text =>
        {
            if (!HostName.TryParse(text, out var host, out _)) return;
            Assert.True(HostName.TryParse(host.Text, out var again, out _) && again == host);
            Assert.Equal(IPAddress.TryParse(host.Text, out _), host.Address is not null);
        });
    }

    [Theory]
    [InlineData("example.net:1080", "example.net:1080")]
    [InlineData("8.8.8.8:443", "8.8.8.8:443")]
    [InlineData("[2a00:1450::1]:443", "[2a00:1450::1]:443")]
    [InlineData("2a00:1450::1:443", null)]
    [InlineData("[8.8.8.8]:443", null)]
    [InlineData("example.net", null)]
    [InlineData(":1080", null)]
    [InlineData("example.net:", null)]
    [InlineData("example.net:0", null)]
    [InlineData("example.net:01080", null)]
    [InlineData("example.net:+1080", null)]
    [InlineData("example.net: 1080", null)]
    [InlineData("example.net:65536", null)]
    [InlineData("example.net:99999999999", null)]
    [InlineData("example.net:25", null)]
    [InlineData("example.net:１０８０", null)]
    public void An_endpoint_has_one_spelling_too(string text, string? authority)
    {
        Assert.Equal(authority, HostPort.TryParse(text, out var endpoint) ? endpoint.Authority : null);
    }

    [Fact]
    public void A_port_says_what_is_wrong_with_it()
    {
        Assert.Equal(
            [PortRefusal.NotANumber, PortRefusal.NotANumber, PortRefusal.OutOfRange, PortRefusal.Forbidden, PortRefusal.None],
            new[] { "", "1a", "70000", "25", "1080" }.Select(text => HostPort.TryParsePort(text, out _, out var refusal) ? PortRefusal.None : refusal));
    }

    [Fact]
    public void Hosts_and_endpoints_do_not_print_themselves()
    {
        var endpoint = HostPort.Parse("secret.example.net:1080");
        Assert.DoesNotContain("secret", $"{endpoint} {endpoint.Host}", StringComparison.Ordinal);
    }
}
