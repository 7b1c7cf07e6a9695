using System.Text.Json;
using System.Text.Json.Nodes;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// Bitcoin code that strangers wrote, from npm: <c>@scure/btc-signer</c>, <c>bitcoinjs-lib</c> and <c>@bitcoinerlab/descriptors</c>,
/// behind <c>bitcoin/wallets.mjs</c>. The first two share no code.
/// </summary>
internal static class WalletLibraries
{
    public const string Scure = "scure";
    public const string Bitcoinjs = "bitcoinjs";

    public static readonly string[] Signers = [Scure, Bitcoinjs];

    /// <summary>Runs jobs in one process and gives their answers in order; an error of theirs fails the test with their words.</summary>
    public static async Task<JsonNode[]> AskAsync(IReadOnlyList<object> jobs, int seconds = 300)
    {
        var here = Path.GetDirectoryName(Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/bitcoin/wallets.mjs"))!;
        if (!Directory.Exists(Path.Combine(here, "node_modules"))) throw Needs.Missing($"the wallet libraries are not installed (npm ci --ignore-scripts in {here})");
        var output = await PeerProcess.RunAsync(Needs.Program("node"), ["--max-old-space-size=2048", "wallets.mjs"], JsonSerializer.Serialize(jobs), here, seconds);
        return JsonNode.Parse(output)!.AsArray().Select(a => a!["error"] is { } error ? throw new InvalidOperationException($"{error}") : a["ok"]!).ToArray();
    }
}
