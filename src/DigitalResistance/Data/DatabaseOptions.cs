using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Data;

/// <summary>Where the data lives (section <c>Database</c>).</summary>
public sealed class DatabaseOptions
{
    /// <summary><c>sqlite</c> (default: two files in <see cref="Folder"/>, one process only) or <c>postgres</c>.</summary>
    [RegularExpression("sqlite|postgres", ErrorMessage = "Database:Provider must be 'sqlite' or 'postgres'.")]
    public string Provider { get; set; } = "sqlite";

    /// <summary>Connection string of PostgreSQL; not used by SQLite.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Folder of everything that is kept in files: SQLite databases, ledger, keys. Default: <c>data</c> below the content root.</summary>
    [Required(ErrorMessage = "Database:Folder must name a folder.")]
    public string Folder { get; set; } = "data";

    /// <summary>Whether PostgreSQL is used.</summary>
    public bool IsPostgres => Provider == "postgres";
}
