using System.Text.RegularExpressions;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.House;

/// <summary>The production shape is read by Debian's docker-compose as it is by an administrator's.</summary>
public sealed class ComposeTests
{
    private static readonly string File = Needs.Beside("docker-compose.yml");

    [Theory]
    [InlineData("", "")]
    [InlineData("regtest", "bitcoin-regtest")]
    [InlineData("mainnet", "bitcoin-mainnet")]
    [InlineData("esplora", "")]
    [InlineData("edge", "edge")]
    [InlineData("tor", "tor")]
    public async Task Every_profile_is_valid_and_adds_what_it_names(string profile, string added)
    {
        string[] profiles = profile.Length > 0 ? ["--profile", profile] : [];
        await ComposeAsync([.. profiles, "config", "--quiet"]);
        var services = (await ComposeAsync([.. profiles, "config", "--services"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Superset(new HashSet<string>(["web", "worker", "database"]), services.ToHashSet());
        if (added.Length > 0) Assert.Contains(added, services);
    }

    [Fact]
    public async Task Every_image_is_pinned_to_an_exact_version()
    {
        var images = Regex.Matches(await ComposeAsync(["config"]), @"^\s+image: (\S+)$", RegexOptions.Multiline).Select(m => m.Groups[1].Value);
        var bases = Regex.Matches(await System.IO.File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(File)!, "src/DigitalResistance.Web/Dockerfile")), @"^FROM (\S+)", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value);
        Assert.All(images.Concat(bases), image => Assert.Matches(@":v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$", image));
    }

    [Fact]
    public async Task Every_service_has_a_health_check_and_no_secret_stands_in_the_environment()
    {
        var config = await ComposeAsync(["config"]);
        var services = (await ComposeAsync(["config", "--services"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(services.Length, Regex.Count(config, "^    healthcheck:$", RegexOptions.Multiline));
        Assert.DoesNotMatch(@"(?im)^\s+\w*(password|connectionstring|secret|token)\w*: (?!/run/secrets/)\S", Regex.Replace(config, @"(?s)^.*?^services:", "", RegexOptions.Multiline));
    }

    [Fact]
    public async Task The_image_is_built_from_every_project_that_the_web_program_needs()
    {
        var root = Path.GetDirectoryName(File)!;
        var dockerfile = await System.IO.File.ReadAllTextAsync(Path.Combine(root, "src/DigitalResistance.Web/Dockerfile"));
        var references = await PeerProcess.RunAsync(Needs.Program("dotnet"),
            ["msbuild", Path.Combine(root, "src/DigitalResistance/DigitalResistance.csproj"), "-getItem:ProjectReference", "-nologo"], seconds: 120);
        var names = Regex.Matches(references, @"""Filename"": ""([\w.]+)""").Select(m => m.Groups[1].Value).Append("DigitalResistance").ToList();
        Assert.True(names.Count >= 3);
        Assert.All(names, name => Assert.Contains($"COPY src/{name}/{name}.csproj src/{name}/", dockerfile, StringComparison.Ordinal));
    }

    private static Task<string> ComposeAsync(string[] arguments) =>
        PeerProcess.RunAsync(Needs.Program("docker-compose"), ["-f", File, .. arguments]);
}
