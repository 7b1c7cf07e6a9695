using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Web.Demo;

/// <summary>The treasurer and two key holders rehearse the treasury: a small deposit goes back to it by the way of every payment, before anybody gives.</summary>
internal sealed class DemoRehearsal(
    MoneyDb db, DemoWorld world, SandboxChain chain, Rehearsals rehearsals, RehearsalQuery query, MoveBuilding building, BatchExport export, SignatureIntake intake)
{
    private const int TargetBlocks = 3;

    /// <summary>Deposits, builds and signs; sending and confirming happen by themselves.</summary>
    public async Task RehearseAsync(CancellationToken cancellation)
    {
        var address = Expect.That<RehearsalResult.Given>(await rehearsals.GiveAddressAsync(cancellation)).Address;
        var least = await query.LeastDepositAsync((await query.FindAsync(cancellation))!.Treasury, cancellation);
        chain.Pay(BitcoinAddress.Create(address, Network.RegTest).ScriptPubKey, least);

        RehearsalResult prepared;
        while ((prepared = await rehearsals.PrepareAsync(Treasurer.Id, cancellation)) is RehearsalResult.NoCoin) await AgainAsync(cancellation);
        var move = Expect.That<RehearsalResult.Prepared>(prepared).Move;
        BuildResult built;
        while ((built = await building.BuildAsync(move, TargetBlocks, Treasurer.Id, cancellation)) is BuildResult.NotPublishedYet) await AgainAsync(cancellation);
        Expect.That<BuildResult.Built>(built);

        var batch = await db.Set<Batch>().AsNoTracking().Where(b => b.MoveNumber == move).Select(b => b.Id).SingleAsync(cancellation);
        ExportResult exported;
        while ((exported = await export.DownloadAsync(batch, cancellation)) is ExportResult.NotPublishedYet) await AgainAsync(cancellation);
        foreach (var signer in world.Signers.Take(DemoWorld.SignersNeeded))
        {
            var copy = PSBT.Load(Expect.That<ExportResult.Ready>(exported).Psbt, Network.RegTest);
            signer.Sign(copy);
            db.ChangeTracker.Clear();
            Expect.That<IntakeResult.Accepted>(await intake.TakeAsync(batch, copy.ToBytes(), Treasurer.Id, cancellation));
        }

        while (!await query.IsDoneAsync(cancellation)) await AgainAsync(cancellation);
    }

    private DemoPerson Treasurer => world.People.Single(p => p.Role == DemoRole.Treasurer);

    private async Task AgainAsync(CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        await Task.Delay(200, cancellation);
    }
}
