using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Payouts.Model;

/// <summary>
/// One random history of the engine in memory. The decisions are the product's own: how payments are divided, which coins pay, what a replacement spends and whether it keeps the older
/// versions out of the chain, what the chain makes of a batch. What the acts do between these decisions is written a second time; what the world does is anything at all.
/// </summary>
internal sealed class ModelHistory
{
    private const int Confirmations = 2, Final = 9, Rounds = 3, RecipientsOfABatch = 2;

    private static readonly Descriptor Descriptor = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
    private static readonly AdoptedTreasury Treasury = new(1, Descriptor, 0);
    private static readonly PayoutOptions Limits = new() { MaxFeeSharePpm = 1_000_000 };
    private static readonly BitcoinOptions Bitcoin = new() { Confirmations = Confirmations, FinalConfirmations = Final };
    private static readonly Script[] Scripts = [.. Enumerable.Range(0, Rounds * 4).Select(i => PayoutWorld.Script(PayoutWorld.Address(i)))];

    private readonly Random _random;
    private readonly ModelFault _fault;
    private readonly ModelChain _chain = new();
    private readonly List<ModelTx> _gifts = [];
    private readonly List<ModelTx> _elsewhere = [];
    private readonly List<ModelVersion> _log = [];
    private readonly HashSet<ModelVersion> _published = [];
    private readonly List<ModelTx> _held = [];
    private readonly List<(ModelTables Tables, int Log)> _backups = [];
    private readonly Dictionary<int, PlannedPayment[]> _approved = [];
    private ModelTables _tables = new();
    private long _coins;
    private uint _money;
    private ulong _ids;

    public ModelHistory(int seed, ModelFault fault = ModelFault.None)
    {
        (_random, _fault) = (new Random(seed), fault);
        for (var i = 0; i < 4; i++) Give();
        for (var i = 0; i < Final; i++) _chain.Mine(_gifts);
        Follow();
    }

    /// <summary>How often each act did something.</summary>
    public Dictionary<string, int> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>Recipients that the best chain pays.</summary>
    public int Paid { get; private set; }

    /// <summary>One thing happens. False where somebody is paid twice after it.</summary>
    public bool Step()
    {
        var act = Act();
        if (act is not null) Told[act] = Told.GetValueOrDefault(act) + 1;
        var paid = _chain.All.SelectMany(mined => mined.Tx.Outputs).Where(output => output.Whose >= 0).Select(output => output.Whose).ToList();
        Paid = paid.Distinct().Count();
        return Paid == paid.Count;
    }

    private string? Act() => _random.Next(22) switch
    {
        0 => Approve(),
        1 or 2 or 3 => Build(),
        4 => Publish(),
        5 or 6 or 7 => Download(),
        8 or 9 => Replace(),
        10 or 11 or 12 => Mine(),
        13 => Reorganize(),
        14 when _random.Next(5) == 0 => MoveByHand(),
        15 => Book(),
        16 => BackUp(),
        17 => Restore(),
        18 => Import(),
        19 when _random.Next(3) == 0 => Give(),
        _ => Follow(),
    };

    private string? Approve()
    {
        if (_approved.Count == Rounds) return null;
        var round = _approved.Count + 1;
        _approved.Add(round, [.. Enumerable.Range(0, _random.Next(1, 5)).Select(i => new PlannedPayment(Guid.NewGuid(), $"{round}-{i}", new Sats(_random.Next(20_000, 200_000)), Scripts[((round - 1) * 4) + i]))]);
        _tables.Rounds.Add(round);
        return "approved";
    }

    private string Give()
    {
        _gifts.Add(new ModelTx(NextId(), [new OutPoint(uint256.Zero, _money++)], [(ModelTx.Treasury, _random.Next(100_000, 900_000))]));
        return "gift";
    }

    // What is in this block or an older one stays, as far as anybody can tell.
    private int Deep => _tables.Read - Final + 1;

    // Confirmed, booked, and in no batch.
    private SelectableCoin[] Free() => [.. _tables.Coins.Values.Where(c => c.IsBooked && c.Height is not null && c.SpentHeight is null && !_tables.Batches.Exists(b => b.Coins.Contains(c.At))).Select(Selectable)];

    private static SelectableCoin Selectable(ModelCoin coin) => new(coin.Id, new Sats(coin.Amount), Descriptor.InputWeight());

    private string? Build()
    {
        if (_approved.Count == 0) return null;
        var round = _random.Next(1, _approved.Count + 1);
        if (!_tables.Rounds.Contains(round) || IsLocked() || _tables.Foreign.ContainsValue(false)) return null;
        var payments = _approved[round];
        var planned = (PlanResult.Planned)PayoutPlan.Create(payments, PayoutPlan.BatchCount(payments.Length, RecipientsOfABatch), Limits);
        var missing = planned.Batches.Where(b => _fault == ModelFault.BuildsAgain || !_tables.Batches.Exists(own => (own.Round, own.Number) == (round, b.Number))).ToArray();
        var (plans, _) = BatchPlan.Create(missing, [new Purse(Treasury, Free())], Descriptor, Rate(), Fees(), Limits);
        foreach (var plan in plans)
        {
            var batch = new ModelBatch(round, plan.Batch.Number);
            Write(batch, plan.Batch.Payments, plan.Coins);
            if (_fault != ModelFault.BuildsAgain && !_tables.Allows(batch)) throw new InvalidOperationException("The indexes refuse what was planned.");
            _tables.Batches.Add(batch);
        }

        return plans.Count > 0 ? "built" : null;
    }

    private void Write(ModelBatch batch, IReadOnlyList<PlannedPayment> payments, SelectionResult.Chosen chosen)
    {
        var coins = _tables.Coins.Values.Where(c => chosen.Coins.Any(picked => picked.Id == c.Id)).Select(c => c.At).ToArray();
        var outputs = payments.Select(p => (Whose: Array.FindIndex(Scripts, script => script == p.Script), p.Amount.Value)).ToList();
        if (chosen.Change is { } change) outputs.Add((ModelTx.Treasury, change.Value));
        // A number that the log knows is never used again.
        var number = _log.Where(v => (v.Round, v.Batch) == (batch.Round, batch.Number)).Select(v => v.Number).DefaultIfEmpty().Max() + 1;
        var version = new ModelVersion(batch.Round, batch.Number, number, new ModelTx(NextId(), coins, outputs), new Cost(chosen.Fee, VByteRate.Of(chosen.Fee, chosen.Weight)));
        _log.Add(version);
        batch.Coins.UnionWith(coins);
        batch.Versions.Add(version);
        batch.State = BatchState.Built;
    }

    private string Publish()
    {
        _published.UnionWith(_log);
        return "published";
    }

    private string? Download()
    {
        if (_tables.Batches.Count == 0) return null;
        var batch = Pick(_tables.Batches);
        if (batch.State >= BatchState.Confirmed || IsLocked() || !_published.Contains(batch.Newest)) return null;
        (batch.State, batch.WasExported) = (BatchState.Exported, true);
        // From here on somebody has it signed, and can send it on any day.
        if (!_held.Contains(batch.Newest.Tx)) _held.Add(batch.Newest.Tx);
        return "downloaded";
    }

    private string? Replace()
    {
        if (_tables.Batches.Count == 0) return null;
        var batch = Pick(_tables.Batches);
        if (batch.Versions.Exists(v => _tables.Mined.Contains(v.Tx.Txid)) || !_tables.Rounds.Contains(batch.Round) || IsLocked() || _tables.Foreign.ContainsValue(false)) return null;
        var held = _tables.Coins.Values.Where(c => c.Height is not null && c.SpentHeight is null && batch.Coins.Contains(c.At)).ToArray();
        var decisive = held.Select(c => c.At).Concat(_tables.Coins.Values.Where(c => batch.Coins.Contains(c.At) && (c.SpentHeight <= Deep || c.IsLost)).Select(c => c.At)).ToHashSet();
        if (_fault == ModelFault.SharesNothing) held = [];
        else if (!ReplacementPlan.ExcludesAll(batch.Versions.Select(v => v.Tx.Inputs), decisive)) return null;
        var payments = _approved[batch.Round];
        var planned = PayoutPlan.Divide(payments, PayoutPlan.BatchCount(payments.Length, RecipientsOfABatch))[batch.Number - 1];
        var dearest = batch.WasExported ? new Cost(batch.Versions.Max(v => v.Cost.Fee), batch.Versions.Max(v => v.Cost.Rate)) : null;
        if (ReplacementPlan.Create([.. held.Select(Selectable)], Free(), BatchPlan.RequestFor(planned.Payments, Descriptor, Rate(), Fees(), Limits), dearest) is not SelectionResult.Chosen chosen) return null;
        Write(batch, planned.Payments, chosen);
        return "replaced";
    }

    // Whatever is signed may be in a block, in any order; donations are too, unless their donors spent them otherwise.
    private string Mine()
    {
        for (var blocks = _random.Next(1, 4); blocks > 0; blocks--) _chain.Mine(Shuffled().Where(_ => _random.Next(2) == 0).ToList());
        return "mined";
    }

    private string Reorganize()
    {
        var depth = _random.Next(1, Final);
        var gone = _chain.Undo(depth);
        // A donor may spend otherwise what the chain gave back.
        foreach (var gift in gone.Where(tx => _gifts.Contains(tx) && _random.Next(8) == 0)) _elsewhere.Add(new ModelTx(NextId(), gift.Inputs, [(ModelTx.Elsewhere, gift.Outputs[0].Amount)]));
        for (var i = 0; i <= depth; i++) _chain.Mine(Shuffled().Where(_ => _random.Next(3) == 0).ToList());
        return "reorganised";
    }

    private ModelTx[] Shuffled()
    {
        ModelTx[] all = [.. _gifts, .. _held, .. _elsewhere];
        _random.Shuffle(all);
        return all;
    }

    // Treasurers with a wallet of their own, past the product.
    private string? MoveByHand()
    {
        var coins = _tables.Coins.Values.Where(c => c.Height is not null && c.SpentHeight is null).ToArray();
        if (coins.Length == 0 || _elsewhere.Count > 2) return null;
        var coin = Pick(coins);
        _elsewhere.Add(new ModelTx(NextId(), [coin.At], [(ModelTx.Elsewhere, coin.Amount)]));
        return "moved by hand";
    }

    private string? Book()
    {
        var due = _tables.Foreign.Where(f => !f.Value).Select(f => f.Key).FirstOrDefault(txid => _tables.Coins.Values.Any(c => c.SpentBy == txid && c.SpentHeight <= Deep));
        if (due is null) return null;
        _tables.Foreign[due] = true;
        return "booked";
    }

    private string? BackUp()
    {
        if (_backups.Count > 3) return null;
        _backups.Add((_tables.Copy(), _log.Count));
        return "backed up";
    }

    // What was not published by then is lost with the tables; what was comes back into the log, but not into them.
    private string? Restore()
    {
        if (_backups.Count == 0 || _random.Next(4) > 0) return null;
        var at = _random.Next(_backups.Count);
        var (tables, log) = _backups[at];
        _backups.RemoveRange(at + 1, _backups.Count - at - 1);
        _tables = tables.Copy();
        var lost = _log.Skip(log).Where(v => !_published.Contains(v)).ToHashSet();
        _log.RemoveAll(lost.Contains);
        _tables.IsUnread = true;
        // Admins enter what they approved from their papers.
        foreach (var round in _approved.Keys) _tables.Rounds.Add(round);
        return "restored";
    }

    private string? Import()
    {
        var forgotten = Forgotten().ToArray();
        if (forgotten.Length == 0 || _tables.IsUnread) return null;
        var version = Pick(forgotten);
        if (!version.Tx.Inputs.All(_tables.Coins.ContainsKey))
        {
            // A copy that somebody kept carries what made its coins.
            if (!_held.Contains(version.Tx)) return null;
            foreach (var input in version.Tx.Inputs.Where(i => !_tables.Coins.ContainsKey(i))) _tables.Coins.Add(input, new ModelCoin(++_coins, input, AmountOf(input)));
        }

        var batch = _tables.Batches.Find(b => (b.Round, b.Number) == (version.Round, version.Batch)) ?? new ModelBatch(version.Round, version.Batch);
        var (isNew, copy) = (!_tables.Batches.Contains(batch), batch.Copy());
        copy.Coins.UnionWith(version.Tx.Inputs);
        if (_tables.Batches.Where(b => b != batch).Any(b => b.Coins.Overlaps(copy.Coins))) return null;
        batch.Coins.UnionWith(version.Tx.Inputs);
        if (Batch.Waiting.Contains(batch.State) && !batch.Versions.Exists(v => v.Number > version.Number)) batch.State = BatchState.Exported;
        batch.WasExported = true;
        batch.Versions.Add(version);
        if (isNew) _tables.Batches.Add(batch);
        return "imported";
    }

    private IEnumerable<ModelVersion> Forgotten()
    {
        var known = _tables.Versions.ToHashSet();
        return _log.Where(v => !known.Contains(v) && !IsImpossible(v));
    }

    // A coin of it went elsewhere for good, and the tables know where.
    private bool IsImpossible(ModelVersion version) => version.Tx.Inputs.Any(input => _tables.Coins.TryGetValue(input, out var coin)
        && (coin.IsLost || (coin.SpentHeight <= Deep && coin.SpentBy != version.Tx.Txid && (_tables.Versions.Any(v => v.Tx.Txid == coin.SpentBy) || _tables.Foreign.GetValueOrDefault(coin.SpentBy!)))));

    private bool IsLocked() => _fault != ModelFault.NeverLocks && (_tables.IsUnread || Forgotten().Any());

    /// <summary>The passes read the chain to its end, and move what it shows.</summary>
    private string Follow()
    {
        (_tables.Read, _tables.Mined) = (_chain.Height, _chain.All.Select(mined => mined.Tx.Txid).ToHashSet(StringComparer.Ordinal));
        foreach (var (tx, _) in _chain.All)
        {
            for (var i = 0; i < tx.Outputs.Count; i++)
            {
                var at = new OutPoint(tx.Id, (uint)i);
                if (tx.Outputs[i].Whose == ModelTx.Treasury && !_tables.Coins.ContainsKey(at)) _tables.Coins.Add(at, new ModelCoin(++_coins, at, tx.Outputs[i].Amount));
            }
        }

        foreach (var coin in _tables.Coins.Values)
        {
            coin.Height = _chain.HeightOf(coin.At.Hash);
            coin.IsBooked = coin.Height <= _chain.Height - Confirmations + 1;
            var spender = _chain.SpenderOf(coin.At);
            (coin.SpentBy, coin.SpentHeight) = (spender?.By.Txid, spender?.Height);
            coin.IsLost = coin.Height is null && IsLost(coin.At.Hash);
        }

        foreach (var (tx, _) in _chain.All.Where(mined => mined.Tx.Inputs.Any(_tables.Coins.ContainsKey) && !_log.Exists(v => v.Tx == mined.Tx))) _tables.Foreign.TryAdd(tx.Txid, false);
        foreach (var txid in _tables.Foreign.Keys.Where(txid => !_tables.Mined.Contains(txid)).ToArray()) _tables.Foreign.Remove(txid);
        foreach (var batch in _tables.Batches) Confirm(batch);
        _tables.IsUnread = false;
        return "followed";
    }

    private void Confirm(ModelBatch batch)
    {
        var seen = batch.Versions.Find(v => _tables.Mined.Contains(v.Tx.Txid));
        switch (BatchConfirmation.Decide(batch.State, batch.Booked, seen?.Tx.Txid, seen is null ? 0 : _chain.Height - _chain.HeightOf(seen.Tx.Id)!.Value + 1, Bitcoin))
        {
            case ChainTurn.Confirm:
                (batch.State, batch.Booked) = (BatchState.Confirmed, seen!.Tx.Txid);
                break;
            case ChainTurn.Unconfirm:
                (batch.State, batch.Booked) = (batch.WasExported ? BatchState.Exported : BatchState.Built, null);
                break;
            case ChainTurn.Finish:
                batch.State = BatchState.Final;
                break;
        }
    }

    // What it came from was spent otherwise, so deep that it stays so.
    private bool IsLost(uint256 id)
    {
        var tx = _gifts.Concat(_held).Concat(_elsewhere).FirstOrDefault(t => t.Id == id);
        return tx is not null && tx.Inputs.Any(input => _chain.SpenderOf(input) is { } spender && spender.By != tx && spender.Height <= _chain.Height - Final + 1);
    }

    private long AmountOf(OutPoint coin) => _gifts.Concat(_held).Concat(_log.Select(v => v.Tx)).First(tx => tx.Id == coin.Hash).Outputs[(int)coin.N].Amount;

    private VByteRate Rate() => VByteRate.PerVByte(_random.Next(1, 20));

    private static RoundFees Fees() => new(new Sats(400_000), VByteRate.PerVByte(50), Sats.Zero);

    private uint256 NextId() => new([.. BitConverter.GetBytes(++_ids), .. new byte[24]]);

    private T Pick<T>(IReadOnlyList<T> among) => among[_random.Next(among.Count)];
}

/// <summary>A rule that the model can do without, to show that it is missed.</summary>
internal enum ModelFault
{
    None,

    /// <summary>A replacement need not spend a coin of what it replaces.</summary>
    SharesNothing,

    /// <summary>What is in a batch already may be built once more.</summary>
    BuildsAgain,

    /// <summary>After a restore nothing waits until the tables know what the log says.</summary>
    NeverLocks,
}
