using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Web.Hosting;

namespace DigitalResistance.Tests.Web;

/// <summary>A wrong configuration is told at once, as a whole, key by key.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void Every_mistake_is_told_with_its_key() => Assert.Equal(
        [
            "Accounts:Issuer must not contain a colon.",
            "Accounts:NewPerHour must be from 1 to 100000.",
            "Database:Provider must be 'sqlite' or 'postgres'.",
            "Site:OnionOrigin must be an origin whose host ends in .onion; it is 'http://example.org'.",
            "Site:PublicOrigin must be https, unless its host is localhost or ends in .onion; it is 'http://example.org'.",
            "Site:TrustedProxy must be an address or a network as '10.0.0.0/24'; it is 'proxy'.",
        ],
        Mistakes(
            "--Accounts:Issuer=a:b", "--Accounts:NewPerHour=0", "--Database:Provider=mysql",
            "--Site:PublicOrigin=http://example.org", "--Site:OnionOrigin=http://example.org", "--Site:TrustedProxy=proxy"));

    [Theory]
    [InlineData("https://example.org")]
    [InlineData("https://example.org:8443")]
    [InlineData("http://localhost:5080")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://expyuzz4wqqyqhjn.onion")]
    public void An_origin_that_can_be_served_is_accepted(string origin) => Assert.Empty(Mistakes("--Site:PublicOrigin=" + origin));

    [Theory]
    [InlineData("example.org")]
    [InlineData("https://example.org/")]
    [InlineData("https://example.org/path")]
    [InlineData("ftp://example.org")]
    [InlineData("http://localhost.example.org")]
    [InlineData("")]
    public void Another_is_not(string origin) => Assert.Single(Mistakes("--Site:PublicOrigin=" + origin));

    internal static IEnumerable<string> Mistakes(params string[] arguments)
    {
        var builder = Shell.CreateBuilder(["--contentRoot", Path.GetTempPath(), .. arguments]);
        builder.AddShell();
        builder.Services.AddData(builder.Configuration).AddPlatform(work: false).AddAccounts(builder.Configuration);
        using var app = builder.Build() as IDisposable;
        return [.. Shell.Mistakes(((Microsoft.AspNetCore.Builder.WebApplication)app).Services).Order(StringComparer.Ordinal)];
    }
}
