using DigitalResistance.Probing;

namespace DigitalResistance.Tests.Probing;

/// <summary>The list of Telegram's data centres: the shipped one, one's own, and mistakes in it.</summary>
public sealed class TelegramCentresTests
{
    [Fact]
    public void The_shipped_list_has_every_data_centre_and_the_key_by_the_fingerprint_that_Telegram_names()
    {
        var centres = TelegramCentres.Of("public");
        Assert.Equal([1, 2, 3, 4, 5], centres.All.Select(c => (int)c.DataCentre).Distinct().Order());
        Assert.All(centres.All, centre => Assert.Equal(unchecked((long)0xd09d1d85de64fd85), Assert.Single(centre.Keys).Fingerprint));
        Assert.Equal("telegram 1 149.154.175.50:443\n", centres.Lines.First());
        Assert.Equal("telegram-key d09d1d85de64fd85\n", centres.Lines.Last());
        Assert.Equal(3, centres.ForCheck().Distinct().Count());
        Assert.Empty(TelegramCentres.Of("none").All);
        Assert.Empty(TelegramCentres.Of("none").ForCheck());
    }

    [Theory]
    [InlineData("1 149.154.175.50", "number and a host:port")]
    [InlineData("one 149.154.175.50:443", "number and a host:port")]
    [InlineData("1 149.154.175.50:443", "need a key")]
    [InlineData("-----BEGIN RSA PUBLIC KEY-----\nAAAA", "no end")]
    [InlineData("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----", "2,048 bits")]
    public void A_mistake_in_a_list_stops_the_start_and_says_what_it_is(string text, string message)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, text);
        Assert.Contains(message, Assert.Throws<FormatException>(() => TelegramCentres.Of(file)).Message, StringComparison.Ordinal);
        File.Delete(file);
    }
}
