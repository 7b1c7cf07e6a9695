using System.CommandLine;
using System.CommandLine.Invocation;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Bitcoin;
using DigitalResistance.Verify.Chain;
using DigitalResistance.Verify.Receipts;

namespace DigitalResistance.Verify;

/// <summary>The outsider's command. Everything it knows about a ledger comes from its arguments: where it is, whose key signs it, what the reader kept from before.</summary>
internal static class VerifyCommand
{
    /// <summary>The arguments cannot be used: nothing was checked.</summary>
    private const int Unusable = 64;

    private static readonly Argument<string[]> Keys = new("vkey") { Description = "The log's key, as the site and others print it; two while a key is being replaced.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string[]> Since = new("--since") { Description = "A checkpoint file kept from before: the log must still contain all of it." };
    private static readonly Option<string?> Manifests = new("--manifests") { Description = "A folder with the rounds' manifests as 1.txt, 2.txt … and the moves' as move-1.txt …, to check the approvals' SSH signatures. A site is asked for them." };
    private static readonly Option<Uri?> Node = new("--node") { CustomParser = ReadAddress, Description = "Your Bitcoin Core node, as http://user:password@127.0.0.1:8332: every coin and every payment is compared with the chain." };
    private static readonly Option<string?> Cookie = new("--node-cookie") { Description = "The node's .cookie file, instead of user and password." };
    private static readonly Option<Uri?> Esplora = new("--esplora") { CustomParser = ReadAddress, Description = "An explorer with Esplora's API, as https://explorer.example/api, instead of a node. It learns which transactions and addresses you ask about." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print the verdict as JSON." };

    public static async Task<int> Main(string[] args)
    {
        var log = new Argument<string>("log") { Description = "A folder that holds 'checkpoint' and 'tile/', or the address of a site." };
        var root = new RootCommand("Checks a Digital Resistance ledger without trusting anybody. The last line begins with OK, PARTIAL or FAILED; the exit code is 0, 2 or 1, and 64 where nothing could be begun.")
        {
            log, Keys, Since, Manifests, Node, Cookie, Esplora, Json,
        };
        root.SetAction((arguments, cancellation) => PrintAsync(arguments, async () =>
        {
            using var place = new Place(arguments.GetRequiredValue(log), arguments.GetValue(Manifests));
            using var chain = ReaderOf(arguments);
            return await Checking(place, chain, arguments, []).RunAsync(cancellation);
        }));
        root.Add(FileCommand("receipt", "Checks a donor's receipt.", "The .tlog-proof that a receipt page offered.",
            (file, keys, log, cancellation) => ReceiptCheck.RunAsync(file, keys, log is null ? null : older => log([older]), cancellation)));
        root.Add(FileCommand("bundle", "Checks an operator's bundle: the weight and the amount of a token in a round.", "The bundle that the operator's page of a round offered.", BundleCheck.RunAsync));
        root.Add(AddressCommand());
        var arguments = root.Parse(args);
        var code = await arguments.InvokeAsync();
        // What the parser refuses by itself ends with 1, which would say that the ledger is false.
        return arguments.Action is ParseErrorAction ? Unusable : code;
    }

    private static Command FileCommand(string name, string what, string which, Func<byte[], NoteVerifier[], Func<byte[][], Verification>?, CancellationToken, Task<Verdict>> check)
    {
        var file = new Argument<string>("file") { Description = which };
        var log = new Option<string?>("--log") { Description = "The log, as a folder or a site: checks that it still says so, and follows the money." };
        var command = new Command(name, what) { file, Keys, log, Manifests, Node, Cookie, Esplora, Json };
        command.SetAction((arguments, cancellation) => PrintAsync(arguments, async () =>
        {
            var text = arguments.GetValue(log);
            using var place = text is null ? null : new Place(text, arguments.GetValue(Manifests));
            using var chain = ReaderOf(arguments);
            if (place is null && chain is not null) throw new FormatException("A file alone is not compared with the chain: name the log with --log.");
            return await check(await File.ReadAllBytesAsync(arguments.GetRequiredValue(file), cancellation), KeysOf(arguments),
                place is null ? null : older => Checking(place, chain, arguments, older), cancellation);
        }));
        return command;
    }

    private static Command AddressCommand()
    {
        var descriptor = new Argument<string>("descriptor") { Description = "The treasury's descriptor, as the log has it (treasury.rotated)." };
        var index = new Argument<long>("index") { Description = "Which address." };
        var network = new Option<string>("--network") { Description = "bitcoin, testnet, testnet4, signet or regtest.", DefaultValueFactory = _ => "bitcoin" };
        var change = new Option<bool>("--change") { Description = "On the branch for change, instead of the one for receiving." };
        var command = new Command("address", "Derives an address of the treasury from its published descriptor.") { descriptor, index, network, change };
        command.SetAction(arguments =>
        {
            try
            {
                var name = arguments.GetRequiredValue(network);
                if (!Genesis.Blocks.ContainsKey(name)) throw new FormatException($"There is no network '{name}'.");
                var script = WatchedDescriptor.Parse(arguments.GetRequiredValue(descriptor), name).Script(arguments.GetValue(change) ? 1 : 0, arguments.GetRequiredValue(index));
                Console.WriteLine(SegwitAddress.Of(script, name));
                return 0;
            }
            catch (FormatException wrong)
            {
                Console.Error.WriteLine(wrong.Message);
                return Unusable;
            }
        });
        return command;
    }

    private static Verification Checking(Place place, IChainReader? chain, ParseResult arguments, byte[][] older) => new(place.Source, KeysOf(arguments))
    {
        Older = [.. (arguments.GetResult(Since) is null ? [] : arguments.GetValue(Since) ?? []).Select(File.ReadAllBytes), .. older],
        Manifest = place.ManifestAsync,
        MoveManifest = place.MoveManifestAsync,
        Chain = chain,
        OnProgress = Progress.Entries,
    };

    // The library reads numbers and files, but no addresses.
    private static Uri? ReadAddress(System.CommandLine.Parsing.ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
        argument.AddError("An address begins with http:// or https://.");
        return null;
    }

    private static NoteVerifier[] KeysOf(ParseResult arguments) => [.. arguments.GetRequiredValue(Keys).Select(NoteVerifier.Parse)];

    private static IChainReader? ReaderOf(ParseResult arguments) => (arguments.GetValue(Node), arguments.GetValue(Esplora)) switch
    {
        (null, null) => null,
        ({ Scheme: "http" or "https" } node, null) => new NodeReader(node, arguments.GetValue(Cookie)),
        (null, { Scheme: "http" or "https" } esplora) => new EsploraReader(esplora),
        _ => throw new FormatException("Name one node or one explorer, with http:// or https://."),
    };

    private static async Task<int> PrintAsync(ParseResult arguments, Func<Task<Verdict>> check)
    {
        try
        {
            var verdict = await check();
            Progress.Clear();
            Console.WriteLine(arguments.GetValue(Json) ? verdict.ToJson() : verdict.ToString());
            return (int)verdict.Outcome;
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            Progress.Clear();
            Console.Error.WriteLine(unusable.Message);
            return Unusable;
        }
    }

    /// <summary>Where the log is, and where its manifests are.</summary>
    private sealed class Place(string text, string? manifests) : IDisposable
    {
        private readonly WebLogSource? _site = Uri.TryCreate(text, UriKind.Absolute, out var site) && site.Scheme is "http" or "https" ? new WebLogSource(site) : null;

        public ILogSource Source => (ILogSource?)_site ?? new FolderLogSource(text);

        public Task<byte[]?> ManifestAsync(long round, CancellationToken cancellation) =>
            FindAsync(FormattableString.Invariant($"{round}.txt"), site => site.ManifestAsync(round, cancellation), cancellation);

        public Task<byte[]?> MoveManifestAsync(long move, CancellationToken cancellation) =>
            FindAsync(FormattableString.Invariant($"move-{move}.txt"), site => site.MoveManifestAsync(move, cancellation), cancellation);

        private async Task<byte[]?> FindAsync(string name, Func<WebLogSource, Task<byte[]?>> ask, CancellationToken cancellation)
        {
            if (manifests is null)
            {
                try
                {
                    return _site is null ? null : await ask(_site);
                }
                catch (AskedException)
                {
                    return null;
                }
            }

            var file = Path.Combine(manifests, name);
            return File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellation) : null;
        }

        public void Dispose() => _site?.Dispose();
    }
}
