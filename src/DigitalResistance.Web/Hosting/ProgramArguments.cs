namespace DigitalResistance.Web.Hosting;

/// <summary>
/// What may stand behind the program's name: settings, and <c>demo</c>. Anything else is refused with a sentence, since the
/// framework would pass over it in silence and whoever mistyped would wait for what never comes.
/// </summary>
/// <param name="Settings">Settings as the framework reads them.</param>
/// <param name="IsDemo">Whether the demo was asked for.</param>
/// <param name="IsStepped">Whether the demo waits for the browser at approval and at signing.</param>
internal sealed record ProgramArguments(string[] Settings, bool IsDemo, bool IsStepped)
{
    private const string Usage = "It takes settings as --Section:Key=value, 'demo', which '--step' may follow, and before everything else 'doctor', 'ledger readmit', 'ledger add-key', 'ledger revoke-key' or 'people invite-admin'.";

    /// <summary>Reads them; null with a sentence about the first one that means nothing.</summary>
    public static ProgramArguments? Read(IReadOnlyList<string> arguments, out string mistake)
    {
        var settings = new List<string>();
        var (isDemo, isStepped) = (false, false);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "demo") isDemo = true;
            else if (argument == "--step") isStepped = true;
            else if (argument.IndexOf('=', StringComparison.Ordinal) > 0) settings.Add(argument);
            else if (argument is ['-', '-', not '-', ..] && i + 1 < arguments.Count && arguments[i + 1] is not ("demo" or ['-', '-', ..]))
            {
                settings.Add(argument);
                settings.Add(arguments[++i]);
            }
            else
            {
                mistake = argument.StartsWith('-') ? $"'{argument}' is no setting with a value. {Usage}" : $"This program knows no '{argument}'. {Usage}";
                return null;
            }
        }

        mistake = isStepped && !isDemo ? "'--step' belongs to the demo: demo --step." : "";
        return mistake.Length == 0 ? new ProgramArguments([.. settings], isDemo, isStepped) : null;
    }
}
