using System.Text.RegularExpressions;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Treasury;

/// <summary>What wallets give out, each in its own form, is the same treasury.</summary>
public sealed partial class WalletExportTests
{
    private static readonly (string Fingerprint, string Key)[] Keys =
        [.. KeyOf().Matches(TestTreasuries.TwoOfThree).Select(m => (m.Groups["fingerprint"].Value, m.Groups["key"].Value))];

    private static readonly string Expected = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Text;

    private static string Coldcard => $"""
        # Coldcard Multisig setup file (created by Sparrow)
        #
        Name: Treasury
        Policy: 2 of 3
        Derivation: m/48'/1'/0'/2'
        Format: P2WSH

        {string.Join('\n', Keys.Select(k => $"{k.Fingerprint.ToUpperInvariant()}: {k.Key}"))}
        """;

    private static string Electrum => $$"""
        {
            "seed_version": 50, "use_encryption": false, "wallet_type": "2of3",
            {{string.Join(",\n    ", Keys.Index().Select(k => $$"""
                "x{{k.Index + 1}}/": {"type": "bip32", "derivation": "m/48'/1'/0'/2'", "root_fingerprint": "{{k.Item.Fingerprint}}", "xpub": "{{TestTreasuries.Vpub(k.Item.Key)}}", "xprv": null}
                """))}}
        }
        """;

    public static TheoryData<string, string> Forms => new()
    {
        { "a descriptor", TestTreasuries.TwoOfThree },
        { "a descriptor with checksum", Expected },
        { "Sparrow's file of descriptors", $"# Receive and change descriptor (BIP389):\n{Expected}\n\n\n# Receive descriptor (Bitcoin Core):\nwsh(sortedmulti(2,…/0/*))#00000000\n" },
        { "Coldcard's file", Coldcard },
        { "Coldcard's file with Windows line ends", Coldcard.Replace("\n", "\r\n", StringComparison.Ordinal) },
        { "a file with a path for each key", Each() },
        { "keys with origins", $"2 of 3\n{string.Join('\n', Keys.Select(k => $"[{k.Fingerprint}/48'/1'/0'/2']{k.Key}"))}" },
        { "SLIP-132 keys with origins", $"2/3\n{string.Join('\n', Keys.Select(k => $"[{k.Fingerprint}/48h/1h/0h/2h]{TestTreasuries.Vpub(k.Key)}"))}" },
        { "Electrum's file", Electrum },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_is_the_same_treasury(string form, string text)
    {
        Assert.True(WalletExport.TryRead(text, Network.RegTest, out var descriptor, out var fault), $"{form}: {fault}");
        Assert.Equal(Expected, descriptor.Text);
    }

    [Theory] // BIP-84 and BIP-86, test vectors: the account's key as those write it, with its origin.
    [InlineData("[73c5da0a/84'/0'/0']zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu")]
    [InlineData("[73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu")]
    [InlineData("[73c5da0a/86h/0h/0h]xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/<0;1>/*", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr")]
    public void One_key_with_its_origin_is_a_treasury_of_one_key(string text, string address)
    {
        Assert.True(WalletExport.TryRead(text, Network.Main, out var descriptor, out var fault), $"{fault}");
        Assert.Equal(address, descriptor.Address(Branch.Receive, 0));
    }

    public static TheoryData<string, string, DescriptorFaultKind, int> Faults => new()
    {
        { "one key too few", Coldcard[..Coldcard.LastIndexOf('\n')], DescriptorFaultKind.WalletFile, Coldcard.IndexOf("Policy", StringComparison.Ordinal) },
        { "segwit inside P2SH", Coldcard.Replace("P2WSH", "P2SH-P2WSH", StringComparison.Ordinal), DescriptorFaultKind.Script, Coldcard.IndexOf("Format", StringComparison.Ordinal) },
        { "an unknown line", Coldcard + "\nTimelock: 3", DescriptorFaultKind.WalletFile, Coldcard.Length + 1 },
        { "a key that is only a name", $"Name: {Keys[0].Key}", DescriptorFaultKind.WalletFile, -1 },
        { "no path", Coldcard.Replace("Derivation: m/48'/1'/0'/2'\n", "", StringComparison.Ordinal), DescriptorFaultKind.OriginMissing, Coldcard.IndexOf(Keys[0].Key, StringComparison.Ordinal) - "Derivation: m/48'/1'/0'/2'\n".Length },
        { "a mistyped key", Coldcard.Replace(Keys[1].Key, Keys[1].Key[..^1] + "1", StringComparison.Ordinal), DescriptorFaultKind.Key, Coldcard.IndexOf(Keys[1].Key, StringComparison.Ordinal) },
        { "the same key twice", Coldcard.Replace(Keys[2].Key, Keys[0].Key, StringComparison.Ordinal), DescriptorFaultKind.DuplicateKey, Coldcard.LastIndexOf('\n') + 1 },
        { "more signatures than keys", Coldcard.Replace("2 of 3", "4 of 3", StringComparison.Ordinal), DescriptorFaultKind.Threshold, Coldcard.IndexOf("Policy", StringComparison.Ordinal) },
        { "several keys and no policy", string.Join('\n', Keys.Select(k => $"[{k.Fingerprint}/48h/1h/0h/2h]{k.Key}")), DescriptorFaultKind.Threshold, 23 },
        { "a legacy account", $"[{Keys[0].Fingerprint}/44h/1h/0h]{Keys[0].Key}", DescriptorFaultKind.Script, 20 },
        { "a key without origin", TestTreasuries.Vpub(Keys[0].Key).Insert(0, "1 of 1\n"), DescriptorFaultKind.OriginMissing, 7 },
        { "a wrong path", "[e89702d2/84h/x/0h]" + Keys[0].Key, DescriptorFaultKind.Origin, 14 },
        { "an encrypted file", "QklFMQ==", DescriptorFaultKind.Script, 0 },
        { "broken JSON", "{\n  \"wallet_type\": ?}", DescriptorFaultKind.WalletFile, 19 },
        { "JSON of something else", "{\"a\": 1}", DescriptorFaultKind.WalletFile, -1 },
        { "a legacy Electrum wallet", Electrum.Replace(TestTreasuries.Vpub(Keys[1].Key), Keys[1].Key, StringComparison.Ordinal), DescriptorFaultKind.Script, Electrum.IndexOf(TestTreasuries.Vpub(Keys[1].Key), StringComparison.Ordinal) },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_is_wrong_is_told_with_its_place(string what, string text, DescriptorFaultKind kind, int position)
    {
        Assert.False(WalletExport.TryRead(text, Network.RegTest, out var read, out var fault), $"{what}: {read}");
        Assert.Equal((what, kind, position), (what, fault.Kind, fault.Position));
    }

    [Theory] // Keys and words from documentation, known to everybody.
    [InlineData("73c5da0a: zprvAdG4iTXWBoARxkkzNpNh8r6Qag3irQB8PzEMkAFeTRXxHpbF9z4QgEvBRmfvqWvGp42t42nvgGpNgYSJA9iefm1yYNZKEm7z6qUWCroSQnE")]
    [InlineData("{\"wallet_type\": \"standard\", \"keystore\": {\"xprv\": \"vprv9K7GLAaERuM58PVvbk1sMo7wzVCoPwzZpVXLRBmum93gL5pSqQCAAvZjtmz93nnnYMr9i2FwG2fqrwYLRgJmDDwFjGiamGsbRMJ5Y6siJ8H\"}}")]
    [InlineData("{\"keystore\": {\"seed\": \"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about\"}}")]
    [InlineData("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about")]
    public void What_can_sign_is_refused_and_never_repeated(string text)
    {
        Assert.False(WalletExport.TryRead(text, Network.Main, out _, out var fault));
        Assert.Equal(DescriptorFaultKind.PrivateKey, fault.Kind);
        Assert.InRange(fault.Position, 0, text.Length);
        Assert.DoesNotContain("abandon", new DescriptorException(fault).ToString(), StringComparison.Ordinal);
    }

    [Fact] // Written by Sparrow for a Passport; the first key's path is of the main network, which only its device minds.
    public void A_file_that_Sparrow_wrote_keeps_each_keys_own_path()
    {
        const string file = """
            # Passport Multisig setup file (created by Sparrow)
            #
            Name: testnet-sigmund
            Policy: 2 of 3
            Format: P2WSH

            Derivation: m/48'/0'/0'/2'
            00000000: tpubDEFJfYr6jHbnJwztCpdLGQf6u7unPeBbqTuhFNAbGqMxVec9FhGLcvrdua3VZ3Nab7Tb3LoEmeea8on1BAVz1oUQVLLz23NXKpJfzdJzqj3

            Derivation: m/48'/1'/0'/2'
            5931B47F: tpubDEjxFa6UffRH8XC2RnrgCtTAz3Vm9hTVKtcMqtk8aKb8v9iQQ95p9t9c4sy2pq5QQ1k5iMGEkbohzGujary2va3Tx64KQVgnQNXfZcwR5Cp

            Derivation: m/48'/1'/0'/2'
            178BE853: tpubDEtZmqo4yMYDWioGrXXWxLfTkkUGYJez9hcZVuuPFb9ZY4uDuFpPz2mGp19TkK3ppomgz659KMJ8uRqZniuEfvunhz3HTksLzNbpW4RxdHu
            """;
        Assert.True(WalletExport.TryRead(file, Network.TestNet, out var descriptor, out var fault), $"{fault}");
        Assert.Equal(["00000000/48'/0'/0'/2'", "5931b47f/48'/1'/0'/2'", "178be853/48'/1'/0'/2'"], descriptor.Keys.Select(key => key.Origin.ToString()));
        Assert.Equal((TreasuryScript.SortedMultisig, 2), (descriptor.Script, descriptor.Threshold));
    }

    private static string Each() => $"Policy: 2 of 3\nFormat: P2WSH\n{string.Join('\n', Keys.Select(k => $"\nDerivation: m/48'/1'/0'/2'\n{k.Fingerprint}: {k.Key}"))}";

    [GeneratedRegex(@"\[(?<fingerprint>[0-9a-f]{8})[^\]]*\](?<key>tpub[0-9A-Za-z]+)")]
    private static partial Regex KeyOf();
}
