using DigitalResistance.Platform;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Treasury;

/// <summary>The product on an embedded chain.</summary>
internal class SandboxApp : WebApp
{
    protected override IEnumerable<(string Key, string Value)> Settings =>
        [("Bitcoin:Network", "regtest"), ("Bitcoin:Backend", "sandbox"), ("Bitcoin:LookAhead", "5")];

    /// <summary>A treasury as one would be adopted at its page.</summary>
    public Task<AdoptionResult> AdoptAsync(string descriptor = TestTreasuries.TwoOfThree) =>
        InScopeAsync(services => services.GetRequiredService<TreasuryAdoption>().AdoptAsync(descriptor, null, default));

    /// <summary>Somebody pays to the treasury, and blocks bury it.</summary>
    public Task<int> PayAsync(uint index, long sats, int blocks = 3) => InScopeAsync(async services =>
    {
        var chain = services.GetRequiredService<SandboxChain>();
        chain.Pay(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Derive(Branch.Receive, index).ScriptPubKey, new Sats(sats));
        chain.Mine(blocks);
        return await services.GetRequiredService<ChainPass>().RunAsync(default);
    });

    public Task<int> MineAsync(int blocks) => InScopeAsync(async services =>
    {
        services.GetRequiredService<SandboxChain>().Mine(blocks);
        return await services.GetRequiredService<ChainPass>().RunAsync(default);
    });

    /// <summary>Puts what waits under a checkpoint.</summary>
    public Task<int> SealAsync() => InScopeAsync(services => services.GetRequiredService<DigitalResistance.Ledger.SealingPass>().RunAsync(default));
}
