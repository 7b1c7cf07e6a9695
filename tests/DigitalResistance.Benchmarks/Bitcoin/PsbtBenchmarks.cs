using BenchmarkDotNet.Attributes;
using DigitalResistance.Tests.Bitcoin;
using NBitcoin;

namespace DigitalResistance.Benchmarks.Bitcoin;

/// <summary>A payout of a 2-of-3 treasury, from the plan to base64, and from two signed uploads to the transaction.</summary>
public class PsbtBenchmarks
{
    private readonly ToyTreasury _treasury = new("wsh", 2, 3);
    private TxOut[] _outputs = [];
    private (Transaction Previous, ICoin Coin) _fund;
    private RootedKeyPath[] _origins = [];
    private PubKey[] _keys = [];
    private byte[] _first = [];
    private byte[] _second = [];
    private PSBT _unsigned = null!;

    [Params(100, 1_000, 2_500)]
    public int Recipients { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _outputs = Enumerable.Range(0, Recipients).Select(i => new TxOut(Money.Satoshis(10_000L + i), Script.FromHex($"0014{i:x40}"))).ToArray();
        _fund = _treasury.Fund(0, 100_000_000);
        _keys = _treasury.Keys(0);
        _origins = _treasury.Signers.Select(s => new RootedKeyPath(s.Fingerprint, KeyPath.Parse("48'/1'/0'/2'/0/0"))).ToArray();
        _unsigned = PSBT.Parse(Create(), Network.RegTest);
        _first = Signed(0);
        _second = Signed(1);
    }

    /// <summary>Outputs and coin in, base64 out, previous transaction and key origins included.</summary>
    [Benchmark]
    public string Create()
    {
        var transaction = Transaction.Create(Network.RegTest);
        transaction.Version = 2;
        transaction.Inputs.Add(_fund.Coin.Outpoint, sequence: Sequence.OptInRBF);
        foreach (var output in _outputs) transaction.Outputs.Add(output);
        var psbt = PSBT.FromTransaction(transaction, Network.RegTest);
        psbt.Settings.AutomaticUTXOTrimming = false;
        psbt.AddTransactions(_fund.Previous);
        psbt.AddCoins(_fund.Coin);
        for (var i = 0; i < _keys.Length; i++) psbt.AddKeyPath(_keys[i], _origins[i]);
        return psbt.ToBase64();
    }

    /// <summary>Two uploads in, both signatures verified against our own unsigned copy, finished and checked transaction out.</summary>
    [Benchmark]
    public Transaction VerifyAndExtract()
    {
        var ours = _unsigned.Clone();
        var data = ours.PrecomputeTransactionData();
        foreach (var upload in new[] { _first, _second })
        {
            var theirs = PSBT.Load(upload, Network.RegTest);
            var (key, signature) = theirs.Inputs[0].PartialSigs.Single();
            if (!key.Verify(ours.Inputs[0].GetSignatureHash(signature.SigHash, data), signature.Signature)) throw new InvalidOperationException("A good signature was refused.");
            ours.Inputs[0].PartialSigs.Add(key, signature);
        }

        ours.Finalize();
        return ours.ExtractTransaction();
    }

    private byte[] Signed(int signer)
    {
        var copy = _unsigned.Clone();
        _treasury.Signers[signer].Sign(copy);
        return copy.ToBytes();
    }
}
