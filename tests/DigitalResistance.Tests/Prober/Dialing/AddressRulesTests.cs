using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Prober.Dialing;

public sealed class AddressRulesTests
{
    // The rows of both IANA registries, as published (2025), and what stands in neither. Written apart from the code on purpose.
    private static readonly IPNetwork[] Registry =
    [
        .. new[]
        {
            "0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32",
            "192.0.0.170/32", "192.0.0.171/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
            "::1/128", "::/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48",
            "2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork[] Elsewhere =
    [
        .. new[] { "224.0.0.0/4", "168.63.129.16/32", "100.100.100.200/32", "::/96", "ff00::/8" }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    [Fact]
    public void Both_registries_are_whole()
    {
        Assert.Equal(50, Registry.Length);
        foreach (var network in Registry.Concat(Elsewhere))
        {
            Assert.NotEqual(AddressRefusal.None, AddressRules.Judge(network.BaseAddress));
            Assert.NotEqual(AddressRefusal.None, AddressRules.Judge(Last(network)));
        }
    }

    [Theory]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("168.63.129.15")]
    [InlineData("2000::1")]
    [InlineData("2001:200::1")]
    [InlineData("2001:db7:ffff::1")]
    [InlineData("2001:db9::1")]
    [InlineData("2003::1")]
    [InlineData("2620:4f:7fff::1")]
    [InlineData("3ffe::1")]
    public void The_neighbours_of_a_forbidden_block_are_open(string address) => Assert.Equal(AddressRefusal.None, AddressRules.Judge(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", AddressRefusal.SpecialPurpose)]
    [InlineData("169.254.169.254", AddressRefusal.Metadata)]
    [InlineData("168.63.129.16", AddressRefusal.Metadata)]
    [InlineData("fd00:ec2::254", AddressRefusal.Metadata)]
    [InlineData("239.1.2.3", AddressRefusal.Multicast)]
    [InlineData("ff02::1", AddressRefusal.Multicast)]
    [InlineData("::ffff:8.8.8.8", AddressRefusal.EmbeddedIPv4)]
    [InlineData("2002:808:808::1", AddressRefusal.EmbeddedIPv4)]
    [InlineData("fe80::1%1", AddressRefusal.SpecialPurpose)]
    public void Each_refusal_has_its_reason(string address, AddressRefusal reason) => Assert.Equal(reason, AddressRules.Judge(IPAddress.Parse(address)));

    [Fact]
    public void Random_addresses_are_judged_as_the_registries_judge_them()
    {
        // Uniform addresses rarely meet a narrow block, so half are drawn from around its edges.
        var random = new Random(20180417);
        var networks = Registry.Concat(Elsewhere).Append(GlobalUnicast).ToArray();
        for (var i = 0; i < Needs.Depth(30_000, 3_000_000); i++)
        {
            var bytes = new byte[random.Next(2) == 0 ? 4 : 16];
            random.NextBytes(bytes);
            if (random.Next(2) == 0)
            {
                var network = networks[random.Next(networks.Length)];
                var edge = (random.Next(2) == 0 ? network.BaseAddress : Last(network)).GetAddressBytes();
                bytes = edge;
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            var address = new IPAddress(bytes);
            Assert.True(Expected(address) == (AddressRules.Judge(address) == AddressRefusal.None), $"{address} is judged wrongly.");
        }
    }

    private static bool Expected(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6 || (address.AddressFamily == AddressFamily.InterNetworkV6 && !Contains(GlobalUnicast, address))) return false;
        return !Array.Exists(Registry, network => Contains(network, address)) && !Array.Exists(Elsewhere, network => Contains(network, address));
    }

    // IPNetwork.Contains looks through mapped addresses; here they are to stay what they are.
    private static bool Contains(IPNetwork network, IPAddress address) =>
        network.BaseAddress.AddressFamily == address.AddressFamily && !address.IsIPv4MappedToIPv6 && network.Contains(address);

    private static IPAddress Last(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++) bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
