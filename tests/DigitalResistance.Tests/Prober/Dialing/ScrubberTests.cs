using CsCheck;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober.Dialing;

public sealed class ScrubberTests
{
    [Theory]
    [InlineData("Connection refused (203.0.113.7:1080)", "Connection refused [scrubbed]")]
    [InlineData("No route to host [2001:db8::1]:443", "No route to host [scrubbed] [scrubbed]")]
    [InlineData("proxy.example.net: timed out", "[scrubbed] timed out")]
    [InlineData("port 1080 is closed", "port [scrubbed] is closed")]
    [InlineData("user@example.net said no", "[scrubbed] said no")]
    [InlineData("Resource temporarily unavailable", "Resource temporarily unavailable")]
    [InlineData("over.", "over.")]
    [InlineData("a\r\nb\u001b[31mc\u202e", "a b 31mc")]
    [InlineData(null, "")]
    public void Nothing_that_could_be_an_address_is_left(string? message, string scrubbed) => Assert.Equal(scrubbed, Scrubber.Scrub(message));

    [Fact]
    public void A_long_message_is_cut() => Assert.Equal(200, Scrubber.Scrub(string.Concat(Enumerable.Repeat("word ", 1000))).Length);

    [Fact]
    public void No_address_survives_anywhere_in_a_message()
    {
        var addresses = Gen.Select(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.Bool, (four, sixteen, small) => new System.Net.IPAddress(small ? four : sixteen).ToString());
        Check.Sample(Gen.Select(addresses, Gen.Char[" ([{<\"'=,;|/"], Gen.Char[" )]}>\"',;:.|/"]), (address, before, after) =>
            Assert.DoesNotContain(address, Scrubber.Scrub($"cannot reach{before}{address}{after}now"), StringComparison.Ordinal));
    }
}
