namespace DigitalResistance.Web.Hosting;

/// <summary>
/// Gives back, once, what starting needed and nobody will need again: two database models, migrations, the code that made them. On a small server
/// that is a tenth of the whole program.
/// </summary>
internal sealed class StartUpMemory(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A program that could not start ends before; that is no failure of this.
        await Task.Delay(Settled, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stoppingToken.IsCancellationRequested) return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
