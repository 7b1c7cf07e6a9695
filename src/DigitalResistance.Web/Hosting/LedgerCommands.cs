using DigitalResistance.Data;
using DigitalResistance.Ledger;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// What an administrator does to the log at the console, with the settings of the program and while it is stopped:
/// <c>ledger readmit</c>, <c>ledger add-key</c>, <c>ledger revoke-key</c>. Runbooks: <c>docs/operations</c>.
/// </summary>
internal static class LedgerCommands
{
    /// <summary>The words of a command, as they stand before the settings.</summary>
    private static readonly string[] Verbs = ["readmit", "add-key", "revoke-key"];

    /// <summary>Takes a command off the arguments: its verb, or null where none was given; an unknown one is kept for <see cref="RunAsync"/> to refuse.</summary>
    public static string? TakeFrom(ref string[] arguments)
    {
        if (arguments is not ["ledger", ..]) return null;
        var verb = arguments.Length > 1 && !arguments[1].StartsWith('-') ? arguments[1] : "";
        arguments = arguments[(verb.Length > 0 ? 2 : 1)..];
        return verb;
    }

    /// <summary>Does it and says what was done; the exit code.</summary>
    public static async Task<int> RunAsync(string verb, IServiceProvider services)
    {
        if (!Verbs.Contains(verb))
        {
            await Console.Error.WriteLineAsync($"'ledger' is followed by one of: {string.Join(", ", Verbs)}.");
            return 1;
        }

        if (Shell.Mistakes(services) is { Count: > 0 } mistakes)
        {
            await Console.Error.WriteLineAsync("The configuration is not usable:\n- " + string.Join("\n- ", mistakes));
            return 1;
        }

        await DataServices.MigrateAsync(services);
        await using var scope = services.CreateAsyncScope();
        try
        {
            await Console.Out.WriteLineAsync(await DoAsync(verb, scope.ServiceProvider));
            return 0;
        }
        catch (LedgerRefusedException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }

    private static async Task<string> DoAsync(string verb, IServiceProvider services)
    {
        switch (verb)
        {
            case "readmit":
                var count = await services.GetRequiredService<LedgerReadmission>().RunAsync();
                return count == 0
                    ? "The database lacks no entry of the log; nothing was done."
                    : $"{count} entries came back, and the log will say so. Compare them with the other tables and the chain before anything is paid (docs/operations/lost-database.md).";
            case "add-key":
                var (key, isNew) = await services.GetRequiredService<LedgerKeyAdding>().AddAsync();
                return $"{(isNew ? "The next key was made" : "The next key was made before")}: {key}\nStart the program; both keys sign now. Tell readers the new one, then stop it and call 'ledger revoke-key'.";
            default:
                return $"The old key signs no more, and its file is gone. The log's key is {await services.GetRequiredService<LedgerKeyRevoking>().RevokeAsync()}";
        }
    }
}
