using BenchmarkDotNet.Attributes;
using DigitalResistance.Tests.Bitcoin;
using NBitcoin;

namespace DigitalResistance.Benchmarks.Bitcoin;

/// <summary>What following a treasury costs: addresses of a 2-of-3 and checks of signatures.</summary>
public class DerivationBenchmarks
{
    private static readonly KeyPath Account = KeyPath.Parse("48'/1'/0'/2'");

    private readonly ExtPubKey[] _branches = new ToyTreasury("wsh", 2, 3).Signers.Select(s => s.Derive(Account).Neuter().Derive(0)).ToArray();
    private readonly uint256 _hash = uint256.Parse(new string('5', 64));
    private PubKey _key = null!;
    private NBitcoin.Crypto.ECDSASignature _signature = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var signer = new ToyTreasury("wsh", 2, 3).Signers[0];
        (_key, _signature) = (signer.PubKey, signer.Sign(_hash));
    }

    /// <summary>A thousand addresses on both cores, as a scan of a new treasury derives them.</summary>
    [Benchmark]
    public string[] ThousandAddresses()
    {
        var addresses = new string[1_000];
        Parallel.For(0, addresses.Length, i => addresses[i] = Address((uint)i));
        return addresses;
    }

    [Benchmark]
    public string OneAddress() => Address(7);

    [Benchmark]
    public bool VerifyOneSignature() => _key.Verify(_hash, _signature);

    private string Address(uint index) => PayToMultiSigTemplate.Instance
        .GenerateScriptPubKey(2, true, _branches.Select(b => b.Derive(index).PubKey).ToArray())
        .WitHash.GetAddress(Network.RegTest).ToString();
}
