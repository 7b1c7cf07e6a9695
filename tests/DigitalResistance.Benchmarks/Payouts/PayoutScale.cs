using System.Diagnostics;
using System.Globalization;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Benchmarks.Payouts;

/// <summary>
/// <c>payouts 10000 [connection string]</c>: an approved round of so many recipients is planned, divided into transactions of a hundred, built and stored, as the button on the
/// treasurer's page does it; then looked at once more, which is what the page costs. Another process makes the round and the treasury first, so that the time and the memory are
/// those of the engine.
/// </summary>
internal static class PayoutScale
{
    private const int PerBatch = 100;
    private const long Amount = 20_000;

    // While fees are low several coins are spent together, as a treasury should.
    private const int CoinsOfABatch = 3;

    private static readonly (string, string)[] Settings = [("Payouts:MaxDaySat", "2100000000000000"), ("Bitcoin:LookAhead", "20")];

    public static async Task<int> RunAsync(string[] args)
    {
        var recipients = args is [var number, ..] ? int.Parse(number, CultureInfo.InvariantCulture) : 10_000;
        Engine.Connection = args is [_, var connection, ..] ? connection : null;
        var folder = Directory.CreateTempSubdirectory("dr-payouts-").FullName;
        var preparation = Process.Start(Environment.ProcessPath!, ["payouts-prepare", folder, recipients.ToString(CultureInfo.InvariantCulture), .. args.Skip(1)]);
        await preparation.WaitForExitAsync();
        if (preparation.ExitCode != 0) return preparation.ExitCode;

        await using var world = new PayoutWorld(TreasuryWorld.On(await MoneyDatabase.AtAsync(folder), Settings));
        // A small one first: a program that has run for a while has compiled all this.
        if (await world.BuildAsync(1) is not BuildResult.Built) throw new InvalidOperationException("The small round was not built.");
        await world.World.SealAsync();

        var (before, watch, cpu) = (Peak(), Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var result = await world.BuildAsync(2);
        var built = result as BuildResult.Built ?? throw new InvalidOperationException($"Not built: {result}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Engine.Name}: {recipients:N0} recipients in {built.Numbers.Count:N0} transactions planned, built and stored in {watch.Elapsed.TotalSeconds:0.00} s ({(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.0} s of this process's CPU), {built.Waiting:N0} wait for coins; memory at most {Peak()} MiB, {before} MiB before"));
        watch.Restart();
        await world.World.Do((BatchBuilding act) => act.LookAsync(2, 6, default));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"looking at the round again: {watch.Elapsed.TotalMilliseconds:0} ms; memory at most {Peak()} MiB"));
        return 0;
    }

    /// <summary>A treasury, a small round and the large one, in a folder and a database that outlive this process.</summary>
    public static async Task<int> PrepareAsync(string[] args)
    {
        var recipients = int.Parse(args[1], CultureInfo.InvariantCulture);
        Engine.Connection = args is [_, _, var connection, ..] ? connection : null;
        var world = new PayoutWorld(TreasuryWorld.On(await MoneyDatabase.AtAsync(args[0]), Settings));
        await world.World.AdoptAsync();
        var script = PayoutWorld.Script((await world.World.DonateAsync()).Address);
        var coins = CoinsOfABatch * ((recipients / PerBatch) + 3);
        for (var i = 0; i < coins; i++) world.World.Chain.Pay(script, new Sats(2 * PerBatch * Amount));
        world.World.Chain.Mine(2);
        // A turn books a part of them.
        for (var turn = 0; await world.World.Read(db => db.Set<TreasuryCoin>().CountAsync(c => c.IsBooked)) < coins; turn++)
        {
            if (turn > coins) throw new InvalidOperationException("The donations are not booked.");
            await world.World.FollowAsync();
        }

        await world.LimitedAsync(1, maxFee: 1_000_000, maxRate: 50, [.. Enumerable.Repeat(Amount, 2 * PerBatch)]);
        await world.LimitedAsync(2, maxFee: recipients * 1_000L, maxRate: 50, [.. Enumerable.Repeat(Amount, recipients)]);
        return 0;
    }

    private static long Peak()
    {
        using var me = Process.GetCurrentProcess();
        return me.PeakWorkingSet64 >> 20;
    }
}
