using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.IntegrationTests.Treasury;

/// <summary>Files that Debian's Electrum made and saved by itself: one that only watches is a treasury, one that can sign is refused.</summary>
public sealed class ElectrumFileTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dr-electrum-files-").FullName;
    private JsonNode _said = null!;

    public async ValueTask InitializeAsync()
    {
        Needs.Program("electrum");
        var script = Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/electrum/saved.py");
        var seeds = Enumerable.Range(0, 3).Select(_ => RandomNumberGenerator.GetHexString(64, lowercase: true));
        _said = JsonNode.Parse(await PeerProcess.RunAsync("/usr/bin/python3", [script, _folder, "2", .. seeds]))!;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_wallet_of_two_of_three_that_only_watches_is_the_treasury_with_the_same_addresses()
    {
        Assert.True(WalletExport.TryRead(FileOf("watch"), Network.RegTest, out var treasury, out var fault), $"{fault}");
        Assert.Equal(TestTreasuries.Parse($"wsh(sortedmulti(2,{string.Join(',', Said("keys").Select(key => key + "/<0;1>/*"))}))").Text, treasury.Text);
        foreach (var (branch, name) in new[] { (Branch.Receive, "receive"), (Branch.Change, "change") })
            Assert.Equal(Said(name), Enumerable.Range(0, Said(name).Length).Select(i => treasury.Address(branch, (uint)i)));
        Assert.InRange(Said("receive").Length, 20, 1000);

        // The command line, from the file alone.
        var listed = await PeerProcess.RunAsync(Needs.Program("electrum"), ["--offline", "--regtest", "-D", Path.Combine(_folder, "home"), "listaddresses", "--receiving", "-w", Path.Combine(_folder, "watch")]);
        Assert.Equal(Said("receive"), JsonNode.Parse(listed)!.AsArray().Select(address => (string)address!));
    }

    [Fact]
    public void Without_the_keys_origins_no_signer_would_know_them()
    {
        var text = FileOf("bare");
        Assert.False(WalletExport.TryRead(text, Network.RegTest, out _, out var fault));
        Assert.Equal(new DescriptorFault(DescriptorFaultKind.OriginMissing, text.IndexOf("Vpub", StringComparison.Ordinal)), fault);
    }

    [Theory]
    [InlineData("cosigner", "Vprv")]
    [InlineData("seed", "wild father tree")]
    [InlineData("imported", "c")]
    public void A_file_that_can_sign_is_refused_at_its_secret_and_the_secret_is_not_repeated(string name, string secret)
    {
        var text = FileOf(name);
        Assert.False(WalletExport.TryRead(text, Network.RegTest, out _, out var fault));
        Assert.Equal(DescriptorFaultKind.PrivateKey, fault.Kind);
        Assert.StartsWith(secret, text[fault.Position..], StringComparison.Ordinal);
        Assert.DoesNotContain(text.Substring(fault.Position, 8), new DescriptorException(fault).ToString(), StringComparison.Ordinal);
    }

    private string FileOf(string name) => File.ReadAllText(Path.Combine(_folder, name));

    private string[] Said(string what) => [.. _said[what]!.AsArray().Select(text => (string)text!)];
}
