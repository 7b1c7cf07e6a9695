using DigitalResistance.Accounts;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>
/// Opens the site for donations and rounds, once, when nothing is red. It is never closed again by itself: what turns red later warns
/// admins, since a node that restarts must not take away the address from whoever is about to pay.
/// </summary>
public sealed class SiteOpening(SetupChecks checks, Site site, TimeProvider time)
{
    /// <summary>Opens it, or says why not. However often and at once it is called, there is one opening.</summary>
    public async Task<Result> OpenAsync(CancellationToken cancellation)
    {
        if (await site.OpenedAtAsync(cancellation) is not null) return new Result.Opened();
        var report = await checks.LookAsync(cancellation);
        if (!report.IsGreen) return new Result.StillRed(report);
        await site.OpenAsync(time.GetUtcNow(), cancellation);
        return new Result.Opened();
    }

    /// <summary>How it can end.</summary>
    public abstract record Result
    {
        private Result()
        {
        }

        /// <summary>It is open, by this call or by another one.</summary>
        public sealed record Opened : Result;

        /// <summary>Something is red.</summary>
        public sealed record StillRed(SetupReport Report) : Result;
    }
}
