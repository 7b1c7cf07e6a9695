using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class ProbeCatalogTests
{
    /// <summary>Ids that were published stand in the ledger for ever: none may vanish or change its name. New ones are added here.</summary>
    private static readonly string[] Published = ["http-connect", "https-connect", "mtproto", "shadowsocks", "shadowsocks-2022", "socks5", "socks5-tls", "trojan", "vless", "vless-reality", "vmess"];

    [Fact]
    public void Published_ids_stay() => Assert.Empty(Published.Except(Proving.Catalog.All.Select(probe => probe.Id)));

    [Fact]
    public void New_ids_are_written_down() => Assert.Empty(Proving.Catalog.All.Select(probe => probe.Id).Except(Published));

    [Fact]
    public void The_catalogue_is_sorted_and_finds_by_id()
    {
        Assert.Equal(Proving.Catalog.All.Select(probe => probe.Id).Order(StringComparer.Ordinal), Proving.Catalog.All.Select(probe => probe.Id));
        Assert.Equal("SOCKS5", Proving.Catalog.Find("socks5")?.DisplayName);
        Assert.Null(Proving.Catalog.Find("SOCKS5"));
        Assert.Null(Proving.Catalog.Find("direct"));
    }

    [Fact]
    public void Two_protocols_with_one_id_stop_the_start()
    {
        var thrown = Assert.Throws<InvalidOperationException>(() => new ProbeCatalog([new Socks5Probe(), new HttpConnectProbe(), new Socks5Probe()]));
        Assert.Equal("Two protocols call themselves 'socks5'.", thrown.Message);
    }
}
