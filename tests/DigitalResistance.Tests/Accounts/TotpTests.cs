using System.Globalization;
using System.Text;
using DigitalResistance.Accounts;

namespace DigitalResistance.Tests.Accounts;

/// <summary>One-time codes as every authenticator makes them.</summary>
public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238 appendix B, SHA-1; our codes are the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_vectors_of_the_standard_hold(long unix, string code) =>
        Assert.Equal(code, Totp.Code(Secret, Totp.StepOf(DateTimeOffset.FromUnixTimeSeconds(unix))));

    [Fact]
    public void One_step_early_or_late_is_accepted_and_no_more()
    {
        var now = DateTimeOffset.Parse("2026-01-01T00:00:00Z", CultureInfo.InvariantCulture);
        var step = Totp.StepOf(now);
        var secret = SecondFactor.NewSecret();
        Assert.Equal([null, step - 1, step, step + 1, null],
            Enumerable.Range(-2, 5).Select(offset => Totp.Match(secret, Totp.Code(secret, step + offset), now)));
    }

    [Fact]
    public void The_link_and_the_key_say_the_same_secret()
    {
        var account = AccountId.New();
        Assert.Equal("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", Totp.ManualKey(Secret));
        Assert.Equal($"otpauth://totp/Digital%20Resistance:{account}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Digital%20Resistance&algorithm=SHA1&digits=6&period=30",
            Totp.Uri(Secret, "Digital Resistance", account));
    }
}
