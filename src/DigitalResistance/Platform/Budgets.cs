using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Platform;

/// <summary>
/// Brakes what costs more than an answer, over all visitors together and all replicas: a bucket of tokens in the database that is
/// refilled over time. Behind Tor nobody has an address to be limited by.
/// </summary>
public sealed class Budgets(MoneyDb db, TimeProvider time)
{
    /// <summary>Takes one token of <paramref name="budget"/>, inside the transaction at hand, if there is one.</summary>
    /// <returns>Null when it was there; else how long until there is one again.</returns>
    public async Task<TimeSpan?> TakeAsync(Budget budget, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(budget);
        while (true)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var row = await db.Set<BudgetRow>().AsNoTracking().FirstOrDefaultAsync(b => b.Name == budget.Name, cancellation);
            if (row is null)
            {
                await db.Database.ExecuteSqlAsync(
                    $"INSERT INTO budgets (name, thousandths, counted_at) VALUES ({budget.Name}, {budget.Most * 1000L}, {now}) ON CONFLICT DO NOTHING", cancellation);
                continue;
            }

            var left = Left(row, budget, now);
            if (left < 1000) return Wait(left, budget);
            // Guarded by what was read: of two at once, one reads again.
            var (before, at) = (row.Thousandths, row.CountedAt);
            if (await db.Set<BudgetRow>().Where(b => b.Name == budget.Name && b.Thousandths == before && b.CountedAt == at)
                    .ExecuteUpdateAsync(set => set.SetProperty(b => b.Thousandths, left - 1000).SetProperty(b => b.CountedAt, Math.Max(now, at)), cancellation) == 1)
                return null;
        }
    }

    /// <summary>Null while there is a token; else how long until there is one. Takes nothing.</summary>
    public async Task<TimeSpan?> PeekAsync(Budget budget, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var row = await db.Set<BudgetRow>().AsNoTracking().FirstOrDefaultAsync(b => b.Name == budget.Name, cancellation);
        if (row is null) return null;
        var left = Left(row, budget, time.GetUtcNow().ToUnixTimeMilliseconds());
        return left < 1000 ? Wait(left, budget) : null;
    }

    /// <summary>Writes the budget's row as it is, for work that must cost as much as other work does.</summary>
    internal Task PretendAsync(Budget budget, CancellationToken cancellation) => db.Database.ExecuteSqlAsync(
        $"INSERT INTO budgets (name, thousandths, counted_at) VALUES ({budget.Name}, {budget.Most * 1000L}, {time.GetUtcNow().ToUnixTimeMilliseconds()}) ON CONFLICT (name) DO UPDATE SET thousandths = budgets.thousandths", cancellation);

    private static long Left(BudgetRow row, Budget budget, long now)
    {
        // A clock that was set back refills nothing.
        var passed = Math.Clamp(now - row.CountedAt, 0, (long)TimeSpan.FromDays(30).TotalMilliseconds);
        return Math.Min(budget.Most * 1000L, row.Thousandths + passed * budget.PerHour / 3600);
    }

    private static TimeSpan Wait(long left, Budget budget) => TimeSpan.FromMilliseconds(Math.DivRem((1000 - left) * 3600, budget.PerHour).Quotient + 1);
}

/// <summary>A bucket of tokens.</summary>
/// <param name="Name">Its permanent name, as <c>accounts.new</c>.</param>
/// <param name="Most">How many it holds, and begins with.</param>
/// <param name="PerHour">How many come back in an hour.</param>
public sealed record Budget(string Name, int Most, int PerHour);

/// <summary>What is left of one budget. Counted in thousandths, so that slow refills lose nothing, and in plain numbers that plain SQL can write.</summary>
public sealed class BudgetRow
{
    /// <summary>The budget.</summary>
    public required string Name { get; init; }

    /// <summary>Thousandths of tokens that were left at <see cref="CountedAt"/>.</summary>
    public long Thousandths { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long CountedAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<BudgetRow>
    {
        public void Configure(EntityTypeBuilder<BudgetRow> builder)
        {
            builder.ToTable("budgets");
            builder.HasKey(b => b.Name);
            builder.Property(b => b.Name).HasMaxLength(60);
        }
    }
}
