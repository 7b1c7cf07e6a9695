using System.Globalization;
using DigitalResistance.Data;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>
/// Whether backups are made: the job that makes them touches a file when it is done (docs/operations/back-up.md). The program cannot see
/// where they lie, and must not.
/// </summary>
internal sealed class BackupCheck(IOptions<DatabaseOptions> database, TimeProvider time, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    /// <summary>The file, in the data folder.</summary>
    public const string Stamp = "last-backup";

    private static readonly TimeSpan Oldest = TimeSpan.FromDays(2);

    public int Order => 6;

    public Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        var file = new FileInfo(Path.Combine(database.Value.Folder, Stamp));
        if (!file.Exists) return Task.FromResult(Finding(SetupState.Missing, texts["Backup.None", Stamp]));
        var made = new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero);
        var at = made.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return Task.FromResult(time.GetUtcNow() - made > Oldest ? Finding(SetupState.Missing, texts["Backup.Old", at]) : Finding(SetupState.Ready, texts["Backup.Ready", at]));
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Backup.Title"], text);
}
