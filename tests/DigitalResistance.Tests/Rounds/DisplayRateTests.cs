using System.Text;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Html;

namespace DigitalResistance.Tests.Rounds;

/// <summary>A rate for readers: a few bounded lines of the manifest, shown and never counted with.</summary>
public sealed class DisplayRateTests
{
    private static readonly DateTimeOffset At = new(2026, 2, 2, 11, 30, 0, TimeSpan.Zero);
    private static readonly DisplayRate Rate = new("USD", 10_432_155, "example.org", At);

    [Theory]
    [InlineData(1_000_000, 10_432_155, "≈ 1 043 USD")]
    [InlineData(1_183_000, 10_432_155, "≈ 1 234 USD")]
    [InlineData(95_000, 10_432_155, "≈ 99.11 USD")]
    [InlineData(95_858, 10_432_155, "≈ 100 USD")]
    [InlineData(1, 10_432_155, "≈ 0.00 USD")]
    [InlineData(5, 10_432_155, "≈ 0.01 USD")]
    [InlineData(0, 10_432_155, "≈ 0.00 USD")]
    [InlineData(-1_183_000, 10_432_155, "≈ −1 234 USD")]
    [InlineData(-95_000, 10_432_155, "≈ −99.11 USD")]
    [InlineData(2_100_000_000_000_000, DisplayRate.Most, "≈ 21 000 000 000 000 000 USD")]
    public void An_amount_is_shown_to_the_nearest(long sats, long minor, string shown) =>
        Assert.Equal(shown, AmountTagHelper.About(new Sats(sats), Rate with { MinorPerBitcoin = minor }).Replace('\u202F', ' '));

    [Fact]
    public void It_stands_in_the_manifest_in_four_lines_and_is_read_from_there()
    {
        var manifest = new StringBuilder("digital-resistance/round-manifest/v1\nmax_feerate_sat_vb 50\n");
        Rate.Write(manifest);
        Assert.EndsWith("\nmax_feerate_sat_vb 50\nrate_currency USD\nrate_minor_per_btc 10432155\nrate_source example.org\nrate_time 2026-02-02T11:30:00Z\n", manifest.ToString(), StringComparison.Ordinal);
        Assert.Equal(Rate, DisplayRate.Of(manifest.ToString()));
        Assert.Null(DisplayRate.Of("digital-resistance/round-manifest/v1\nmax_feerate_sat_vb 50\n"));
        Assert.Null(DisplayRate.Of(null));
    }

    [Fact]
    public void What_could_carry_a_name_a_secret_or_another_line_is_refused()
    {
        Assert.Empty(Rate.Problems(At));
        Assert.Equal([RateProblem.Time], Rate.Problems(At.AddSeconds(-1)));
        foreach (var currency in new[] { "usd", "XXX", "", "USD\nrate_source" }) Assert.Equal([RateProblem.Currency], (Rate with { Currency = currency }).Problems(At));
        foreach (var minor in new[] { 0, -1, DisplayRate.Most + 1 }) Assert.Equal([RateProblem.Amount], (Rate with { MinorPerBitcoin = minor }).Problems(At));
        foreach (var source in new[] { "", "a b", "Example.org", "a\nb", "пример.рф", "a..b", ".a", "a.", "-a", "a-", "https://example.org/", new('a', 65) })
            Assert.Equal([RateProblem.Source], (Rate with { Source = source }).Problems(At));
        foreach (var source in new[] { "a", "xn--e1afmkfd.xn--p1ai", "rates.example.org", new('a', 64) }) Assert.Empty((Rate with { Source = source }).Problems(At));
    }
}
