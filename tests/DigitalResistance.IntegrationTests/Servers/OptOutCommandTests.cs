using System.Net;
using System.Text.RegularExpressions;
using DigitalResistance.Data;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.IntegrationTests.Servers;

/// <summary>The commands as the pages show them, in a shell: also through the open proxy that they are about.</summary>
public sealed partial class OptOutCommandTests(OptOutCommandTests.LoopbackApp app) : IClassFixture<OptOutCommandTests.LoopbackApp>
{
    [Fact]
    public async Task A_user_of_an_open_proxy_speaks_for_its_machine_until_the_operators_cron_calls_home()
    {
        Needs.Program("curl");
        await app.StartCanaryAsync();
        await using var proxy = await MicrosocksPeer.StartAsync();
        using var owner = app.NewVisitor();
        await owner.SignInAsync(await app.NewPersonAsync());
        var server = await owner.SubmitAsync(
            await owner.OpenAsync("/en/my/servers/new?protocol=socks5"), "Input.Host", ("Input.Label", "open"), ("Input.Host", "127.0.0.1"), ("Input.Port", $"{proxy.Port}"));
        var (once, cron) = (Command(server, "curl -fsS -d"), Command(server, "* * * * curl"));
        Assert.Equal("""{"result":"proven"}""", await RunAsync(once));
        Assert.Contains("Traffic went through", await TestAsync(owner, server), StringComparison.Ordinal);

        using var stranger = app.NewVisitor();
        var ask = Command(await stranger.OpenAsync("/en/abuse"), "curl -sS -X PUT");
        var through = $"{ask} --proxy socks5h://127.0.0.1:{proxy.Port}";
        Assert.Equal("""{"result":"left_alone"}""", await RunAsync(through));
        Assert.Contains("asked to be left alone", await TestAsync(owner, server), StringComparison.Ordinal);
        Assert.Contains("call from the server", await PressAsync(owner, server, "Prove"), StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", await RunAsync(ask), StringComparison.Ordinal);

        Assert.Equal("", await RunAsync(CronTime().Replace(cron, "")));
        Assert.Contains("Traffic went through", await TestAsync(owner, server), StringComparison.Ordinal);
        Assert.Equal(0, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<OptOut>().CountAsync()));
        Assert.Contains("Nothing was changed", await RunAsync(through), StringComparison.Ordinal);
    }

    private static Task<string> TestAsync(Visitor owner, Page server) => PressAsync(owner, server, "Test");

    private static async Task<string> PressAsync(Visitor owner, Page server, string handler)
    {
        var page = await owner.OpenAsync(server.Path);
        return (await owner.SubmitAsync(page, page.Forms.First(f => f.Action?.Contains("handler=" + handler, StringComparison.Ordinal) == true).Html)).Text;
    }

    private string Command(Page page, string mark)
    {
        var command = Assert.Single(Commands().Matches(page.Html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)), c => c.Contains(mark, StringComparison.Ordinal));
        // The page names the public origin of the installation, which here nobody listens at.
        Assert.Contains("http://localhost:5080/", command, StringComparison.Ordinal);
        return command.Replace("http://localhost:5080", app.Origin.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
    }

    private static Task<string> RunAsync(string command) => PeerProcess.RunAsync("/bin/sh", ["-c", command]);

    [GeneratedRegex("<pre><code>([^<]*)</code></pre>")]
    private static partial Regex Commands();

    [GeneratedRegex(@"^\d+( \*){4} ")]
    private static partial Regex CronTime();

    /// <summary>A site whose servers and canary live on loopback.</summary>
    public sealed class LoopbackApp : WebApp
    {
        private CanaryHost? _canary;

        protected override IEnumerable<(string Key, string Value)> Settings =>
            [("Dialing:AllowLoopback", "true"), ("Canary:Listen", "127.0.0.1:0"), ("Probing:TlsTargets", "none")];

        public async Task StartCanaryAsync()
        {
            _ = Origin;
            _canary = ActivatorUtilities.CreateInstance<CanaryHost>(Services);
            await _canary.StartAsync(CancellationToken.None);
        }

        public override async ValueTask DisposeAsync()
        {
            if (_canary is not null) await _canary.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
