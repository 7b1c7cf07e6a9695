using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>
/// Two replicas, treasurers, signers, strangers and a chain that do anything in any order: builds, downloads, signatures, whole transactions broadcast past the product,
/// replacements, coins moved by hand, reorganisations, evictions, restarts, calls that go wrong, and databases restored from old backups. Whatever they do, nobody is
/// paid twice.
/// </summary>
internal sealed class RandomHistory : IAsyncDisposable
{
    /// <summary>Reorganisations are shallower than final: deeper ones are for people.</summary>
    private const int Final = 9;

    private readonly Random _random;
    private readonly Outages _outages;
    private readonly PayoutWorld[] _replicas;
    private readonly List<byte[]> _downloads = [];
    private readonly Dictionary<int, long[]> _amounts = [];
    private readonly List<string> _backups = [];
    private readonly Dictionary<uint256, Transaction> _gifts = [];
    private readonly List<string> _foreign = [];
    private readonly Dictionary<string, long> _owed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _bills = new(StringComparer.Ordinal);
    private readonly HashSet<string> _papers = new(StringComparer.Ordinal);
    private MovesWorld? _people;
    private Guid[] _admins = [];
    private readonly Dictionary<string, object> _last = new(StringComparer.Ordinal);
    private uint256? _seen;
    private int _rounds;

    private RandomHistory(Random random, Outages outages, PayoutWorld first) => (_random, _outages, _replicas) = (random, outages, [first, first.Join(), first.Join()]);

    /// <summary>How often each act was done.</summary>
    public IReadOnlyDictionary<string, int> Told => _told;

    public static async Task<RandomHistory> BeginAsync(int seed)
    {
        var outages = new Outages();
        var first = new PayoutWorld(TreasuryWorld.On(await MoneyDatabase.CreateAsync(outages.Interceptors), ("Payouts:OutputsPerBatch", "2"), ("Payouts:MaxFeeSharePpm", "1000000"), ("Bitcoin:FinalConfirmations", $"{Final}"), ("Bitcoin:LookAhead", "20")));
        outages.Disarm();
        await first.World.AdoptAsync();
        var people = await MovesWorld.OfAsync(first);
        var history = new RandomHistory(new Random(seed), outages, first) { _people = people, _admins = [people.Alice, people.Boris] };
        foreach (var replica in history._replicas) replica.World.Faults.Outages = outages;
        first.World.Chain.Mine(Final);
        await first.FundAsync(900_000, 800_000, 700_000);
        await first.TurnAsync();
        return history;
    }

    // Nobody acts through the first one: it owns the database, and looks.
    private PayoutWorld Eyes => _replicas[0];

    private PayoutWorld Any => _replicas[_random.Next(1, _replicas.Length)];

    /// <summary>One thing happens. Nobody has more than they are owed after it.</summary>
    public async Task StepAsync()
    {
        // Now and then a call goes wrong, or the process dies at it.
        if (_random.Next(2) == 0) _outages.Arm(_random.Next(1, 40), (Outage)_random.Next(4));
        else _outages.Disarm();
        var act = "";
        try
        {
            act = await ActAsync();
        }
        catch (Exception exception) when (OutageException.Explains(exception))
        {
            act = "outage";
        }

        _told[act] = _told.GetValueOrDefault(act) + 1;
        if (_outages.IsDead) await RestartAsync();
        _outages.Disarm();
        await NobodyTwiceAsync();
    }

    /// <summary>Everything that is open comes to its end; then everybody was paid once, and the books equal the chain.</summary>
    public async Task EndAsync()
    {
        _outages.Disarm();
        for (var turn = 0; turn < 80 && !await IsQuietAsync(); turn++)
        {
            foreach (var paper in _papers) if (await IsLockedAsync()) _last["bringing papers"] = await BringBackAsync(Eyes, System.Text.Encoding.ASCII.GetBytes(paper));
            foreach (var psbt in _downloads) if (await IsLockedAsync()) _last["bringing back"] = await BringBackAsync(Eyes, psbt);
            foreach (var txid in _foreign) foreach (var admin in _admins) await Eyes.ExplainAsync(txid, ForeignSpendReason.Rehearsal, admin);
            for (var round = 1; round <= _rounds; round++) _last[$"building round {round}"] = await Eyes.BuildAsync(round);
            foreach (var move in await MovesAsync()) _last[$"move {move.Number}"] = await EndMoveAsync(move);
            await Eyes.TurnAsync();
            foreach (var batch in await WaitingAsync())
            {
                if (batch.State is BatchState.Signed or BatchState.Broadcast)
                {
                    // It may have lost its coins to somebody for good.
                    if (batch.Refusal is not null) _last[$"replacing {Name(batch)}"] = await ReplaceAsync(Eyes, batch.Id);
                    continue;
                }

                var export = await Eyes.World.Do((BatchExport act) => act.DownloadAsync(batch.Id, default));
                _last[$"signing {Name(batch)}"] = export is ExportResult.Ready ready ? await Eyes.UploadAsync(batch.Id, PayoutWorld.Sign(ready.Psbt, 0, 1)) : export;
            }

            // Donors' wallets send again what a reorganisation lost: until then a payment that spends it can neither be mined nor replaced.
            foreach (var gift in _gifts.Values) await Eyes.World.Chain.SendAsync(gift, default);
            // New donations pay for what the moved coins would have paid.
            if (turn % 10 == 9) await Eyes.FundAsync(2_000_000);
            await Eyes.TurnAsync();
            Eyes.World.Chain.Mine(2);
            await Eyes.TurnAsync();
        }

        await NobodyTwiceAsync();
        Assert.True(await IsQuietAsync(), $"It does not come to an end: {await DescribeAsync()}");
        var received = await Eyes.ReceivedAsync();
        Assert.All(_owed, owed => Assert.Equal(owed.Value, received.GetValueOrDefault(owed.Key)));
        var paid = await Eyes.World.Read(db => db.Set<MoveCost>().Where(c => db.Set<Move>().Any(m => m.Number == c.MoveNumber && m.State == MoveState.Closed)).Select(c => c.Address).ToListAsync());
        Assert.All(_bills, bill => Assert.Equal(paid.Exists(address => PayoutWorld.Script(address).ToHex() == bill.Key) ? bill.Value : 0, received.GetValueOrDefault(bill.Key)));
        Assert.Equal(await Eyes.HoldsAsync(), await Eyes.BalanceAsync());
        await Eyes.OneLogAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _outages.Disarm();
        foreach (var replica in _replicas.Reverse()) await replica.DisposeAsync();
    }

    private async Task<string> ActAsync()
    {
        switch (_random.Next(30))
        {
            case 0 when _rounds < 4:
                await _outages.UnseenAsync(NewRoundAsync);
                return "round";
            case 0 or 1:
                if (_rounds > 0) await Any.BuildAsync(_random.Next(1, _rounds + 1));
                return "build";
            case 2 or 3:
                return await DownloadAsync();
            case 4 or 5 or 6:
                return await UploadAsync();
            case 7:
                return await BroadcastPastAsync();
            case 8:
                var batches = await _outages.UnseenAsync(WaitingAsync);
                if (batches.Count > 0) await ReplaceAsync(Any, Pick(batches).Id);
                return "replace";
            case 9:
                // A donor's double spend is another story: payments that spend such a donation would wait for ever.
                Eyes.World.Chain.Reorganize(_random.Next(1, Final), forget: transaction => transaction.HasWitness && _random.Next(3) == 0);
                return "reorganisation";
            case 10:
                if (_random.Next(2) == 0) Eyes.World.Chain.Evict();
                return "eviction";
            case 11 when _foreign.Count < 2:
                return await _outages.UnseenAsync(MoveCoinAsync);
            case 11 or 12:
                if (_foreign.Count > 0) await Any.ExplainAsync(Pick(_foreign), _random.Next(3) == 0 ? ForeignSpendReason.Theft : ForeignSpendReason.Rehearsal, Pick(_admins));
                return "approval";
            case 13:
                await _outages.UnseenAsync(async () => Eyes.World.Chain.Pay(PayoutWorld.Script((await Eyes.World.DonateAsync()).Address), new(_random.Next(50_000, 900_000))));
                return "donation";
            case 14:
                await RestartAsync();
                return "restart";
            case 15 or 16:
                Eyes.World.Chain.Mine(_random.Next(1, 3));
                return "blocks";
            case 17:
                await Any.World.SealAsync();
                return "sealing";
            case 18:
                if (_random.Next(2) > 0 || _backups.Count > 3) return "no backup";
                _backups.Add(await _outages.UnseenAsync(() => Eyes.World.Read(DatabaseBackup.TakeAsync)));
                return "backup";
            case 19:
                if (_backups.Count == 0 || _random.Next(2) > 0) return "no restore";
                await RestoreAsync();
                return "restore";
            case 20:
                if (_downloads.Count > 0) await BringBackAsync(Any, Pick(_downloads));
                if (_papers.Count > 0 && _random.Next(2) == 0) await BringBackAsync(Any, System.Text.Encoding.ASCII.GetBytes(Pick([.. _papers])));
                return "copy brought";
            case 21 or 22 when _bills.Count < 4:
                return await ProposeAsync();
            case 21 or 22 or 23 or 24:
                return await MoveOnAsync();
            default:
                await Any.TurnAsync();
                return "turn";
        }
    }

    private async Task<bool> NewRoundAsync()
    {
        if (await Eyes.World.Do((ITreasuryFacts facts) => facts.ReadAsync(default)) is not { } facts) return false;
        var number = ++_rounds;
        var amounts = _amounts[number] = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => (long)_random.Next(20_000, 200_000))];
        await Eyes.World.Read(db => PayoutWorld.ApproveAsync(db, facts, Eyes.World.Time.GetUtcNow(), number, 400_000, 50, i => PayoutWorld.Address((number * 100) + i), amounts));
        for (var i = 0; i < amounts.Length; i++) _owed.Add(PayoutWorld.Script(PayoutWorld.Address((number * 100) + i)).ToHex(), amounts[i]);
        return true;
    }

    // Coins are brought together, or a bill is paid; each bill has an address of its own.
    private async Task<string> ProposeAsync()
    {
        var people = People(Any);
        if (_random.Next(2) == 0)
        {
            await people.ConsolidateAsync(_random.Next(1, 3));
            return "consolidation";
        }

        var (address, amount) = (PayoutWorld.Address(90_000 + _bills.Count), _random.Next(20_000, 200_000));
        _bills.Add(PayoutWorld.Script(address).ToHex(), amount);
        await people.PayAsync(new Bill(CostPurpose.Hosting, new(amount), address));
        return "bill";
    }

    private async Task<string> MoveOnAsync()
    {
        var moves = (await _outages.UnseenAsync(MovesAsync)).Where(m => m.State is MoveState.Proposed or MoveState.Approved).ToList();
        if (moves.Count == 0) return "no move";
        var (move, people) = (Pick(moves), People(Any));
        if (move.State == MoveState.Approved)
        {
            if (_random.Next(6) == 0) await people.WithdrawAsync(move.Number);
            else await people.BuildAsync(move.Number);
            return "move built";
        }

        // Operators have had their time to object.
        Eyes.World.Time.Advance(TimeSpan.FromDays(30));
        await people.ApproveAsync(Pick(_admins), move.Number);
        return "move approved";
    }

    private async Task<object> EndMoveAsync(Move move)
    {
        var people = People(Eyes);
        if (move.State == MoveState.Approved) return await people.BuildAsync(move.Number) is BuildResult.NothingToBuild ? await people.WithdrawAsync(move.Number) : "built, or waiting";
        return move.State == MoveState.Proposed ? await people.WithdrawAsync(move.Number) : move.State;
    }

    private MovesWorld People(PayoutWorld at) => new(at, _people!.Alice, _people.Boris, _people.Key);

    private Task<List<Move>> MovesAsync() => Eyes.World.Read(db => db.Set<Move>().AsNoTracking().OrderBy(m => m.Number).ToListAsync());

    private async Task<string> DownloadAsync()
    {
        var batches = await _outages.UnseenAsync(WaitingAsync);
        if (batches.Count == 0) return "nothing to download";
        var batch = Pick(batches).Id;
        if (await Any.World.Do((BatchExport act) => act.DownloadAsync(batch, default)) is ExportResult.Ready ready) _downloads.Add(ready.Psbt);
        return "download";
    }

    // Any version that ever left, by any signers, twice, late.
    private async Task<string> UploadAsync()
    {
        if (_downloads.Count == 0) return "nothing to upload";
        var psbt = _random.Next(2) == 0 ? _downloads[^1] : Pick(_downloads);
        int[][] signers = [[0], [1], [2], [0, 2], [1, 2]];
        if (await _outages.UnseenAsync(() => BatchOfAsync(psbt)) is not { } batch) return "upload for nothing";
        await Any.UploadAsync(batch, PayoutWorld.Sign(psbt, Pick(signers)));
        return "upload";
    }

    // Two signers agree among themselves and send what they have, past the product.
    private async Task<string> BroadcastPastAsync()
    {
        if (_downloads.Count == 0) return "nothing to broadcast";
        var final = PSBT.Load(PayoutWorld.Sign(Pick(_downloads), 1, 2), Network.RegTest).Finalize().ExtractTransaction();
        await Eyes.World.Chain.SendAsync(final, default);
        return "broadcast past";
    }

    // Everything is stopped, an old backup comes back, then the log's entries; what admins had approved since is entered again from their papers.
    private async Task RestoreAsync()
    {
        _outages.Disarm();
        // What is public somebody has kept.
        foreach (var move in await MovesAsync()) _papers.Add(move.Manifest);
        var at = _random.Next(_backups.Count);
        await Eyes.World.Read(async db =>
        {
            await DatabaseBackup.RestoreAsync(db, _backups[at]);
            return 0;
        });
        // A newer one is of a past that did not happen.
        _backups.RemoveRange(at + 1, _backups.Count - at - 1);
        for (var i = 1; i < _replicas.Length; i++)
        {
            await _replicas[i].DisposeAsync();
            _replicas[i] = Eyes.Join();
            _replicas[i].World.Faults.Outages = _outages;
        }

        await Any.World.Do((LedgerReadmission readmission) => readmission.RunAsync());
        var facts = (await Eyes.World.Do((ITreasuryFacts facts) => facts.ReadAsync(default)))!;
        foreach (var (number, amounts) in _amounts)
        {
            if (await Eyes.World.Read(db => db.Set<Round>().AnyAsync(r => r.Number == number))) continue;
            var isTold = await Eyes.World.Read(db => db.Set<LedgerEntry>().AnyAsync(e => e.RoundNumber == number && e.Type == "round.approved"));
            await Eyes.World.Read(db => PayoutWorld.ApproveAsync(db, facts, Eyes.World.Time.GetUtcNow(), number, 400_000, 50, i => PayoutWorld.Address((number * 100) + i), amounts, isTold));
        }
    }

    private static Task<ImportResult> BringBackAsync(PayoutWorld world, byte[] psbt) => world.World.Do((PaymentImport import) => import.TakeAsync(psbt, default));

    private Task<bool> IsLockedAsync() => Eyes.World.Do(async (PaymentLock paymentLock) => await paymentLock.FindAsync(default) is not null);

    // Batches have other names after a restore; what is to be signed has the same.
    private Task<Guid?> BatchOfAsync(byte[] psbt)
    {
        var txid = PSBT.Load(psbt, Network.RegTest).GetGlobalTransaction().GetHash().ToString();
        return Eyes.World.Read(db => db.Set<BatchTransaction>().Where(t => t.Txid == txid).Select(t => (Guid?)t.BatchId).SingleOrDefaultAsync());
    }

    private async Task<string> MoveCoinAsync()
    {
        var coin = await Eyes.World.Read(db => db.Set<TreasuryCoin>().Where(c => c.SpentBy == null && c.Height != null && c.IsBooked).OrderBy(c => c.Amount).Select(c => (long?)c.Id).FirstOrDefaultAsync());
        if (coin is null) return "nothing to move";
        var final = await Eyes.World.Read(db => PayoutWorld.ForeignAsync(db, coinId: coin));
        if (await Eyes.World.Chain.SendAsync(final, default) is not ChainVerdict.Accepted) return "not moved";
        _foreign.Add(final.GetHash().ToString());
        return "coin moved";
    }

    private static Task<ReplaceResult> ReplaceAsync(PayoutWorld world, Guid batch) => world.World.Do(async (BatchReplacing act) =>
    {
        var seen = await world.World.Read(db => db.Set<BatchTransaction>().Where(t => t.BatchId == batch).MaxAsync(t => t.Number));
        return await act.ReplaceAsync(batch, seen, 2, PayoutWorld.Treasurer, default);
    });

    private async Task RestartAsync()
    {
        _outages.Disarm();
        var i = _random.Next(1, _replicas.Length);
        await _replicas[i].DisposeAsync();
        _replicas[i] = Eyes.Join();
        _replicas[i].World.Faults.Outages = _outages;
    }

    private Task<List<Batch>> WaitingAsync() => Eyes.World.Read(db => db.Set<Batch>().AsNoTracking().Where(b => Batch.Waiting.Contains(b.State)).OrderBy(b => b.RoundNumber).ThenBy(b => b.Number).ToListAsync());

    private async Task<bool> IsQuietAsync()
    {
        for (var round = 1; round <= _rounds; round++) if (await Eyes.StateAsync(round) != RoundState.Closed) return false;
        if (!(await MovesAsync()).TrueForAll(m => m.State is MoveState.Closed or MoveState.Withdrawn)) return false;
        return !await IsLockedAsync() && !await Eyes.World.Read(db => db.ForeignSpends().AnyAsync()) && await Eyes.World.Read(async db => await db.Set<LedgerEntry>().CountAsync() == (await db.Set<LedgerHead>().SingleAsync()).Published)
            && await Eyes.HoldsAsync() == await Eyes.BalanceAsync();
    }

    private async Task<string> DescribeAsync()
    {
        var (open, foreign) = (await Eyes.World.Read(db => db.Set<Batch>().AsNoTracking().Where(b => b.State != BatchState.Final).ToListAsync()), await Eyes.World.Read(db => db.ForeignSpends().CountAsync()));
        var rounds = await Eyes.World.Read(db => db.Set<Round>().AsNoTracking().OrderBy(r => r.Number).Select(r => $"round {r.Number} {r.State}").ToListAsync());
        return $"{string.Join(", ", rounds)}; {string.Join("; ", open.Select(b => $"{Name(b)} is {b.State}, refused as '{b.Refusal}'"))}; foreign {foreign}; chain {await Eyes.HoldsAsync()}, books {await Eyes.BalanceAsync()}; "
            + (await IsLockedAsync() ? $"locked: {await Eyes.World.Do((PaymentRecovery recovery) => recovery.LookAsync(default))}; " : "") + string.Join("; ", _last.Select(l => $"{l.Key}: {l.Value}"));
    }

    private static string Name(Batch batch) => $"batch {batch.RoundNumber}.{batch.Number}";

    // Only blocks pay anybody.
    private async Task NobodyTwiceAsync()
    {
        var tip = (await Eyes.World.Chain.GetTipAsync(default)).Hash;
        if (tip == _seen) return;
        _seen = tip;
        await KeepGiftsAsync();
        var received = await Eyes.ReceivedAsync();
        Assert.All(_owed.Concat(_bills), owed => Assert.Contains(received.GetValueOrDefault(owed.Key), new[] { 0, owed.Value }));
    }

    // What donors' wallets know, whatever the chain and the database forget.
    private async Task KeepGiftsAsync()
    {
        for (var height = Eyes.World.Chain.Height; height > 0; height--)
        {
            var hash = (await Eyes.World.Chain.GetBlockHashAsync(height, default))!;
            foreach (var gift in Block.Load((await Eyes.World.Chain.GetBlockAsync(hash, default))!, Network.RegTest).Transactions.Where(t => !t.IsCoinBase && !t.HasWitness)) _gifts[gift.GetHash()] = gift;
        }
    }

    private T Pick<T>(IReadOnlyList<T> among) => among[_random.Next(among.Count)];
}
