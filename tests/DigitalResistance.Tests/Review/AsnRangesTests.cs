using System.Net;
using DigitalResistance.Review;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Tests.Review;

/// <summary>Which autonomous system an address belongs to, by a file that lies beside the program.</summary>
public sealed class AsnRangesTests
{
    private const string Good = "192.0.2.0\t192.0.2.127\t64500\tZZ\tEXAMPLE\n198.51.100.0\t198.51.100.255\t0\tNone\tNot routed\n2001:db8::\t2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\t64501\tZZ\tEXAMPLE";

    [Theory]
    [InlineData("192.0.2.0", 64500)]
    [InlineData("192.0.2.127", 64500)]
    [InlineData("::ffff:192.0.2.5", 64500)]
    [InlineData("192.0.2.128", null)]
    [InlineData("192.0.1.255", null)]
    [InlineData("198.51.100.7", null)]
    [InlineData("2001:db8:9::1", 64501)]
    [InlineData("2001:db9::", null)]
    public void An_address_is_found_in_its_range_and_nowhere_else(string address, int? asn) => Assert.Equal(asn, AsnRanges.Read(Good.Split('\n')).Find(IPAddress.Parse(address)));

    [Fact]
    public void Without_a_file_nothing_is_known()
    {
        Assert.False(AsnRanges.None.IsKnown);
        Assert.Null(AsnRanges.None.Find(IPAddress.Loopback));
    }

    [Theory]
    [InlineData("", "it has no range")]
    [InlineData("192.0.2.0\t192.0.2.9\t1\nnonsense\n\n192.0.2.9\t192.0.2.0\t1\n192.0.2.0\t::1\t1\n192.0.2.0\t192.0.2.9\tAS1", "line 2, line 4, line 5, line 6")]
    public void A_mistake_in_the_file_stops_the_start_and_names_its_lines(string text, string said)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, text);
        var refused = Assert.Throws<OptionsValidationException>(() => Start(file));
        Assert.Contains("Review:AsnFile cannot be read", refused.Message, StringComparison.Ordinal);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        File.WriteAllText(file, Good);
        Assert.Equal(64500, Start(file).Find(IPAddress.Parse("192.0.2.1")));
        File.Delete(file);
        Assert.Contains("does not exist", Assert.Throws<OptionsValidationException>(() => Start(file)).Message, StringComparison.Ordinal);
    }

    private static AsnRanges Start(string file)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Review:AsnFile", (string?)file)]).Build();
        using var services = new ServiceCollection().AddAsnRanges(configuration).AddAsnRanges(configuration).BuildServiceProvider();
        services.GetRequiredService<IStartupValidator>().Validate();
        return services.GetRequiredService<AsnRanges>();
    }
}
