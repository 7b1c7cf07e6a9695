using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Web.Demo;

/// <summary>The treasurer's part of a round: build, take the PSBT to two key holders, bring it back. Sending and confirming happen by themselves.</summary>
internal sealed class DemoPayment(MoneyDb db, DemoWorld world, BatchBuilding building, BatchExport export, SignatureIntake intake)
{
    private const int TargetBlocks = 3;

    /// <summary>Builds every batch of the round.</summary>
    public async Task<int> BuildAsync(int round, CancellationToken cancellation)
    {
        // The approvals come under a checkpoint a moment after they are given.
        BuildResult result;
        while ((result = await building.BuildAsync(round, TargetBlocks, Treasurer.Id, cancellation)) is BuildResult.NotPublishedYet) await AgainAsync(cancellation);
        if (result is BuildResult.NothingToBuild) return await db.Set<Batch>().CountAsync(b => b.RoundNumber == round, cancellation);
        return Expect.That<BuildResult.Built>(result).Numbers.Count;
    }

    /// <summary>Two key holders sign each batch, or do so in the browser.</summary>
    public async Task SignAsync(int round, CancellationToken cancellation)
    {
        if (!await world.IsLeftToDemoAsync(DemoStep.Sign, () => IsSignedAsync(round, cancellation), cancellation)) return;
        foreach (var batch in await WaitingAsync(round, cancellation))
        {
            var psbt = await DownloadAsync(batch, cancellation);
            foreach (var signer in world.Signers.Take(DemoWorld.SignersNeeded))
            {
                var copy = PSBT.Load(psbt, Network.RegTest);
                signer.Sign(copy);
                db.ChangeTracker.Clear();
                var taken = await intake.TakeAsync(batch, copy.ToBytes(), Treasurer.Id, cancellation);
                // In the browser somebody may have brought one of the two already.
                if (taken is not (IntakeResult.NothingNew or IntakeResult.AlreadyComplete)) Expect.That<IntakeResult.Accepted>(taken);
            }
        }
    }

    /// <summary>Waits until the chain has confirmed everything and the round is closed.</summary>
    public async Task<string> CloseAsync(int round, CancellationToken cancellation)
    {
        while (await db.Set<Round>().AsNoTracking().Where(r => r.Number == round).Select(r => r.State).SingleAsync(cancellation) is not RoundState.Closed) await AgainAsync(cancellation);
        return string.Join(' ', await db.Set<Payout>().AsNoTracking().Where(p => p.RoundNumber == round && p.PaidTxid != null).Select(p => p.PaidTxid!).Distinct().ToListAsync(cancellation));
    }

    private DemoPerson Treasurer => world.People.Single(p => p.Role == DemoRole.Treasurer);

    private async Task<byte[]> DownloadAsync(Guid batch, CancellationToken cancellation)
    {
        ExportResult result;
        while ((result = await export.DownloadAsync(batch, cancellation)) is ExportResult.NotPublishedYet) await AgainAsync(cancellation);
        return Expect.That<ExportResult.Ready>(result).Psbt;
    }

    private Task<List<Guid>> WaitingAsync(int round, CancellationToken cancellation) => db.Set<Batch>().AsNoTracking()
        .Where(b => b.RoundNumber == round && (b.State == BatchState.Built || b.State == BatchState.Exported || b.State == BatchState.PartlySigned))
        .Select(b => b.Id).ToListAsync(cancellation);

    private async Task<bool> IsSignedAsync(int round, CancellationToken cancellation) => (await WaitingAsync(round, cancellation)).Count == 0;

    private async Task AgainAsync(CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        await Task.Delay(200, cancellation);
    }
}
