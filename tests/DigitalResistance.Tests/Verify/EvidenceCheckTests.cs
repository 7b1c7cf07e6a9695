using System.Text;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;
using DigitalResistance.Verify.Receipts;

namespace DigitalResistance.Tests.Verify;

/// <summary>Statements that a dishonest registry committed to: the commitment is right, and the arithmetic is not.</summary>
public sealed class EvidenceCheckTests
{
    private const string Server = """{"availability_ppm":990000,"bucket":100,"presence_ppm":1000000,"tenure_ppm":750000,"valid_slots":4000,"weight":70}""";
    private const string Honest = "{\"policy\":\"sha256:aa\",\"round\":7,\"servers\":[" + Server + "," + Server + "],\"token\":\"abc\",\"type\":\"weight.evidence\",\"v\":1}";

    [Fact]
    public void An_honest_statement_is_added_up() =>
        Assert.Equal("evidence: 2 servers, whose weights add up to 140 (150 before the caps of shared machines and networks)", Run(Honest, 140));

    [Theory]
    [InlineData("\"weight\":70", "\"weight\":76", 146, "a server weighs more than its bucket, tenure and presence make")]
    [InlineData("\"weight\":70", "\"weight\":-70", 0, "a server weighs more than its bucket, tenure and presence make")]
    [InlineData("\"tenure_ppm\":750000", "\"tenure_ppm\":1750000", 140, "a number of its evidence cannot be")]
    [InlineData("\"weight\":70", "\"weight\":71", 140, "the weights of its servers are not the weight in the log")]
    [InlineData("\"round\":7", "\"round\":8", 140, "its evidence is of another token or round")]
    [InlineData("\"token\":\"abc\"", "\"token\":\"abd\"", 140, "its evidence is of another token or round")]
    [InlineData("weight.evidence", "weight.opinion", 140, "its evidence is of a kind that this version does not know")]
    public void A_false_one_is_refused_although_the_log_committed_to_it(string what, string instead, long weight, string why)
    {
        var at = Honest.IndexOf(what, StringComparison.Ordinal);
        Assert.Equal(why, Assert.Throws<BookFaultException>(() => Run(Honest[..at] + instead + Honest[(at + what.Length)..], weight)).Message);
    }

    private static string Run(string statement, long weight)
    {
        var evidence = new EvidenceStatement(new byte[EvidenceStatement.SaltLength], Encoding.ASCII.GetBytes(statement));
        return EvidenceCheck.Run(evidence, new CanonicalObject().Add("evidence", $"sha256:{evidence.Commitment}").Add("round", 7).Add("token", "abc").Add("type", "score.frozen").Add("weight", weight));
    }
}
