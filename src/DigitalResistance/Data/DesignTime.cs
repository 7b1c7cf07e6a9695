using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace DigitalResistance.Data;

// Used by `dotnet ef` only: it needs a context of each engine to write that engine's migrations, and opens no connection.

internal sealed class SqliteMoneyDesign : IDesignTimeDbContextFactory<SqliteMoneyDb>
{
    public SqliteMoneyDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite("Data Source=design.db").UseSnakeCaseNamingConvention().Options);
}

internal sealed class PostgresMoneyDesign : IDesignTimeDbContextFactory<PostgresMoneyDb>
{
    public PostgresMoneyDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresMoneyDb>().UseNpgsql("Host=design").UseSnakeCaseNamingConvention().Options);
}

internal sealed class SqliteProbesDesign : IDesignTimeDbContextFactory<SqliteProbesDb>
{
    public SqliteProbesDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteProbesDb>().UseSqlite("Data Source=design.db").UseSnakeCaseNamingConvention().Options);
}

internal sealed class PostgresProbesDesign : IDesignTimeDbContextFactory<PostgresProbesDb>
{
    public PostgresProbesDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresProbesDb>().UseNpgsql("Host=design").UseSnakeCaseNamingConvention().Options);
}
