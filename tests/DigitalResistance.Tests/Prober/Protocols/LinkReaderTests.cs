using CsCheck;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class LinkReaderTests
{
    private readonly LinkReader _reader = new(Proving.Catalog);

    [Theory]
    [InlineData("socks5://proxy.example.net", "socks5", "proxy.example.net:1080", "auth=none;udp=no")]
    [InlineData("socks5://u1:se%3Acret%20@proxy.example.net:1081", "socks5", "proxy.example.net:1081", "auth=password;password=se:cret ;udp=no;username=u1")]
    [InlineData("  SOCKS5://u:p@8.8.8.8:1080#my%20server\n", "socks5", "8.8.8.8:1080", "auth=password;password=p;udp=no;username=u")]
    [InlineData("socks5h://u:p@[2a00:1450::1]:1080", "socks5", "[2a00:1450::1]:1080", "auth=password;password=p;udp=no;username=u")]
    [InlineData("socks5://u:p@ss@proxy.example.net:1080", "socks5", "proxy.example.net:1080", "auth=password;password=p@ss;udp=no;username=u")]
    [InlineData("socks5://%D0%B6:%D0%B7@proxy.example.net:1080", "socks5", "proxy.example.net:1080", "auth=password;password=з;udp=no;username=ж")]
    [InlineData("tg://socks?server=proxy.example.net&port=1080", "socks5", "proxy.example.net:1080", "auth=none;udp=no")]
    [InlineData("tg://socks?server=proxy.example.net&port=1080&user=u&pass=p", "socks5", "proxy.example.net:1080", "auth=password;password=p;udp=no;username=u")]
    [InlineData("https://t.me/socks?server=8.8.8.8&port=1080&user=u&pass=p", "socks5", "8.8.8.8:1080", "auth=password;password=p;udp=no;username=u")]
    [InlineData("http://u:p@proxy.example.net:3128", "http-connect", "proxy.example.net:3128", "auth=basic;password=p;username=u")]
    [InlineData("http://proxy.example.net:8080/", "http-connect", "proxy.example.net:8080", "auth=none")]
    [InlineData("http://proxy.example.net", "http-connect", "proxy.example.net:80", "auth=none")]
    [InlineData("https://u:p@proxy.example.net", "https-connect", "proxy.example.net:443", "auth=basic;certificate=public;password=p;username=u")]
    public void A_link_is_read_into_the_fields_of_the_form(string pasted, string protocol, string server, string settings)
    {
        var understood = Assert.IsType<LinkResult.Understood>(_reader.Read(pasted));
        Assert.Equal((protocol, server), (understood.Protocol, understood.Server.Authority));
        Assert.Equal(settings, Written(understood.Settings));
        Assert.Empty(understood.Unsupported);
    }

    /// <summary>Settings in one line.</summary>
    internal static string Written(ProbeSettings settings) => string.Join(';', settings.Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}"));

    [Fact]
    public void What_is_not_supported_is_named()
    {
        var understood = Assert.IsType<LinkResult.Understood>(_reader.Read("socks5://proxy.example.net:1080?udp=1&remark=x"));
        Assert.Equal(["remark", "udp"], understood.Unsupported);
    }

    [Fact]
    public void What_is_not_supported_and_may_be_a_key_is_named_without_its_value()
    {
        var understood = Assert.IsType<LinkResult.Understood>(_reader.Read($"vless://{HonestServers.User}@proxy.example.net:443?security=tls&encryption=mlkem768x25519plus.native.0rtt.c2VjcmV0&flow=other"));
        Assert.Equal(["encryption", "flow=other"], understood.Unsupported);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("proxy.example.net:1080")]
    [InlineData("socks5:/proxy.example.net")]
    [InlineData("socks5://")]
    [InlineData("socks5://proxy.example.net:1080/page")]
    [InlineData("https://example.net/some/page")]
    [InlineData("socks5://u:p%2@proxy.example.net")]
    [InlineData("socks5://u:p%zz@proxy.example.net")]
    [InlineData("socks5://u:%ff@proxy.example.net")]
    [InlineData("socks5://proxy.example.net?a=1&a=2")]
    [InlineData("socks5://[2a00:1450::1")]
    [InlineData("socks5://[2a00:1450::1]x")]
    [InlineData("socks5://[proxy.example.net]:1080")]
    [InlineData("socks5://a b@proxy.example.net")]
    public void What_is_no_link_is_not_repaired_into_one(string? pasted) => Assert.IsType<LinkResult.NotALink>(_reader.Read(pasted));

    [Fact]
    public void Each_mistake_says_where_it_is()
    {
        Assert.Equal(new LinkResult.HostRefused(HostRefusal.NotCanonicalAddress), _reader.Read("socks5://127.1:1080"));
        Assert.Equal(new LinkResult.HostRefused(HostRefusal.BadCharacter), _reader.Read("socks5://①②⑦.example.net:1080"));
        Assert.Equal(new LinkResult.HostRefused(HostRefusal.NoDot), _reader.Read("socks5://localhost:1080"));
        Assert.Equal(new LinkResult.HostRefused(HostRefusal.Empty), _reader.Read("tg://socks?port=1080"));
        Assert.Equal(new LinkResult.PortRefused(PortRefusal.OutOfRange), _reader.Read("socks5://proxy.example.net:70000"));
        Assert.Equal(new LinkResult.PortRefused(PortRefusal.NotANumber), _reader.Read("tg://socks?server=proxy.example.net&port=x"));
        Assert.Equal(new LinkResult.PortRefused(PortRefusal.Forbidden), _reader.Read("http://proxy.example.net:25"));
        Assert.Equal(new LinkResult.SettingRefused("socks5", "password", SettingProblem.Missing), _reader.Read("socks5://u@proxy.example.net"));
        Assert.Equal(new LinkResult.SettingRefused("http-connect", "username", SettingProblem.BadCharacter), _reader.Read("http://u%3Av:p@proxy.example.net"));
        Assert.Equal(new LinkResult.UnknownKind("gopher"), _reader.Read("gopher://proxy.example.net"));
        Assert.Equal(new LinkResult.UnknownKind("tg://resolve"), _reader.Read("tg://resolve?domain=telegram"));
    }

    [Fact]
    public void Whatever_is_pasted_is_answered() =>
        Gen.String[Gen.Char["socks5tg:/?&=#@[]%2fA.e-\n ①\ud83d"], 0, 40].Sample(text => { _ = _reader.Read(text); _ = _reader.Read("socks5://" + text); });

    [Fact]
    public void Links_do_not_print_what_they_hold()
    {
        Assert.True(SettingsLink.TryParse("socks5://user:hunter2@proxy.example.net:1080", out var link));
        var understood = Assert.IsType<LinkResult.Understood>(_reader.Read("socks5://user:hunter2@proxy.example.net:1080"));
        Assert.DoesNotContain("hunter2", $"{link} {understood}", StringComparison.Ordinal);
        Assert.DoesNotContain("proxy.example", $"{link} {understood}", StringComparison.Ordinal);
    }
}
