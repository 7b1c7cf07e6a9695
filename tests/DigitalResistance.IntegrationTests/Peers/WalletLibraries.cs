using System.Text.Json;
using System.Text.Json.Nodes;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// Bitcoin code that strangers wrote, from npm: <c>@scure/btc-signer</c>, <c>bitcoinjs-lib</c> and <c>@bitcoinerlab/descriptors</c>,
/// behind <c>bitcoin/wallets.mjs</c>, and Debian's Electrum behind <c>electrum/jobs.py</c>. The first two and Electrum share no code.
/// </summary>
internal static class WalletLibraries
{
    public const string Scure = "scure";
    public const string Bitcoinjs = "bitcoinjs";

    public const string Electrum = "electrum";

    /// <summary>Runs jobs in one process and gives their answers in order; an error of theirs fails the test with their words.</summary>
    public static async Task<JsonNode[]> AskAsync(string library, IReadOnlyList<object> jobs, int seconds = 300)
    {
        var input = JsonSerializer.Serialize(jobs);
        var output = library == Electrum ? await ElectrumAsync(input, seconds) : await NodeAsync(input, seconds);
        return JsonNode.Parse(output)!.AsArray().Select(a => a!["error"] is { } error ? throw new InvalidOperationException($"{error}") : a["ok"]!).ToArray();
    }

    // Debian's own Python: another one that comes first on PATH does not see Debian's packages.
    private static Task<string> ElectrumAsync(string input, int seconds)
    {
        Needs.Program("electrum");
        return PeerProcess.RunAsync("/usr/bin/python3", [Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/electrum/jobs.py")], input, seconds: seconds);
    }

    private static Task<string> NodeAsync(string input, int seconds)
    {
        var here = Path.GetDirectoryName(Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/bitcoin/wallets.mjs"))!;
        if (!Directory.Exists(Path.Combine(here, "node_modules"))) throw Needs.Missing($"the wallet libraries are not installed (npm ci --ignore-scripts in {here})");
        return PeerProcess.RunAsync(Needs.Program("node"), ["--max-old-space-size=2048", "wallets.mjs"], input, here, seconds);
    }
}
