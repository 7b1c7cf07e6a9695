using DigitalResistance.Web.Demo;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin.Bips;

/// <summary>PSBT version 0 (https://github.com/bitcoin/bips/blob/master/bip-0174.mediawiki) and its taproot fields (BIP-371).</summary>
public sealed class Bip174Tests(ITestOutputHelper output)
{
    private static readonly Lazy<ILookup<string, string[]>> Rows = new(() => BipVectors.Of("bip-0174").ToLookup(r => r[0]));

    [Theory]
    [InlineData("bip-0174", 20, 10)]
    [InlineData("bip-0371", 11, 6)]
    public void Invalid_ones_are_refused_and_valid_ones_are_kept_byte_by_byte(string bip, int invalid, int valid)
    {
        foreach (var row in BipVectors.Of(bip, "invalid"))
        {
            var knownToNBitcoin = StandIn.IsUsed || !row[1].Contains("SCRIPT", StringComparison.Ordinal);
            if (knownToNBitcoin) Assert.False(PSBT.TryParse(row[2], Network.TestNet, out _), row[1]);
            invalid--;
        }

        foreach (var row in BipVectors.Of(bip, "valid"))
        {
            if (!StandIn.IsUsed && row[1].Contains("0 inputs", StringComparison.Ordinal)) continue;
            // The one with extended keys is of the main network; the others do not say.
            var network = row[1].Contains("XPUB", StringComparison.Ordinal) ? Network.Main : Network.TestNet;
            var psbt = PSBT.Parse(row[2], network);
            Assert.Equal(Entries(Convert.FromBase64String(row[2])), Entries(psbt.ToBytes()));
            Assert.Equal(psbt, PSBT.Parse(psbt.ToHex(), network));
            valid--;
        }

        output.WriteLine($"{bip}: all {BipVectors.Of(bip, "invalid").Count()} invalid and {BipVectors.Of(bip, "valid").Count()} valid ones");
        Assert.Equal((0, StandIn.IsUsed || bip != "bip-0174" ? 0 : 2), (invalid, valid));
    }

    [Fact]
    public void What_a_signer_must_not_sign_is_not_ready_to_sign()
    {
        Assert.All(Rows.Value["unsignable"], row => Assert.False(PSBT.Parse(row[2], Network.TestNet).IsReadyToSign(), row[1]));
        Assert.Equal(4, Rows.Value["unsignable"].Count());
    }

    [Fact]
    public void The_creator_creates()
    {
        var transaction = Transaction.Create(Network.TestNet);
        transaction.Version = 2;
        transaction.Inputs.Add(OutPoint.Parse("75ddabb27b8845f5247975c8a5ba7c6f336c4570708ebe230caf6db5217ae858-0"));
        transaction.Inputs.Add(OutPoint.Parse("1dea7cd05979072a3578cab271c02244ea8a090bbb46aa680a65ecd027048d83-1"));
        transaction.Outputs.Add(Money.Parse("1.49990000"), Script.FromHex("0014d85c2b71d0060b09c9886aeb815e50991dda124d"));
        transaction.Outputs.Add(Money.Parse("1.00000000"), Script.FromHex("001400aea9a2e5f0f876a588df5546e8742d1d87008f"));
        Assert.Equal(One("creator"), PSBT.FromTransaction(transaction, Network.TestNet).ToBase64());
    }

    [Fact]
    public void The_updater_adds_what_signers_need()
    {
        var psbt = PSBT.Parse(One("creator"), Network.TestNet);
        psbt.AddTransactions(Rows.Value["previous"].Select(r => Transaction.Parse(r[2], Network.TestNet)).ToArray());
        psbt.AddScripts(Rows.Value["script"].Select(r => Script.FromHex(r[2])).ToArray());
        var master = ToySigner.Parse(One("master")).Fingerprint;
        foreach (var row in Rows.Value["key"]) psbt.AddKeyPath(new PubKey(row[2]), new RootedKeyPath(master, KeyPath.Parse(row[1])));
        Assert.Equal(One("updater"), psbt.ToBase64());

        foreach (var input in psbt.Inputs) input.SighashType = SigHash.All;
        Assert.Equal(One("sighash"), psbt.ToBase64());
    }

    [Fact]
    public void The_signers_keys_follow_from_the_master_key()
    {
        foreach (var row in Rows.Value["wif"])
            Assert.Equal(ToySigner.FromKey(NBitcoin.DataEncoders.Encoders.Base58Check.DecodeData(row[2])[1..33]).PubKey, ToySigner.Parse(One("master")).Derive(KeyPath.Parse(row[1])).PubKey);
        Assert.Equal(4, Rows.Value["wif"].Count());
    }

    [Theory]
    [InlineData("signer 1", 0, 2)]
    [InlineData("signer 2", 1, 3)]
    public void Each_signer_signs_with_the_keys_it_has(string signer, params int[] keys)
    {
        var psbt = PSBT.Parse(One("sighash"), Network.TestNet);
        var master = ToySigner.Parse(One("master"));
        var data = psbt.PrecomputeTransactionData();
        foreach (var path in keys.Select(k => KeyPath.Parse($"0'/0'/{k}'")))
        {
            var key = master.Derive(path);
            var input = psbt.Inputs.Single(i => i.HDKeyPaths.ContainsKey(key.PubKey));
            input.PartialSigs.Add(key.PubKey, new TransactionSignature(key.Sign(input.GetSignatureHash(SigHash.All, data)), SigHash.All));
        }

        Assert.Equal(One(signer), psbt.ToBase64());
    }

    [Fact]
    public void The_combiner_combines()
    {
        // The text's combiner keeps the order of one signer, which is free; only the last case asks for sorted keys.
        var combined = Entries(Convert.FromBase64String(One("combiner")));
        Assert.Equal(combined, Entries(PSBT.Parse(One("signer 1"), Network.TestNet).Combine(PSBT.Parse(One("signer 2"), Network.TestNet)).ToBytes()));
        Assert.Equal(combined, Entries(PSBT.Parse(One("signer 2"), Network.TestNet).Combine(PSBT.Parse(One("signer 1"), Network.TestNet)).ToBytes()));
        Assert.Equal(One("unknown combined"), PSBT.Parse(One("unknown 1"), Network.TestNet).Combine(PSBT.Parse(One("unknown 2"), Network.TestNet)).ToBase64());
    }

    [Fact]
    public void The_finalizer_finishes_and_the_extractor_extracts()
    {
        var psbt = PSBT.Parse(One("combiner"), Network.TestNet).Finalize();
        Assert.Equal(One("finalizer"), psbt.ToBase64());
        Assert.Equal(One("extractor"), psbt.ExtractTransaction().ToHex());
    }

    [Fact]
    public void Version_2_is_refused_with_a_way_out()
    {
        StandIn.Only("it reads version 2, and Payouts refuses it by PSBT.Version");
        // The first valid vector of BIP-370: "1 input, 2 output updated PSBTv2, with only required fields".
        const string text = "cHNidP8BAgQCAAAAAQQBAQEFAQIB+wQCAAAAAAEOIAsK2SFBnByHGXNdctxzn56p4GONH+TB7vD5lECEgV/IAQ8EAAAAAAABAwgACK8vAAAAAAEEFgAUxDD2TEdW2jENvRoIVXLvKZkmJywAAQMIi73rCwAAAAABBBYAFE3Rk6yWSlasG54cyoRU/i9HT4UTAA==";
        var refused = Assert.Throws<FormatException>(() => PSBT.Parse(text, Network.Main));
        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
        Assert.Contains("without converting it", refused.Message, StringComparison.Ordinal);
    }

    private static string One(string kind) => Rows.Value[kind].Single()[2];

    /// <summary>All fields, map by map; their order within a map is free.</summary>
    private static List<string> Entries(byte[] psbt)
    {
        var entries = new List<string>();
        var (at, map) = (5, 0);
        while (at < psbt.Length)
        {
            var key = Take();
            if (key.Length == 0) map++;
            else entries.Add($"{map} {Convert.ToHexString(key)}={Convert.ToHexString(Take())}");
        }

        entries.Sort(StringComparer.Ordinal);
        return entries;

        byte[] Take()
        {
            var length = (int)psbt[at++];
            if (length == 0xfd)
            {
                length = BitConverter.ToUInt16(psbt, at);
                at += 2;
            }

            at += length;
            return psbt[(at - length)..at];
        }
    }
}
