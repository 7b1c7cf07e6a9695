using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Web.Demo;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>A treasury of toy keys: makes coins and payments of each kind that a real one can hold.</summary>
internal sealed class ToyTreasury
{
    private static readonly KeyPath Account = KeyPath.Parse("48'/1'/0'/2'");

    private readonly string _kind;
    private readonly int _needed;
    private readonly byte[][] _seeds;
    private readonly ToySigner[] _masters;
    private readonly ExtPubKey[] _branches;
    private readonly ConcurrentDictionary<uint, PubKey[]> _keys = new();

    /// <summary>Of kind <c>wpkh</c>, <c>tr</c>, <c>wsh</c>, <c>sh-wpkh</c>, <c>sh-wsh</c>, <c>pkh</c> or <c>sh</c>.</summary>
    public ToyTreasury(string kind, int needed = 1, int of = 1, string seed = "treasury")
    {
        (_kind, _needed) = (kind, needed);
        _seeds = Enumerable.Range(0, of).Select(i => SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {kind} {i}"))).ToArray();
        _masters = _seeds.Select(ToySigner.FromSeed).ToArray();
        _branches = _masters.Select(m => m.Derive(Account).Neuter().Derive(0)).ToArray();
    }

    public string Kind => _kind;

    public int Needed => _needed;

    public ToySigner[] Signers => _masters;

    public IEnumerable<byte[]> Seeds => _seeds;

    /// <summary>The keys in a descriptor, and the descriptor, as wallets exchange them.</summary>
    public string Descriptor
    {
        get
        {
            var keys = string.Join(',', _masters.Select(m => m.KeyExpression(Account, Network.RegTest) + "/<0;1>/*"));
            return _kind switch
            {
                "wpkh" or "tr" or "pkh" => $"{_kind}({keys})",
                "sh-wpkh" => $"sh(wpkh({keys}))",
                "wsh" => $"wsh(sortedmulti({_needed},{keys}))",
                "sh-wsh" => $"sh(wsh(sortedmulti({_needed},{keys})))",
                _ => $"sh(sortedmulti({_needed},{keys}))",
            };
        }
    }

    /// <summary>The accounts' extended public keys, as wallets exchange them without a descriptor.</summary>
    public IEnumerable<string> ExtendedKeys => _masters.Select(m => m.Derive(Account).Neuter().ToString(Network.RegTest));

    public PubKey[] Keys(uint index) => _keys.GetOrAdd(index, i => _branches.Select(b => b.Derive(i).PubKey).ToArray());

    public RootedKeyPath[] Origins(uint index) => _masters.Select(m => new RootedKeyPath(m.Fingerprint, Account.Derive(0u).Derive(index))).ToArray();

    public Script Multisig(uint index) => PayToMultiSigTemplate.Instance.GenerateScriptPubKey(_needed, true, [.. Keys(index)]);

    public Script Script(uint index) => _kind switch
    {
        "wpkh" => Keys(index)[0].GetScriptPubKey(ScriptPubKeyType.Segwit),
        "sh-wpkh" => Keys(index)[0].GetScriptPubKey(ScriptPubKeyType.SegwitP2SH),
        "pkh" => Keys(index)[0].GetScriptPubKey(ScriptPubKeyType.Legacy),
        "tr" => Keys(index)[0].GetScriptPubKey(ScriptPubKeyType.TaprootBIP86),
        "wsh" => Multisig(index).WitHash.ScriptPubKey,
        "sh-wsh" => Multisig(index).WitHash.ScriptPubKey.PaymentScript,
        "sh" => Multisig(index).PaymentScript,
        _ => throw new ArgumentOutOfRangeException(_kind),
    };

    /// <summary>A donation of that many satoshi, with another output before it.</summary>
    public (Transaction Previous, ICoin Coin) Fund(uint index, long satoshi)
    {
        var previous = Transaction.Create(Network.RegTest);
        previous.Version = 2;
        previous.Inputs.Add(new OutPoint(uint256.Parse($"{index:x64}"), 0), new Script(Op.GetPushOp([1, 2, 3])));
        previous.Outputs.Add(Money.Satoshis(5_000L), new Script(OpcodeType.OP_RETURN));
        previous.Outputs.Add(Money.Satoshis(satoshi), Script(index));
        return (previous, CoinIn(previous, index));
    }

    /// <summary>The output of a transaction that pays to this index, with its script.</summary>
    public ICoin CoinIn(Transaction previous, uint index)
    {
        var coin = previous.Outputs.AsCoins().Single(c => c.ScriptPubKey == Script(index));
        return _kind is "wsh" or "sh-wsh" or "sh" ? coin.ToScriptCoin(Multisig(index))
            : _kind is "sh-wpkh" ? coin.ToScriptCoin(Keys(index)[0].WitHash.ScriptPubKey)
            : coin;
    }

    /// <summary>An unsigned payment from that many coins to these outputs, with everything a signer needs.</summary>
    public PSBT Pay(int coins, params TxOut[] outputs) => Pay(Enumerable.Range(0, coins).Select(i => Fund((uint)i, 100_000 + i)).ToArray(), outputs);

    /// <summary>The same from coins that exist, the first at index 0.</summary>
    public PSBT Pay(IReadOnlyList<(Transaction Previous, ICoin Coin)> funds, params TxOut[] outputs)
    {
        var transaction = Transaction.Create(Network.RegTest);
        transaction.Version = 2;
        foreach (var (_, coin) in funds) transaction.Inputs.Add(coin.Outpoint, sequence: Sequence.OptInRBF);
        foreach (var output in outputs) transaction.Outputs.Add(output);
        var psbt = PSBT.FromTransaction(transaction, Network.RegTest);
        psbt.Settings.AutomaticUTXOTrimming = false;
        psbt.AddTransactions(funds.Select(f => f.Previous).ToArray());
        psbt.AddCoins(funds.Select(f => f.Coin).ToArray());
        for (var i = 0u; i < funds.Count; i++)
            for (var k = 0; k < _masters.Length; k++)
                NameKey(psbt.Inputs[(int)i], Keys(i)[k], Origins(i)[k]);
        return psbt;
    }

    private void NameKey(PSBTInput input, PubKey key, RootedKeyPath origin)
    {
        if (_kind != "tr")
        {
            input.AddKeyPath(key, origin);
            return;
        }

        input.TaprootInternalKey = key.TaprootInternalKey;
        input.HDTaprootKeyPaths.Add(key.TaprootInternalKey.AsTaprootPubKey(), new TaprootKeyPath(origin));
    }

    /// <summary>Enough signers sign the payment, each on a copy; the copies are combined.</summary>
    public PSBT Sign(PSBT unsigned)
    {
        var combined = unsigned.Clone();
        foreach (var signer in _masters.Take(_needed))
        {
            var copy = PSBT.Parse(unsigned.ToBase64(), Network.RegTest);
            if (signer.Sign(copy) != unsigned.Inputs.Count) throw new InvalidOperationException("A signer did not sign every input.");
            combined.Combine(PSBT.Parse(copy.ToBase64(), Network.RegTest));
        }

        return combined;
    }
}
