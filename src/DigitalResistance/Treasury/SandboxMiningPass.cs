using DigitalResistance.Platform;

namespace DigitalResistance.Treasury;

/// <summary>Mines the sandbox's next block by the clock.</summary>
public sealed class SandboxMiningPass(SandboxChain chain) : IPass
{
    /// <inheritdoc/>
    public Task<int> RunAsync(CancellationToken cancellation)
    {
        chain.Mine();
        return Task.FromResult(1);
    }
}
