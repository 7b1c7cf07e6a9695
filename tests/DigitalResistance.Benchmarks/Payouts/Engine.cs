namespace DigitalResistance.Testing;

/// <summary>The engine of a measurement: PostgreSQL where the command line names a database, SQLite otherwise.</summary>
internal static class Engine
{
    public static string Name => Connection is null ? "sqlite" : "postgres";

    /// <summary>The connection string of an empty database of PostgreSQL, from the command line.</summary>
    public static string? Connection { get; set; }

    /// <summary>As the tests ask for it.</summary>
    public static Task<string?> CreateAsync() => Task.FromResult(Connection);
}
