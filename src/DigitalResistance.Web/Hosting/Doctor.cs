using System.Globalization;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// <c>doctor</c>: the checks of the set-up page on the console, in the language of the terminal or of <c>--language</c>. It reads the settings,
/// files and databases of the program, which may be running, and changes none of them. Exit code 0: nothing is red.
/// </summary>
internal static class Doctor
{
    private static readonly string Usage = $"'doctor' takes '--language {string.Join("' or '--language ", Language.All.Select(l => l.Code))}', and settings as the program takes them.";

    /// <summary>Takes the command off the arguments: what was asked for, or null where it was not.</summary>
    public static Request? TakeFrom(ref string[] arguments)
    {
        if (arguments is not ["doctor", ..]) return null;
        var (rest, asked) = (arguments[1..].ToList(), "");
        var at = rest.IndexOf("--language");
        if (at >= 0)
        {
            asked = at + 1 < rest.Count ? rest[at + 1] : "";
            rest.RemoveRange(at, Math.Min(2, rest.Count - at));
        }

        // Its own words are what is read; the log of the program would stand between them.
        arguments = [.. rest, "--Serilog:MinimumLevel:Default=Fatal", .. Quiet.Select(source => $"--Serilog:MinimumLevel:Override:{source}=Fatal")];
        return new Request(at >= 0 ? Language.All.FirstOrDefault(l => l.Code == asked) : Language.Current, Refused: at >= 0 && Language.All.All(l => l.Code != asked));
    }

    private static readonly string[] Quiet = ["Microsoft", "Quartz", "DigitalResistance"];

    /// <summary>Looks, and says how everything is; the exit code.</summary>
    public static async Task<int> RunAsync(Request request, IServiceProvider services)
    {
        if (request.Refused)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 1;
        }

        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = request.Language!.Culture;
        if (Shell.Mistakes(services) is { Count: > 0 } mistakes)
        {
            await Console.Error.WriteLineAsync("The configuration is not usable:\n- " + string.Join("\n- ", mistakes));
            return 1;
        }

        await using var scope = services.CreateAsyncScope();
        var report = await scope.ServiceProvider.GetRequiredService<SetupChecks>().LookAsync(CancellationToken.None);
        IStringLocalizer<SetupTexts> texts = scope.ServiceProvider.GetRequiredService<IStringLocalizer<SetupTexts>>();
        var width = Enum.GetValues<SetupState>().Max(s => texts[$"State.{s}"].Value.Length);
        foreach (var finding in report.Findings)
        {
            await Console.Out.WriteLineAsync($"{texts[$"State.{finding.State}"].Value.PadRight(width)}  {finding.Title}: {finding.Text}");
            foreach (var detail in finding.Details) await Console.Out.WriteLineAsync($"{new string(' ', width)}  - {detail}");
        }

        await Console.Out.WriteLineAsync("\n" + texts[report.IsGreen ? "Doctor.Green" : "Doctor.Red"]);
        return report.IsGreen ? 0 : 1;
    }

    /// <summary>What stood behind <c>doctor</c>.</summary>
    internal sealed record Request(Language? Language, bool Refused);
}
