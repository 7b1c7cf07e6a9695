using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace DigitalResistance.Data;

/// <summary>
/// The high-rate stream of assignments, results and rollups. On SQLite it is a second file that may be lost without losing money:
/// freezing a round copies its scores into <see cref="MoneyDb"/>.
/// </summary>
public abstract class ProbesDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>Begins a transaction; no form runs in one on this database.</summary>
#pragma warning disable RS0030 // The one place that begins.
    public Task<IDbContextTransaction> BeginAsync(CancellationToken cancellation) => Database.BeginTransactionAsync(cancellation);
#pragma warning restore RS0030

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.ApplyOurs(Database);

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ProbesDb).Assembly, type => type.Implements(typeof(IProbesMapping<>)));
}

/// <summary>The mapping of an entity that lives in <see cref="ProbesDb"/>.</summary>
public interface IProbesMapping<T> : IEntityTypeConfiguration<T> where T : class;

/// <summary>The probes database on SQLite, with its own migrations.</summary>
public sealed class SqliteProbesDb(DbContextOptions<SqliteProbesDb> options) : ProbesDb(options);

/// <summary>The probes database on PostgreSQL, with its own migrations.</summary>
public sealed class PostgresProbesDb(DbContextOptions<PostgresProbesDb> options) : ProbesDb(options);
