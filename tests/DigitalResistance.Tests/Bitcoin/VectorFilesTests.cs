using System.Text.Json;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>Every file of the public vectors, and every part of one, is read by a test or named here with the reason why not.</summary>
public sealed class VectorFilesTests(ITestOutputHelper output)
{
    /// <summary>Who reads what.</summary>
    private static readonly Dictionary<string, string> Read = new(StringComparer.Ordinal)
    {
        ["bcoin/bip69.json inputs"] = "Bip69VectorTests",
        ["bcoin/bip69.json outputs"] = "Bip69VectorTests",
        ["bcoin/hd.json"] = "KeyVectorTests",
        ["bips/bip-0328_vectors.json"] = "KeyVectorTests",
        ["bips/bip-0340_test-vectors.csv"] = "TaprootVectorTests",
        ["bips/bip-0341_wallet-test-vectors.json"] = "TaprootVectorTests",
        ["bitcoinjs/address.json standard"] = "AddressVectorTests",
        ["bitcoinjs/address.json bech32"] = "AddressVectorTests",
        ["bitcoinjs/address.json invalid.bech32"] = "AddressVectorTests",
        ["bitcoinjs/address.json invalid.fromBase58Check"] = "AddressVectorTests",
        ["bitcoinjs/address.json invalid.fromOutputScript"] = "AddressVectorTests",
        ["bitcoinjs/address.json invalid.toOutputScript"] = "AddressVectorTests",
        ["bitcoinjs/p2tr.json valid"] = "AddressVectorTests",
        ["bitcoinjs/p2tr.json invalid"] = "AddressVectorTests",
        ["bitcoinjs/p2wpkh.json valid"] = "AddressVectorTests",
        ["bitcoinjs/p2wpkh.json invalid"] = "AddressVectorTests",
        ["bitcoinjs/p2wsh.json valid"] = "AddressVectorTests",
        ["bitcoinjs/p2wsh.json invalid"] = "AddressVectorTests",
        ["bitcoinjs/psbt.json bip174.invalid"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json bip174.valid"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json bip174.failSignChecks"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json bip174.combiner"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json bip174.finalizer"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json bip174.extractor"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json finalizeAllInputs"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json validateSignaturesOfInput"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json validateSignaturesOfTapKeyInput"] = "PsbtVectorTests",
        ["bitcoinjs/psbt.json getFeeRate"] = "PsbtVectorTests",
        ["bitcoinjs/transaction.json valid"] = "TransactionVectorTests",
        ["bitcoinjs/transaction.json invalid.fromBuffer"] = "TransactionVectorTests",
        ["bitcoinjs/transaction.json hashForSignature"] = "TransactionVectorTests",
        ["bitcoinjs/transaction.json hashForWitnessV0"] = "TransactionVectorTests",
        ["bitcoinjs/transaction.json taprootSigning"] = "TransactionVectorTests",
        ["core/base58_encode_decode.json"] = "AddressVectorTests",
        ["core/bip340_test_vectors.csv"] = "TaprootVectorTests",
        ["core/bip341_wallet_vectors.json"] = "TaprootVectorTests",
        ["core/blockfilters.json"] = "TransactionVectorTests (the blocks; nothing here makes filters)",
        ["core/key_io_valid.json"] = "AddressVectorTests",
        ["core/rpc_bip67.json"] = "KeyVectorTests",
        ["core/rpc_decodescript.json"] = "AddressVectorTests",
        ["core/script_tests.json"] = "ScriptVectorTests",
        ["core/tx_invalid.json"] = "TransactionVectorTests",
        ["core/tx_valid.json"] = "TransactionVectorTests",
    };

    /// <summary>What nobody reads, and why.</summary>
    private static readonly Dictionary<string, string> Unread = new(StringComparer.Ordinal)
    {
        ["bitcoinjs/p2tr.json dynamic"] = Builder,
        ["bitcoinjs/p2wpkh.json dynamic"] = Builder,
        ["bitcoinjs/p2wsh.json dynamic"] = Builder,
        ["bitcoinjs/psbt.json bip174.creator"] = "Bip174Tests has it from the BIP itself",
        ["bitcoinjs/psbt.json bip174.updater"] = "Bip174Tests has it from the BIP itself; the others add leaves of taproot, which no treasury has",
        ["bitcoinjs/psbt.json bip174.signer"] = "Bip174Tests has it from the BIP itself; the server never signs",
        ["bitcoinjs/psbt.json signInput"] = "the server never signs",
        ["bitcoinjs/psbt.json signInputHD"] = "the server never signs",
        ["bitcoinjs/psbt.json addInput"] = Builder,
        ["bitcoinjs/psbt.json addOutput"] = Builder,
        ["bitcoinjs/psbt.json updateInput"] = Builder,
        ["bitcoinjs/psbt.json cache"] = Builder,
        ["bitcoinjs/psbt.json clone"] = Builder,
        ["bitcoinjs/psbt.json finalizeInput"] = "a leaf of taproot, which no treasury has",
        ["bitcoinjs/psbt.json validateSignaturesOfTapScriptInput"] = "a leaf of taproot, which no treasury has",
        ["bitcoinjs/transaction.json invalid.addInput"] = "hashes of a wrong length, which the type uint256 cannot have",
    };

    private const string Builder = "how bitcoinjs's own objects are filled, not what is in them";

    [Fact]
    public void No_file_and_no_part_of_one_is_forgotten()
    {
        var folder = Needs.Beside("shared/vectors");
        var parts = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Where(file => Path.GetExtension(file) is ".json" or ".csv").SelectMany(Parts).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(Read.Keys.Concat(Unread.Keys).Order(StringComparer.Ordinal), parts);
        foreach (var (part, why) in Unread.OrderBy(u => u.Key, StringComparer.Ordinal)) output.WriteLine($"not read: {part}: {why}");
        foreach (var test in Read.Values.Select(v => v.Split(' ')[0]).Distinct()) Assert.Contains(typeof(VectorFilesTests).Assembly.GetTypes(), t => t.Name == test);
    }

    /// <summary>Parts of bitcoinjs's files, which hold several things each, and of those with two lists; else the whole file.</summary>
    private static IEnumerable<string> Parts(string file)
    {
        if (!file.StartsWith("bitcoinjs/", StringComparison.Ordinal) && file != "bcoin/bip69.json") return [file];
        return Vectors.Json(file).EnumerateObject().SelectMany(part => part.Name is "bip174" || (part.Name == "invalid" && part.Value.ValueKind == JsonValueKind.Object)
            ? part.Value.EnumerateObject().Select(inner => $"{file} {part.Name}.{inner.Name}") : [$"{file} {part.Name}"]);
    }
}
