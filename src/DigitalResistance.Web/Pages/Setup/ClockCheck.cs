using System.Runtime.InteropServices;
using DigitalResistance.Data;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Localization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>
/// Whether this machine knows what time it is: one-time codes, slots and cooling-off times rest on it. Nobody is asked over the network; three
/// things that are known anyway are compared: the kernel's own word, the clock of the database, and the newest block.
/// </summary>
internal sealed class ClockCheck(MoneyDb db, IChain chain, IOptions<DatabaseOptions> database, TimeProvider time, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    /// <summary>Half a step of a one-time code.</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(15);

    /// <summary>No block is accepted from further in the future (MAX_FUTURE_BLOCK_TIME of Bitcoin Core).</summary>
    private static readonly TimeSpan BlocksAhead = TimeSpan.FromHours(2);

    public int Order => 50;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        if (database.Value.IsPostgres)
        {
            var theirs = await db.Database.SqlQueryRaw<DateTime>("SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellation);
            var apart = (time.GetUtcNow().UtcDateTime - theirs.ToUniversalTime()).Duration();
            if (apart > Tolerated) return Finding(SetupState.Missing, texts["Clock.Database", (long)apart.TotalSeconds]);
        }

        if (await NewestBlockAsync(cancellation) > time.GetUtcNow() + BlocksAhead) return Finding(SetupState.Missing, texts["Clock.Blocks"]);
        return KernelClock.IsKept() == false ? Finding(SetupState.Advised, texts["Clock.Unkept"]) : Finding(SetupState.Ready, texts["Clock.Ready"]);
    }

    private async Task<DateTimeOffset?> NewestBlockAsync(CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return (await chain.ProgressAsync(either.Token))?.NewestAt;
        }
        catch (Exception away) when (away is ChainUnavailableException or ChainMismatchException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Clock.Title"], text);
}

/// <summary>Whether a time service keeps the kernel's clock (<see href="https://man7.org/linux/man-pages/man2/adjtimex.2.html"/>). Only asks.</summary>
internal static class KernelClock
{
    // TIME_ERROR: the clock is not synchronised.
    private const int NotSynchronised = 5;

    /// <summary>Null where the machine does not tell.</summary>
    public static bool? IsKept()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            // A zeroed struct timex has no bit in 'modes', so nothing is adjusted; it is smaller than this on every architecture.
            return AdjustTime(new byte[512]) switch { < 0 => null, NotSynchronised => false, _ => true };
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "adjtimex"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdjustTime(byte[] timex);
}
