using DigitalResistance.Accounts;
using DigitalResistance.Data;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// What whoever runs the machine does about people at the console, with the settings of the program and while it is stopped: <c>people invite-admin</c>, where too few admins are left
/// to agree to one. Runbook: <c>docs/operations/lost-people.md</c>.
/// </summary>
internal static class PeopleCommands
{
    private const string InviteAdmin = "invite-admin";

    /// <summary>Takes a command off the arguments: its verb, or null where none was given; an unknown one is kept for <see cref="RunAsync"/> to refuse.</summary>
    public static string? TakeFrom(ref string[] arguments)
    {
        if (arguments is not ["people", ..]) return null;
        var verb = arguments.Length > 1 && !arguments[1].StartsWith('-') ? arguments[1] : "";
        arguments = arguments[(verb.Length > 0 ? 2 : 1)..];
        return verb;
    }

    /// <summary>Does it and says what was done; the exit code.</summary>
    public static async Task<int> RunAsync(string verb, IServiceProvider services)
    {
        if (verb != InviteAdmin)
        {
            await Console.Error.WriteLineAsync($"'people' is followed by: {InviteAdmin}.");
            return 1;
        }

        if (Shell.Mistakes(services) is { Count: > 0 } mistakes)
        {
            await Console.Error.WriteLineAsync("The configuration is not usable:\n- " + string.Join("\n- ", mistakes));
            return 1;
        }

        await DataServices.MigrateAsync(services);
        if (await AccountServices.ReplacementAdminCodeAsync(services) is not { } code)
        {
            await Console.Error.WriteLineAsync("There is no admin yet: start the program, it prints the link for the first one.");
            return 1;
        }

        // On the console itself, never in the log: whoever reads it becomes an admin.
        var origin = services.GetRequiredService<IOptions<SiteOptions>>().Value.PublicOrigin;
        await Console.Out.WriteLineAsync($"This link makes an admin; it works once, for seven days. The other admins see that it is open and can withdraw it.\n\n    {origin}/account/new/{code}\n");
        return 0;
    }
}
