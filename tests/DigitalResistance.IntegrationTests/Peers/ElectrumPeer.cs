using System.Security.Cryptography;
using System.Text.Json;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// The treasury's key holders: Debian's Electrum, offline, with one wallet file for each signer and one that only watches.
/// Keys are made by Electrum's own code, so descriptor, addresses and signatures all come from another program than ours.
/// </summary>
internal sealed class ElectrumPeer : IAsyncDisposable
{
    private readonly string _folder;

    private ElectrumPeer(string folder, string descriptor, int signers) => (_folder, Descriptor, Signers) = (folder, descriptor, signers);

    /// <summary>The watch-only output descriptor with <c>&lt;0;1&gt;/*</c>, as a treasurer pastes it.</summary>
    public string Descriptor { get; }

    /// <summary>Each signer's public key with its origin, as a key holder pastes it, in the order of the signers.</summary>
    public IEnumerable<string> Keys => System.Text.RegularExpressions.Regex.Matches(Descriptor, @"\[[0-9a-f]{8}[^\]]*\]\w+").Select(m => m.Value);

    public int Signers { get; }

    /// <summary>A <c>wsh(sortedmulti(required, …))</c> treasury of so many signers.</summary>
    public static Task<ElectrumPeer> MultisigAsync(int required, int signers) => CreateAsync(required, signers);

    /// <summary>A <c>wpkh(…)</c> treasury of one signer.</summary>
    public static Task<ElectrumPeer> SingleAsync() => CreateAsync(1, 1);

    /// <summary>Signs with one signer's key: a base64 PSBT while signatures are missing, the final transaction in hex when this one completes it.</summary>
    public Task<string> SignAsync(int signer, string psbt) => CommandAsync($"signer{signer}", ["signtransaction", "-"], psbt);

    /// <summary>Signs with a wallet of the same seed that was set up at another path.</summary>
    public Task<string> SignAtOtherPathAsync(int signer, string psbt) => CommandAsync($"strayed{signer}", ["signtransaction", "-"], psbt);

    /// <summary>The public part of one key, as Electrum shows it to its holder: key, fingerprint and path, each by itself.</summary>
    public async Task<(string Text, string Fingerprint, string Path)> KeyAsync(int signer)
    {
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, $"signer{signer}")));
        var key = file.RootElement.GetProperty(Signers == 1 ? "keystore" : $"x{signer + 1}/");
        return (key.GetProperty("xpub").GetString()!, key.GetProperty("root_fingerprint").GetString()!, key.GetProperty("derivation").GetString()!);
    }

    /// <summary>Hands a PSBT to the wallet that has no key; it comes back without a signature.</summary>
    public Task<string> SignWithoutKeyAsync(string psbt) => CommandAsync("watch", ["signtransaction", "-"], psbt);

    /// <summary>The receiving addresses that Electrum derives, from index 0.</summary>
    public async Task<string[]> AddressesAsync() => JsonSerializer.Deserialize<string[]>(await CommandAsync("watch", ["listaddresses", "--receiving"]))!;

    /// <summary>The change addresses that Electrum derives, from index 0.</summary>
    public async Task<string[]> ChangeAddressesAsync() => JsonSerializer.Deserialize<string[]>(await CommandAsync("watch", ["listaddresses", "--change"]))!;

    /// <summary>A PSBT that Electrum itself builds: spends the given transaction's outputs to the wallet, pays the address.</summary>
    public async Task<string> PayAsync(string fundingTransactionHex, string address, decimal bitcoins)
    {
        await CommandAsync("watch", ["addtransaction", fundingTransactionHex]);
        return await CommandAsync("watch", ["payto", "--unsigned", "--feerate", "5", address, $"{bitcoins}"]);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<ElectrumPeer> CreateAsync(int required, int signers)
    {
        Needs.Program("electrum");
        var script = Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/electrum/wallets.py");
        var folder = Directory.CreateTempSubdirectory("dr-electrum-").FullName;
        var seeds = Enumerable.Range(0, signers).Select(_ => RandomNumberGenerator.GetHexString(64, lowercase: true));
        // Debian's own Python: another one that comes first on PATH does not see Debian's packages.
        var descriptor = await PeerProcess.RunAsync("/usr/bin/python3", [script, folder, $"{required}", .. seeds]);
        return new ElectrumPeer(folder, descriptor.Trim(), signers);
    }

    /// <summary>Electrum rewrites a wallet file when it opens it and keeps a history in it; each command gets a copy of its own, but the watcher remembers.</summary>
    private async Task<string> CommandAsync(string wallet, string[] command, string input = "")
    {
        var file = Path.Combine(_folder, wallet);
        if (wallet != "watch") File.Copy(file, file = Path.Combine(_folder, $"{wallet}-{Guid.NewGuid():N}"));
        var home = Path.Combine(_folder, $"home-{Guid.NewGuid():N}");
        var output = await PeerProcess.RunAsync(Needs.Program("electrum"), ["--offline", "--regtest", "-D", home, .. command, "-w", file], input);
        return output.Trim();
    }
}
