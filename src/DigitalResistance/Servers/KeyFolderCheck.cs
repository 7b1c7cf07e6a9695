using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DigitalResistance.Servers;

/// <summary>
/// At start: an empty registry gets its key, a registry that has servers but no key refuses to start. A key made anew would quietly
/// forget every reserved address and every limit.
/// </summary>
public sealed class KeyFolderCheck(ServerKeys keys, MoneyDb db)
{
    /// <summary>Makes the registry's key where nothing depends on it yet; throws <see cref="InvalidOperationException"/> where it is missing.</summary>
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        if (keys.HasRegistryKey) return;
        if (await db.Set<Server>().AnyAsync(cancellation))
        {
            throw new InvalidOperationException(
                $"The database has servers, but their keys are missing: there is no registry.key in '{keys.Folder}'. "
                + "Restore that folder, or name the right one in Servers:KeyFolder. It is not part of the database's backup, on purpose.");
        }

        keys.CreateRegistryKey();
    }
}

/// <summary>Runs the check before anything else of the process begins.</summary>
internal sealed class KeyFolderStart(IServiceScopeFactory scopes) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<KeyFolderCheck>().RunAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
