using System.Text;
using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class CanonicalObjectTests
{
    [Fact]
    public void An_entry_is_written_as_another_program_published_it() => Assert.Equal(
        "{\"network\":\"regtest\",\"origin\":\"ledger.example/dr\",\"policy\":\"sha256:823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812\",\"time\":\"2026-01-01T00:00:00Z\",\"type\":\"log.created\",\"v\":1}",
        Encoding.ASCII.GetString(DemoLog.Entries[0]));

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"a\":-9007199254740991,\"b\":[],\"c\":{\"d\":[{\"e\":0},\"f\"]}}")]
    public void What_is_read_is_written_back(string json) => Assert.Equal(json, CanonicalObject.Parse(Encoding.ASCII.GetBytes(json)).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} ")]
    [InlineData("{\"a\": 1}")]
    [InlineData("{\"b\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":-0}")]
    [InlineData("{\"a\":+1}")]
    [InlineData("{\"a\":1.0}")]
    [InlineData("{\"a\":1e2}")]
    [InlineData("{\"a\":9007199254740992}")]
    [InlineData("{\"a\":null}")]
    [InlineData("{\"a\":true}")]
    [InlineData("{\"a\":\"\\n\"}")]
    [InlineData("{\"a\":\"\u00e9\"}")]
    [InlineData("{\"a\":[1,]}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("[1]")]
    [InlineData("{\"a\":[[[[[[[[[[1]]]]]]]]]]}")]
    public void Any_other_spelling_is_refused(string json) => Assert.Throws<FormatException>(() => CanonicalObject.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Text_that_needs_an_escape_and_numbers_that_a_reader_would_round_cannot_be_added()
    {
        Assert.Throws<FormatException>(() => new CanonicalObject().Add("a", "quote \""));
        Assert.Throws<FormatException>(() => new CanonicalObject().Add("a", "é"));
        Assert.Throws<FormatException>(() => new CanonicalObject().Add("a", 1L << 53));
        Assert.Throws<FormatException>(() => new CanonicalObject().Add("a", 1).Add("a", 2));
    }
}
