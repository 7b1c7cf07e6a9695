using DigitalResistance.Accounts;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Data;

/// <summary>
/// Everything that money rests on: accounts, servers, rounds, payouts, ledger. Each entity maps itself in a nested
/// <c>Mapping : IMoneyMapping&lt;T&gt;</c>, so that shape and storage stand on one screen; this class holds no query.
/// </summary>
public abstract class MoneyDb(DbContextOptions options)
    : IdentityDbContext<Account, IdentityRole<Guid>, Guid>(options), IDataProtectionKeyContext
{
    /// <summary>Data protection's key ring: cookies and antiforgery tokens survive a restart and are shared by replicas.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.ApplyOurs(Database);

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(MoneyDb).Assembly, type => type.Implements(typeof(IMoneyMapping<>)));
        builder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        builder.Entity<IdentityRole<Guid>>().ToTable("roles");
        builder.Entity<IdentityUserRole<Guid>>().ToTable("account_roles");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("account_claims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("account_logins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("account_tokens");
        builder.Entity<IdentityRoleClaim<Guid>>().ToTable("role_claims");
    }
}

/// <summary>The mapping of an entity that lives in <see cref="MoneyDb"/>.</summary>
public interface IMoneyMapping<T> : IEntityTypeConfiguration<T> where T : class;

/// <summary>The money database on SQLite, with its own migrations.</summary>
public sealed class SqliteMoneyDb(DbContextOptions<SqliteMoneyDb> options) : MoneyDb(options);

/// <summary>The money database on PostgreSQL, with its own migrations.</summary>
public sealed class PostgresMoneyDb(DbContextOptions<PostgresMoneyDb> options) : MoneyDb(options);
