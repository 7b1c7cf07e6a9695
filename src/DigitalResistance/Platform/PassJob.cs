using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quartz;

namespace DigitalResistance.Platform;

/// <summary>
/// The one Quartz job type: runs one <typeparamref name="TPass"/> in a scope of its own, remembers when it last succeeded
/// (<see cref="PassHealth"/>) and holds the one broad catch, so that a failing pass is tried again at its next turn.
/// </summary>
[DisallowConcurrentExecution]
public sealed partial class PassJob<TPass>(IServiceScopeFactory scopes, PassHealth health, TimeProvider time, ILogger<PassJob<TPass>> log) : IJob
    where TPass : class, IPass
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = typeof(TPass).Name;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<TPass>().RunAsync(cancellationToken);
            health.Succeeded(name, time.GetUtcNow());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            health.Failed(name, time.GetUtcNow());
            LogFailed(exception, name);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The pass {Pass} failed and will be tried again at its next turn")]
    private partial void LogFailed(Exception exception, string pass);
}
