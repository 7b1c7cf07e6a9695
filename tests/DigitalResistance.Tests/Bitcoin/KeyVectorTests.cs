using System.Text.Json;
using DigitalResistance.Web.Demo;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>Derivation and sorting of keys (BIP-32, BIP-67, BIP-328).</summary>
public sealed class KeyVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void Derived_keys_are_those_of_BIP_32()
    {
        var vectors = Vectors.Json("bcoin/hd.json");
        var count = 0;
        foreach (var vector in new[] { vectors.GetProperty("vector1"), vectors.GetProperty("vector2") })
        {
            var master = ToySigner.FromSeed(vector.Hex("seed"));
            foreach (var step in vector.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Object))
            {
                var path = KeyPath.Parse(step.Name);
                var expected = ExtPubKey.Parse(step.Value.Text("pub"), Network.Main);
                Assert.Equal(expected, master.Derive(path).Neuter());
                Assert.Equal(step.Value.Text("pub"), expected.ToString(Network.Main));
                Assert.Equal(expected, ToySigner.Parse(step.Value.Text("prv")).Neuter());
                if (path.Length > 0 && !path.IsHardened) Assert.Equal(expected, master.Derive(path.Parent!).Neuter().Derive(path.Indexes[^1]));
                Assert.IsType<FormatException>(Record.Exception(() => ExtPubKey.Parse(step.Value.Text("prv"), Network.Main)), exactMatch: false);
                count++;
            }
        }

        var named = ToySigner.FromSeed(vectors.Hex("seed"));
        Assert.Equal(vectors.Text("master_pub"), named.Neuter().ToString(Network.Main));
        Assert.Equal(ToySigner.Parse(vectors.Text("master_priv")).Neuter(), named.Neuter());
        Assert.Equal(vectors.Text("child2_pub"), named.Neuter().Derive(1).ToString(Network.Main));
        foreach (var child in new[] { "child1", "child3", "child4", "child5", "child6" })
        {
            Assert.Equal(vectors.Text(child + "_pub"), ToySigner.Parse(vectors.Text(child + "_priv")).Neuter().ToString(Network.Main));
            count++;
        }

        count++;
        output.WriteLine($"hd.json: {count} keys");
        Assert.Equal(18, count);
    }

    [Fact]
    public void Keys_with_leading_zeros_are_derived_right()
    {
        // BIP-32, test vectors 3 and 4: implementations that dropped leading zeros differ here.
        Assert.Equal(
            "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y",
            ToySigner.FromSeed(Convert.FromHexString("4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be"))
                .Derive(KeyPath.Parse("0'")).Neuter().ToString(Network.Main));
        Assert.Equal(
            "xpub6BJA1jSqiukeaesWfxe6sNK9CCGaujFFSJLomWHprUL9DePQ4JDkM5d88n49sMGJxrhpjazuXYWdMf17C9T5XnxkopaeS7jGk1GyyVziaMt",
            ToySigner.FromSeed(Convert.FromHexString("3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678"))
                .Derive(KeyPath.Parse("0'/1'")).Neuter().ToString(Network.Main));
    }

    [Theory]
    [InlineData("xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6LBpB85b3D2yc8sfvZU521AAwdZafEz7mnzBBsz4wKY5fTtTQBm", "pubkey version / prvkey mismatch")]
    [InlineData("xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6Txnt3siSujt9RCVYsx4qHZGc62TG4McvMGcAUjeuwZdduYEvFn", "invalid pubkey prefix 04")]
    [InlineData("xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6N8ZMMXctdiCjxTNq964yKkwrkBJJwpzZS4HS2fxvyYUA4q2Xe4", "invalid pubkey prefix 01")]
    [InlineData("xpub661no6RGEX3uJkY4bNnPcw4URcQTrSibUZ4NqJEw5eBkv7ovTwgiT91XX27VbEXGENhYRCf7hyEbWrR3FewATdCEebj6znwMfQkhRYHRLpJ", "zero depth with non-zero parent fingerprint")]
    [InlineData("xpub661MyMwAuDcm6CRQ5N4qiHKrJ39Xe1R1NyfouMKTTWcguwVcfrZJaNvhpebzGerh7gucBvzEQWRugZDuDXjNDRmXzSZe4c7mnTK97pTvGS8", "zero depth with non-zero index")]
    [InlineData("xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6Q5JXayek4PRsn35jii4veMimro1xefsM58PgBMrvdYre8QyULY", "pubkey 020000…07 not on the curve")]
    [InlineData("xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet9", "invalid checksum")]
    public void Invalid_extended_keys_are_refused(string text, string why)
    {
        // BIP-32, test vector 5, the public ones.
        Assert.True(Record.Exception(() => ExtPubKey.Parse(text, Network.Main)) is FormatException, why);
    }

    [Fact]
    public void Multisig_keys_are_sorted_by_BIP_67()
    {
        var tests = Vectors.Json("core/rpc_bip67.json").EnumerateArray().ToArray();
        foreach (var test in tests)
        {
            var keys = test.GetProperty("keys").EnumerateArray().Select(k => new PubKey(k.GetString()!)).ToArray();
            var script = PayToMultiSigTemplate.Instance.GenerateScriptPubKey(2, true, keys);
            Assert.Equal(test.Text("script"), script.ToHex());
            Assert.Equal(test.Text("address"), script.Hash.GetAddress(Network.RegTest).ToString());
            Assert.Equal(test.GetProperty("sorted_keys").EnumerateArray().Select(k => k.GetString()), script.GetAllPubKeys().Select(k => k.ToHex()));
        }

        output.WriteLine($"rpc_bip67.json: {tests.Length} scripts");
        Assert.Equal(4, tests.Length);
    }

    [Fact]
    public void Extended_keys_of_BIP_328_carry_their_aggregate_key()
    {
        var tests = Vectors.Json("bips/bip-0328_vectors.json").EnumerateArray().ToArray();
        foreach (var test in tests)
        {
            var key = ExtPubKey.Parse(test.Text("xpub"), Network.Main);
            Assert.Equal(test.Text("aggregate_pubkey"), key.PubKey.ToHex());
            Assert.Equal(0, key.Depth);
        }

        output.WriteLine($"bip-0328_vectors.json: {tests.Length} keys");
        Assert.Equal(3, tests.Length);
    }
}
