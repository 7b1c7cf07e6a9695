using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// <c>/health/live</c> says that the process answers; <c>/health/ready</c> that it can do its work. Bodies are one word:
/// what is wrong stands in the log. <c>Degraded</c> (with 200): it serves pages, but somebody must act. Features add checks tagged <c>ready</c>.
/// </summary>
internal static class Health
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddDbContextCheck<MoneyDb>("money", tags: ["ready"])
            .AddDbContextCheck<ProbesDb>("probes", tags: ["ready"])
            .AddCheck<NotStopping>("stopping", tags: ["ready"])
            .AddCheck<Sealing>("ledger", tags: ["ready"])
            .AddCheck<Locked>("payments", tags: ["ready"])
            .AddCheck<SpentElsewhere>("treasury", tags: ["ready"]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous().DisableRateLimiting();
        endpoints.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }).AllowAnonymous().DisableRateLimiting();
    }

    /// <summary>Red from the moment a stop was asked for, so that a balancer sends nobody new.</summary>
    private sealed class NotStopping(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy() : HealthCheckResult.Healthy());
    }

    /// <summary>
    /// Whether the log refuses to go on. A process with pages stays in the balancer, since the pages are what tells readers; one that only
    /// works cannot do its work.
    /// </summary>
    private sealed class Sealing(LedgerState ledger, IConfiguration configuration) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(ledger.Refusal is null ? HealthCheckResult.Healthy()
                : ProcessRoles.From(configuration).Pages ? HealthCheckResult.Degraded(ledger.Refusal.Found)
                : HealthCheckResult.Unhealthy(ledger.Refusal.Found));
    }

    /// <summary>Whether payments stand still because a restored database does not know yet all that the log says.</summary>
    private sealed class Locked(PaymentLock paymentLock) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await paymentLock.FindAsync(cancellationToken) is null ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded("The database was restored and does not know yet all that the log says; /treasury/recovery tells what is missing.");
    }

    /// <summary>Whether payments stand still until admins book a transaction that was not built here.</summary>
    private sealed class SpentElsewhere(MoneyDb db) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await db.ForeignSpends().AnyAsync(cancellationToken)
                ? HealthCheckResult.Degraded("Coins of the treasury were spent by a transaction that was not built here; the treasury page tells which.")
                : HealthCheckResult.Healthy();
    }
}
