using DigitalResistance.Testing;

namespace DigitalResistance.Tests.About;

/// <summary>The deployment's description tells the program the file that its documentation tells people to write.</summary>
public sealed class ComposeTests
{
    [Fact]
    public void The_containers_read_the_file_that_deployers_are_told_to_write()
    {
        var (compose, deploy) = (File.ReadAllText(Needs.Beside("docker-compose.yml")), File.ReadAllText(Needs.Beside("docs/operations/deploy.md")));
        Assert.Contains("./instance:/instance:ro", compose, StringComparison.Ordinal);
        Assert.Contains("Instance__File: /instance/instance.json", compose, StringComparison.Ordinal);
        Assert.Contains("cp docs/operations/instance.example.json instance/instance.json", deploy, StringComparison.Ordinal);
    }
}
