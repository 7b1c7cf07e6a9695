using DigitalResistance.Data;
using DigitalResistance.Web.Localization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether both databases answer and have the schema of this program. Never makes one.</summary>
internal sealed class DatabaseCheck(MoneyDb money, ProbesDb probes, IOptions<DatabaseOptions> options, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    public int Order => 10;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        if (!await money.Database.CanConnectAsync(cancellation) || !await probes.Database.CanConnectAsync(cancellation))
            return Finding(SetupState.Missing, texts[options.Value.IsPostgres ? "Database.Away" : "Database.None"]);
        if ((await money.Database.GetPendingMigrationsAsync(cancellation)).Any() || (await probes.Database.GetPendingMigrationsAsync(cancellation)).Any())
            return Finding(SetupState.Missing, texts["Database.Old"]);
        return Finding(SetupState.Ready, texts[options.Value.IsPostgres ? "Database.Postgres" : "Database.Sqlite"]);
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Database.Title"], text);
}
