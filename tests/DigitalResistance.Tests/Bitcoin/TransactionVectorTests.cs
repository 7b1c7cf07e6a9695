using System.Security.Cryptography;
using System.Text.Json;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>Transactions that Bitcoin Core and bitcoinjs test themselves with.</summary>
public sealed class TransactionVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void Transactions_that_Core_accepts_are_read_written_and_where_understood_accepted()
    {
        var (accepted, outside, partly) = (0, 0, 0);
        foreach (var test in Tests("core/tx_valid.json"))
        {
            var (transaction, validator) = Load(test, Vectors.AllRulesBut(test[2].GetString()!));
            Assert.Equal(test[1].GetString()!, transaction.ToHex());
            Assert.Equal(TransactionCheckResult.Success, transaction.Check());
            var errors = validator.ValidateInputs().Select(r => r.Error).ToArray();
            Assert.All(errors, e => Assert.True(e is null || StandIn.IsUsed && e == ScriptError.UnknownError, $"{e} at {test[1]}"));
            if (errors.All(e => e is null)) accepted++;
            else if (errors.Any(e => e is null)) partly++;
            else outside++;
        }

        output.WriteLine($"tx_valid.json: {accepted} accepted, {partly} in part, {outside} outside of the stand-in and refused");
        Assert.Equal(121, accepted + partly + outside);
        Assert.True(accepted >= 22, "Fewer vectors than before were within the stand-in.");
    }

    [Fact]
    public void Transactions_that_Core_refuses_are_refused()
    {
        var (known, outside) = (0, 0);
        foreach (var test in Tests("core/tx_invalid.json"))
        {
            var flags = test[2].GetString()!;
            // A rule of relaying that the real package does not know.
            if (!StandIn.IsUsed && flags.Contains("CONST_SCRIPTCODE", StringComparison.Ordinal)) continue;
            var (transaction, validator) = Load(test, flags == "BADTX" ? ScriptVerify.Standard : Vectors.Rules(flags));
            var errors = transaction.Check() == TransactionCheckResult.Success ? validator.ValidateInputs().Select(r => r.Error).ToArray() : [ScriptError.Verify];
            Assert.True(errors.Any(e => e is not null), test[1].GetString() + test[2]);
            if (errors.Any(e => e is not (null or ScriptError.UnknownError))) known++;
            else outside++;
        }

        output.WriteLine($"tx_invalid.json: {known} refused for a reason, {outside} outside of the stand-in and refused");
        Assert.Equal(StandIn.IsUsed ? 93 : 81, known + outside);
        Assert.True(known >= 24, "Fewer vectors than before were within the stand-in.");
    }

    [Fact]
    public void Names_sizes_and_bytes_are_those_of_bitcoinjs()
    {
        var tests = Vectors.Json("bitcoinjs/transaction.json");
        var count = 0;
        foreach (var test in tests.GetProperty("valid").EnumerateArray())
        {
            var hex = test.Optional("whex") is { Length: > 0 } withWitness ? withWitness : test.Text("hex");
            var transaction = Transaction.Parse(hex, Network.Main);
            Assert.Equal(hex, transaction.ToHex());
            Assert.Equal(test.Text("id"), transaction.GetHash().ToString());
            Assert.Equal(test.GetProperty("virtualSize").GetInt32(), transaction.GetVirtualSize());
            Assert.Equal(test.GetProperty("coinbase").GetBoolean(), transaction.IsCoinBase);
            var without = transaction.Clone();
            foreach (var input in without.Inputs) input.WitScript = WitScript.Empty;
            Assert.Equal(test.Text("hex"), without.ToHex());
            Assert.Equal(test.GetProperty("weight").GetInt32(), (without.ToBytes().Length * 3) + transaction.ToBytes().Length);
            // BIP-141: the whole serialization hashed twice; without a witness that is the transaction's own name.
            Assert.Equal(SHA256.HashData(SHA256.HashData(Convert.FromHexString(hex))), transaction.GetWitHash().ToBytes());
            count++;
        }

        foreach (var test in tests.GetProperty("invalid").GetProperty("fromBuffer").EnumerateArray())
        {
            if (StandIn.IsUsed) StandIn.AssertRefused(() => Transaction.Parse(test.Text("hex"), Network.Main), test.Text("exception"));
            count++;
        }

        output.WriteLine($"bitcoinjs transaction.json: {count} transactions");
        Assert.Equal(22, count);
    }

    [Fact]
    public void Signed_hashes_are_those_of_bitcoinjs()
    {
        var tests = Vectors.Json("bitcoinjs/transaction.json");
        foreach (var (kind, version) in new[] { ("hashForSignature", HashVersion.Original), ("hashForWitnessV0", HashVersion.WitnessV0) })
        {
            var vectors = tests.GetProperty(kind).EnumerateArray().ToArray();
            foreach (var test in vectors)
            {
                var spent = new TxOut(Money.Satoshis(test.TryGetProperty("value", out var value) ? value.GetInt64() : 0), Script.Empty);
                var hash = Transaction.Parse(test.Text("txHex"), Network.Main).GetSignatureHash(
                    new Script(test.Text("script")), test.GetProperty("inIndex").GetInt32(), (SigHash)test.GetProperty("type").GetUInt32(), spent, version, null);
                // The number one, the hash of what cannot be hashed, is written the other way round there.
                Assert.Equal(test.Text("hash"), Convert.ToHexStringLower(hash.ToBytes(lendian: hash != uint256.One)));
            }

            output.WriteLine($"bitcoinjs transaction.json {kind}: {vectors.Length} hashes");
            Assert.Equal(kind == "hashForSignature" ? 5 : 8, vectors.Length);
        }

        var taproot = tests.GetProperty("taprootSigning").EnumerateArray().Single();
        var transaction = Transaction.Parse(taproot.Text("txHex"), Network.Main);
        var utxos = taproot.GetProperty("utxos").EnumerateArray()
            .Select(u => new TxOut(Money.Satoshis(u.GetProperty("value").GetInt64()), Script.FromHex(u.Text("scriptHex")))).ToArray();
        var data = transaction.PrecomputeTransactionData(utxos);
        var cases = taproot.GetProperty("cases").EnumerateArray().ToArray();
        foreach (var test in cases)
        {
            var (index, type) = (test.GetProperty("vin").GetInt32(), (TaprootSigHash)Convert.ToUInt32(test.Text("typeHex"), 16));
            var hash = transaction.GetSignatureHashTaproot(data, new TaprootExecutionData(index) { SigHash = type });
            Assert.Equal(test.Text("hash"), Convert.ToHexStringLower(hash.ToBytes()));
        }

        output.WriteLine($"bitcoinjs transaction.json taprootSigning: {cases.Length} hashes");
        Assert.Equal(7, cases.Length);
    }

    [Fact]
    public void Blocks_are_read_and_written_with_their_names_and_roots()
    {
        var blocks = Vectors.Json("core/blockfilters.json").EnumerateArray().Where(b => b.GetArrayLength() > 1).ToArray();
        foreach (var test in blocks)
        {
            var hex = test[2].GetString()!;
            var block = Block.Parse(hex, Network.TestNet);
            Assert.Equal(test[1].GetString(), block.GetHash().ToString());
            Assert.True(block.CheckMerkleRoot());
            Assert.Equal(hex, Convert.ToHexStringLower(block.ToBytes()));
            Assert.Equal(block.Header.HashPrevBlock, BlockHeader.Parse(hex[..160], Network.TestNet).HashPrevBlock);
            Assert.True(block.Transactions[0].IsCoinBase);
        }

        output.WriteLine($"blockfilters.json: {blocks.Length} blocks");
        Assert.Equal(10, blocks.Length);
        Assert.Equal(blocks[0][1].GetString(), Network.TestNet.GenesisHash.ToString());
    }

    private static IEnumerable<JsonElement[]> Tests(string name) =>
        Vectors.Json(name).EnumerateArray().Where(t => t[0].ValueKind == JsonValueKind.Array).Select(t => t.EnumerateArray().ToArray());

    private static (Transaction Transaction, TransactionValidator Validator) Load(JsonElement[] test, ScriptVerify rules)
    {
        var spent = test[0].EnumerateArray().ToDictionary(
            p => new OutPoint(uint256.Parse(p[0].GetString()!), unchecked((uint)p[1].GetInt64())),
            p => new TxOut(Money.Satoshis(p.GetArrayLength() > 3 ? p[3].GetInt64() : 0), Vectors.CoreScript(p[2].GetString()!)));
        var transaction = Transaction.Parse(test[1].GetString()!, Network.Main);
        var validator = transaction.CreateValidator(transaction.Inputs.Select(i => spent.GetValueOrDefault(i.PrevOut) ?? new TxOut(Money.Zero, Script.Empty)).ToArray());
        validator.ScriptVerify = rules;
        return (transaction, validator);
    }
}
