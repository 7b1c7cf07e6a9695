using DigitalResistance.Web.Hosting;

namespace DigitalResistance.Tests.Web;

/// <summary>What may stand behind the program's name.</summary>
public sealed class ProgramArgumentsTests
{
    [Theory]
    [InlineData("", "", false, false)]
    [InlineData("demo", "", true, false)]
    [InlineData("demo --step", "", true, true)]
    [InlineData("--step demo", "", true, true)]
    [InlineData("demo --step --urls http://localhost:1", "--urls http://localhost:1", true, true)]
    [InlineData("--Site:PublicOrigin=https://example.org demo", "--Site:PublicOrigin=https://example.org", true, false)]
    [InlineData("Roles=web --urls http://localhost:1", "Roles=web --urls http://localhost:1", false, false)]
    public void Settings_and_the_demo_are_understood(string line, string settings, bool demo, bool step)
    {
        var read = ProgramArguments.Read(Split(line), out var mistake);
        Assert.Empty(mistake);
        Assert.Equal(settings, string.Join(' ', read!.Settings));
        Assert.Equal((demo, step), (read.IsDemo, read.IsStepped));
    }

    [Theory]
    [InlineData("dmeo", "'dmeo'")]
    [InlineData("Demo", "'Demo'")]
    [InlineData("demo --stpe", "'--stpe'")]
    [InlineData("--step", "demo --step")]
    [InlineData("--urls", "'--urls'")]
    [InlineData("--urls --step demo", "'--urls'")]
    [InlineData("--urls demo", "'--urls'")]
    [InlineData("-- demo", "'--'")]
    [InlineData("=x", "'=x'")]
    public void Anything_else_is_named_and_refused(string line, string named)
    {
        Assert.Null(ProgramArguments.Read(Split(line), out var mistake));
        Assert.Contains(named, mistake, StringComparison.Ordinal);
    }

    private static string[] Split(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
