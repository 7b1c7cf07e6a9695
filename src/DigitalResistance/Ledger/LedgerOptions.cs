using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Ledger;

/// <summary>The public log (section <c>Ledger</c>).</summary>
public sealed class LedgerOptions
{
    /// <summary>
    /// Name of the log for ever: its public URL without scheme and trailing slash, as <c>example.org/ledger</c>. Written into the first
    /// entry when the log is created; later it may be left out, and a different one is refused. Default: <c>localhost/ledger</c>.
    /// </summary>
    [RegularExpression(@"[^\s+\\""]+", ErrorMessage = "Ledger:Origin must be a URL without scheme: no space, no '+', no quote.")]
    public string? Origin { get; set; }

    /// <summary>
    /// Folder of the signing key and of the last signed checkpoint. Must not be part of the database's backup: it is what notices that an
    /// old one was restored. Default: <c>keys</c> in <c>Database:Folder</c>.
    /// </summary>
    public string? KeyFolder { get; set; }

    /// <summary>Most entries sealed under one checkpoint. Default: 8192.</summary>
    [Range(1, 65536, ErrorMessage = "Ledger:BatchSize must lie between 1 and 65536.")]
    public int BatchSize { get; set; } = 8192;

    /// <summary>How often waiting entries are looked for. Default: one second, so that an event is under a signed checkpoint within two.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ErrorMessage = "Ledger:Interval must lie between 0.1 seconds and one hour.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);
}
