using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Data;

/// <summary>Registration of the two contexts on the configured engine, and the schema at start.</summary>
public static class DataServices
{
    /// <summary>Registers <see cref="MoneyDb"/> and <see cref="ProbesDb"/> (scoped) on the engine that <see cref="DatabaseOptions"/> names.</summary>
    public static IServiceCollection AddData(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection("Database");
        services.AddOptions<DatabaseOptions>().Bind(section).ValidateDataAnnotations()
            .Validate(o => !o.IsPostgres || !string.IsNullOrWhiteSpace(o.ConnectionString), "Database:ConnectionString must be set when Database:Provider is 'postgres'.")
            .ValidateOnStart();

        if (section.GetValue<string>(nameof(DatabaseOptions.Provider)) == "postgres")
        {
            services.AddDbContext<MoneyDb, PostgresMoneyDb>((provider, options) => Postgres(provider, options));
            services.AddDbContext<ProbesDb, PostgresProbesDb>((provider, options) => Postgres(provider, options));
        }
        else
        {
            services.AddDbContext<MoneyDb, SqliteMoneyDb>((provider, options) => Sqlite(provider, options, "money.db", "FULL"));
            services.AddDbContext<ProbesDb, SqliteProbesDb>((provider, options) => Sqlite(provider, options, "probes.db", "NORMAL"));
        }

        return services;
    }

    /// <summary>Brings both schemas up to date. Safe to call from several replicas at once: EF takes a migration lock.</summary>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellation = default)
    {
        var options = services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        Directory.CreateDirectory(options.Folder);
        var money = Task.Run(() => MigrateAsync<MoneyDb>(services, cancellation), cancellation);
        // On PostgreSQL they share a database, which the first of them may have to create; two files are no concern of each other.
        if (options.IsPostgres) await money;
        await Task.WhenAll(money, MigrateAsync<ProbesDb>(services, cancellation));
    }

    private static async Task MigrateAsync<TContext>(IServiceProvider services, CancellationToken cancellation)
        where TContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TContext>().Database.MigrateAsync(cancellation);
    }

    private static void Postgres(IServiceProvider provider, DbContextOptionsBuilder options) =>
        options.UseNpgsql(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.ConnectionString,
                // Two contexts in one database: each remembers its own migrations.
                npgsql => npgsql.MigrationsHistoryTable(options.Options.ContextType == typeof(PostgresMoneyDb) ? "migrations_money" : "migrations_probes"))
            .UseSnakeCaseNamingConvention().ConfigureWarnings(TrustMigrations);

    private static void Sqlite(IServiceProvider provider, DbContextOptionsBuilder options, string file, string synchronous)
    {
        var folder = provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.Folder;
        var connection = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, file), DefaultTimeout = 30 };
        options.UseSqlite(connection.ConnectionString).UseSnakeCaseNamingConvention().AddInterceptors(new SqlitePragmas(synchronous)).ConfigureWarnings(TrustMigrations);
    }

    // That model and migrations agree is a test's business; comparing them would take a third of every start.
    private static void TrustMigrations(WarningsConfigurationBuilder warnings) => warnings.Ignore(RelationalEventId.PendingModelChangesWarning);
}
