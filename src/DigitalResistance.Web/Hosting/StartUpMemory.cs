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
        await Task.Delay(Settled, time, stoppingToken);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
