using System.CommandLine;
using DigitalResistance.Transparency;

namespace DigitalResistance.Verify;

/// <summary>The outsider's command. Everything it knows about a ledger comes from its arguments: where it is, whose key signs it, what the reader kept from before.</summary>
internal static class VerifyCommand
{
    public static async Task<int> Main(string[] args)
    {
        var log = new Argument<string>("log") { Description = "A folder that holds 'checkpoint' and 'tile/', or the address of a site." };
        var keys = new Argument<string[]>("vkey") { Description = "The log's key, as the site and others print it; two while a key is being replaced.", Arity = ArgumentArity.OneOrMore };
        var since = new Option<string[]>("--since") { Description = "A checkpoint file kept from before: the log must still contain all of it." };
        var manifests = new Option<string?>("--manifests") { Description = "A folder with the rounds' manifests as 1.txt, 2.txt …, to check the approvals' SSH signatures." };
        var json = new Option<bool>("--json") { Description = "Print the verdict as JSON." };

        var command = new RootCommand("Checks a Digital Resistance ledger without trusting anybody. The last line begins with OK, PARTIAL or FAILED; the exit code is 0, 2 or 1.")
        {
            log, keys, since, manifests, json,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            var place = arguments.GetRequiredValue(log);
            using var web = Uri.TryCreate(place, UriKind.Absolute, out var site) && site.Scheme is "http" or "https" ? new WebLogSource(site) : null;
            try
            {
                var verification = new Verification((ILogSource?)web ?? new FolderLogSource(place), [.. arguments.GetRequiredValue(keys).Select(NoteVerifier.Parse)])
                {
                    Older = [.. (arguments.GetValue(since) ?? []).Select(File.ReadAllBytes)],
                    Manifest = ManifestsIn(arguments.GetValue(manifests)),
                    OnProgress = Console.IsErrorRedirected ? null : Progress.Show,
                };
                var verdict = await verification.RunAsync(cancellation);
                Progress.Clear();
                Console.WriteLine(arguments.GetValue(json) ? verdict.ToJson() : verdict.ToString());
                return (int)verdict.Outcome;
            }
            catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException or HttpRequestException)
            {
                Console.Error.WriteLine(unusable.Message);
                return 64;
            }
        });
        return await command.Parse(args).InvokeAsync();
    }

    private static Func<long, CancellationToken, Task<byte[]?>> ManifestsIn(string? folder) => async (round, cancellation) =>
    {
        var file = folder is null ? null : Path.Combine(folder, FormattableString.Invariant($"{round}.txt"));
        return file is not null && File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellation) : null;
    };
}
