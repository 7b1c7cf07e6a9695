using System.Runtime.InteropServices;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Demo;

/// <summary>Walks the story: people, treasury, servers, and one round after another until it is stopped.</summary>
internal sealed class DemoDirector(
    DemoWorld world, DemoSignIns signIns, IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, IOptions<SiteOptions> site, TimeProvider time,
    IStringLocalizer<DemoTexts> texts) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Who closes the terminal's window ends the demo too, and its folder goes.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            lifetime.StopApplication();
        });
        try
        {
            await StartedAsync(stoppingToken);
            // Whichever ends first has failed, and ends the demo with it.
            await await Task.WhenAny(WalkAsync(stoppingToken), TakeGiftsAsync(stoppingToken), signIns.PrintOnEnterAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ctrl+C.
        }
        catch (UnexpectedEndingException surprise)
        {
            Environment.ExitCode = 1;
            Whisper(texts["Failed", surprise.Message]);
            lifetime.StopApplication();
        }
        catch (Exception)
        {
            Environment.ExitCode = 1;
            throw;
        }
    }

    private async Task WalkAsync(CancellationToken cancellation)
    {
        Whisper(texts["Begin", Link("/demo")]);
        await With<DemoPeople>(people => people.GatherAsync(cancellation));
        var people = world.People.Count;
        Tell(() => texts["People", people]);
        signIns.Print();

        await With<DemoTreasury>(treasury => treasury.AdoptAsync(cancellation));
        Tell(() => texts["Treasury", DemoWorld.SignersNeeded, world.Signers.Count]);
        await With<DemoRehearsal>(rehearsal => rehearsal.RehearseAsync(cancellation));
        Tell(() => texts["Rehearsed", DemoWorld.SignersNeeded]);
        await With<DemoSetup>(setup => setup.OpenAsync(cancellation));
        Tell(() => texts["Opened"]);
        await DonateAsync(new Sats(5_000_000), cancellation);
        await With<DemoServers>(servers => servers.RegisterAsync(cancellation));
        Tell(() => texts["Servers", world.Servers.Count]);

        while (true)
        {
            await WalkRoundOrLeaveItAsync(cancellation);
            await DonateAsync(new Sats(3_000_000), cancellation);
        }
    }

    /// <summary>Whoever signs in as an admin may cancel a round or take it back: the demo then begins another.</summary>
    private async Task WalkRoundOrLeaveItAsync(CancellationToken cancellation)
    {
        try
        {
            await WalkRoundAsync(cancellation);
        }
        catch (UnexpectedEndingException)
        {
            Tell(() => texts["Left"]);
            await Task.Delay(TimeSpan.FromSeconds(5), time, cancellation);
        }
    }

    private async Task WalkRoundAsync(CancellationToken cancellation)
    {
        var round = await With<DemoRound, Round>(act => act.OpenAsync(cancellation));
        var number = round.Number;
        Begin(DemoStep.Measure, number, round.EndsAt);
        var seconds = (int)(round.EndsAt - time.GetUtcNow()).TotalSeconds;
        Tell(() => texts["Open", number, Amount(round.Budget), seconds]);
        await MeasureAsync(round, cancellation);

        Begin(DemoStep.Freeze, number);
        await With<DemoRound>(act => act.FreezeAsync(number, cancellation));
        Tell(() => texts["Frozen", number]);
        await With<DemoRound>(act => act.AllocateAsync(number, cancellation));
        foreach (var outcome in await With<DemoRound, IReadOnlyList<DemoOutcome>>(act => act.OutcomesAsync(number, cancellation)))
        {
            var temper = outcome.Server.Proxy.Temper;
            Tell(() => texts[$"Outcome.{temper}", outcome.Server.Owner.Number, outcome.AvailabilityPpm / 10_000m, outcome.Weight, Amount(outcome.Paid)]);
        }

        Begin(DemoStep.Approve, number);
        AskFor(DemoRole.Admin, () => texts["Ask.Approve", number, Link($"/admin/rounds/{number}"), Link("/demo")]);
        await With<DemoRound>(act => act.ApproveAsync(number, cancellation));
        Tell(() => texts["Approved", number]);

        Begin(DemoStep.Build, number);
        var batches = await With<DemoPayment, int>(act => act.BuildAsync(number, cancellation));
        Tell(() => texts["Built", batches]);

        Begin(DemoStep.Sign, number);
        AskFor(DemoRole.Treasurer, () => texts["Ask.Sign", number, Link($"/treasury/rounds/{number}"), Link("/demo/wallet"), Link("/demo")]);
        await With<DemoPayment>(act => act.SignAsync(number, cancellation));
        Tell(() => texts["Signed"]);

        Begin(DemoStep.Confirm, number);
        var txids = await With<DemoPayment, string>(act => act.CloseAsync(number, cancellation));
        Begin(DemoStep.Closed, number);
        Tell(() => texts["Closed", number, txids]);
        Whisper(texts["Check", Link("/ledger"), Link("/verify")]);
    }

    /// <summary>Tells after each window what came through.</summary>
    private async Task MeasureAsync(Round round, CancellationToken cancellation)
    {
        var window = TimeSpan.FromSeconds(round.Policy.WindowSeconds);
        // A probe of the last slot takes its time to be recorded.
        var late = TimeSpan.FromSeconds(1);
        for (var start = round.StartsAt; start < round.EndsAt; start += window)
        {
            var (from, end) = (start, start + window);
            if (end + late - time.GetUtcNow() is { Ticks: > 0 } wait) await Task.Delay(wait, time, cancellation);
            var carried = await With<DemoRound, string>(act => act.CarriedAsync(from, end, cancellation));
            Tell(() => texts["Measured", (int)window.TotalSeconds, carried]);
        }
    }

    private async Task TakeGiftsAsync(CancellationToken cancellation)
    {
        await foreach (var amount in world.Gifts.ReadAllAsync(cancellation)) await DonateAsync(amount, cancellation);
    }

    /// <summary>A donation, and the wait until the ledger has it.</summary>
    private async Task DonateAsync(Sats amount, CancellationToken cancellation)
    {
        var receipt = await With<DemoTreasury, string>(treasury => treasury.DonateAsync(amount, cancellation));
        while (!await With<DemoTreasury, bool>(treasury => treasury.IsBookedAsync(receipt, cancellation))) await Task.Delay(200, cancellation);
        Tell(() => texts["Donation", Amount(amount)]);
    }

    /// <summary>With <c>--step</c>: what is to be done now, and as whom.</summary>
    private void AskFor(DemoRole role, Func<string> words)
    {
        if (!world.WaitsForBrowser) return;
        Whisper(words());
        signIns.Print(role);
    }

    private async Task StartedAsync(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellation);
    }

    private void Begin(DemoStep step, int round, DateTimeOffset? until = null) => world.Story.Scene = new DemoScene(round, step, until);

    /// <summary>On the console only: links and what to do, which the page has as such.</summary>
    private static void Whisper(string words) => DemoStory.Whisper($"          {words}");

    private void Tell(Func<string> words) => world.Story.Tell(time.GetUtcNow(), words);

    private string Link(string path) => site.Value.PublicOrigin + path;

    private static string Amount(Sats amount) => AmountTagHelper.Text(amount);

    private async Task With<TAct>(Func<TAct, Task> act)
        where TAct : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        await act(scope.ServiceProvider.GetRequiredService<TAct>());
    }

    private async Task<T> With<TAct, T>(Func<TAct, Task<T>> act)
        where TAct : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TAct>());
    }
}
