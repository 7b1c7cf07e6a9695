using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Web.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>What an administrator sees and can do when the log stops.</summary>
public sealed class LedgerOperatorTests
{
    [Theory]
    [InlineData("true", 200, "Degraded")]
    [InlineData("false", 503, "Unhealthy")]
    public async Task A_log_that_refuses_shows_in_health_and_a_process_with_pages_goes_on_serving_them(string pages, int status, string word)
    {
        await using var app = new App(("Roles:Pages", pages));
        using var visitor = app.NewVisitor();
        Assert.Equal("Healthy", (await visitor.GetAsync("/health/ready")).Html);
        var state = app.Services.GetRequiredService<LedgerState>();
        state.Refused(new LedgerRefusedException("A row was changed.", "Put it back."), app.Time.GetUtcNow());
        var ready = await visitor.GetAsync("/health/ready");
        Assert.Equal((status, word), (ready.Status, ready.Html));
        state.Passed(null);
        Assert.Equal("Healthy", (await visitor.GetAsync("/health/ready")).Html);
    }

    [Fact]
    public async Task The_console_replaces_the_logs_key_and_refuses_what_it_does_not_know()
    {
        await using var app = new App();
        Assert.Equal(1, await LedgerCommands.RunAsync("burn", app.Services));
        Assert.Equal(1, await LedgerCommands.RunAsync("add-key", app.Services));
        await SealAsync(app);
        Assert.Equal(0, await LedgerCommands.RunAsync("readmit", app.Services));
        Assert.Equal(1, await LedgerCommands.RunAsync("revoke-key", app.Services));
        Assert.Equal(0, await LedgerCommands.RunAsync("add-key", app.Services));
        await SealAsync(app);
        Assert.Equal(0, await LedgerCommands.RunAsync("revoke-key", app.Services));
        await SealAsync(app);
        Assert.Equal(["log.created", "log.key_added", "log.key_revoked"], await app.InScopeAsync(services =>
            services.GetRequiredService<MoneyDb>().Set<LedgerLine>().OrderBy(l => l.Index).Select(l => l.Type).ToListAsync()));
    }

    [Fact]
    public void A_command_stands_before_the_settings()
    {
        string[] arguments = ["ledger", "readmit", "--Database:Folder=x"];
        Assert.Equal("readmit", LedgerCommands.TakeFrom(ref arguments));
        Assert.Equal(["--Database:Folder=x"], arguments);
        arguments = ["ledger", "--urls=x"];
        Assert.Equal("", LedgerCommands.TakeFrom(ref arguments));
        arguments = ["--urls=x"];
        Assert.Null(LedgerCommands.TakeFrom(ref arguments));
    }

    private static Task<int> SealAsync(App app) => app.InScopeAsync(services => services.GetRequiredService<SealingPass>().RunAsync(default));

    private sealed class App(params (string Key, string Value)[] settings) : WebApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings => settings;
    }
}
