using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Demo;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A funded treasury, approved rounds, and signers with their keys: everything around the payout engine, on the sandbox chain.</summary>
internal sealed class PayoutWorld(TreasuryWorld world) : IAsyncDisposable
{
    public static readonly Guid Treasurer = new("00000000-0000-0000-0000-0000000000aa");

    public TreasuryWorld World => world;

    /// <summary>The three keys of <see cref="TestTreasuries.TwoOfThree"/>; the first is also that of no other treasury.</summary>
    public static ToySigner[] Signers { get; } = [.. Enumerable.Range(1, 3).Select(i => ToySigner.FromSeed([.. Enumerable.Repeat((byte)i, 32)]))];

    public static async Task<PayoutWorld> CreateAsync(params (string Key, string Value)[] settings) => new(await TreasuryWorld.CreateAsync(settings));

    public static Task<PayoutWorld> FundedAsync(params long[] coins) => FundedAsync([], coins);

    public static async Task<PayoutWorld> FundedAsync((string Key, string Value)[] settings, params long[] coins)
    {
        var payouts = await CreateAsync(settings);
        await payouts.World.AdoptAsync();
        await payouts.FundAsync(coins);
        return payouts;
    }

    /// <summary>Another process of the same registry.</summary>
    public PayoutWorld Join(params (string Key, string Value)[] settings) => new(World.Join(settings));

    public async Task FundAsync(params long[] coins)
    {
        foreach (var amount in coins) World.Chain.Pay(Script((await World.DonateAsync()).Address), new Sats(amount));
        World.Chain.Mine(2);
        await World.FollowAsync();
    }

    /// <summary>A round as its admins approved it, with its approvals published.</summary>
    public Task<Round> ApprovedAsync(int number, params long[] amounts) => LimitedAsync(number, maxFee: 200_000, maxRate: 50, amounts);

    /// <summary>The same with fee limits.</summary>
    public Task<Round> LimitedAsync(int number, long maxFee, int maxRate, params long[] amounts) => ApprovedAsync(number, maxFee, maxRate, i => Address((number * 10_000) + i), amounts);

    /// <summary>The same, all paid to one address.</summary>
    public Task<Round> PayingAsync(int number, string address, params long[] amounts) => ApprovedAsync(number, 200_000, 50, _ => address, amounts);

    private async Task<Round> ApprovedAsync(int number, long maxFee, int maxRate, Func<int, string> address, long[] amounts)
    {
        var facts = (await World.Do((ITreasuryFacts facts) => facts.ReadAsync(default)))!;
        var round = await World.Read(db => ApproveAsync(db, facts, World.Time.GetUtcNow(), number, maxFee, maxRate, address, amounts));
        await World.SealAsync();
        return round;
    }

    /// <summary>Writes a round as its admins would have approved it into any registry's database.</summary>
    public static Task<Round> ApproveAsync(MoneyDb db, TreasuryFacts facts, DateTimeOffset now, int number, long maxFee, int maxRate, Func<int, string> address, params long[] amounts) =>
        ApproveAsync(db, facts, now, number, maxFee, maxRate, address, amounts, isTold: false);

    /// <summary>The same, also for a round of which the log said so before the database was restored.</summary>
    public static async Task<Round> ApproveAsync(
        MoneyDb db, TreasuryFacts facts, DateTimeOffset now, int number, long maxFee, int maxRate, Func<int, string> address, long[] amounts, bool isTold)
    {
        var start = now.UtcDateTime.Date;
        var policy = Policy.Standard;
        var round = new Round
        {
            Number = number, StartsAt = start.AddDays(-30), EndsAt = start, Budget = Sats.Sum(amounts.Select(a => new Sats(a))), CapPpm = 1_000_000, Floor = new Sats(1_000),
            Step = new Sats(1), MaxFee = new Sats(maxFee), MaxFeeRate = maxRate, PolicyJson = policy.Bytes, ProposedBy = Guid.NewGuid(),
        };
        var grants = amounts.Select((amount, i) => new Grant
        {
            RoundNumber = number, AccountId = Guid.NewGuid(), Token = $"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes((number * 10_000) + i)))[..16]}",
            Weight = 1, Share = new Sats(amount), Paid = new Sats(amount), Address = address(i),
        }).ToArray();
        var lines = grants.Select(g => new PlanLine(g.Token, g.Weight, g.Share, Sats.Zero, g.Paid, Sats.Zero)).ToArray();
        round.ScoresSha256 = RoundFiles.Sha256(RoundFiles.Scores(grants));
        round.Manifest = Manifest.Write(round, new RoundPlan(lines, new Carry(Sats.Zero, Sats.Zero, Sats.Zero)), grants, facts);
        round.ManifestSha256 = RoundFiles.Sha256(System.Text.Encoding.ASCII.GetBytes(round.Manifest));
        round.State = RoundState.Approved;
        db.Add(round);
        db.AddRange(grants);
        if (!isTold)
        {
            db.Append(new ApprovalGiven(number, 1, round.ManifestSha256, "SHA256:test", null), now);
            db.Append(new RoundApproved(number, 1, round.ManifestSha256, 0, 1), now);
        }

        await db.SaveChangesAsync();
        return round;
    }

    public Task<BuildResult> BuildAsync(int round) => World.Do((BatchBuilding act) => act.BuildAsync(round, 6, Treasurer, default));

    /// <summary>The live batch of a round with its newest version.</summary>
    public Task<(Batch Batch, BatchTransaction Version)> BatchAsync(int round, int number = 1) => World.Read(async db =>
    {
        var batch = await db.Set<Batch>().AsNoTracking().SingleAsync(b => b.RoundNumber == round && b.Number == number);
        return (batch, await db.Set<BatchTransaction>().AsNoTracking().Where(t => t.BatchId == batch.Id).OrderByDescending(t => t.Number).FirstAsync());
    });

    /// <summary>Builds, publishes, downloads: what a treasurer holds before signing.</summary>
    public async Task<(Guid Batch, byte[] Psbt)> ExportedAsync(int round, int number = 1)
    {
        Assert.IsType<BuildResult.Built>(await BuildAsync(round));
        await World.SealAsync();
        var (batch, _) = await BatchAsync(round, number);
        return (batch.Id, await DownloadAsync(batch.Id));
    }

    public async Task<byte[]> DownloadAsync(Guid batch) =>
        Assert.IsType<ExportResult.Ready>(await World.Do((BatchExport act) => act.DownloadAsync(batch, default))).Psbt;

    public Task<IntakeResult> UploadAsync(Guid batch, byte[] upload) => World.Do((SignatureIntake act) => act.TakeAsync(batch, upload, Treasurer, default));

    public static byte[] Sign(byte[] psbt, params int[] signers)
    {
        var signed = PSBT.Load(psbt, Network.RegTest);
        foreach (var signer in signers) Assert.NotEqual(0, Signers[signer].Sign(signed));
        return signed.ToBytes();
    }

    /// <summary>Somebody signs with a wallet of their own, past this product; a part may come back to an address of the treasury.</summary>
    public async Task<string> SpendElsewhereAsync(string? backTo = null, long back = 0, long? coinId = null)
    {
        var final = await World.Read(db => ForeignAsync(db, backTo, back, coinId));
        Assert.IsType<ChainVerdict.Accepted>(await World.Chain.SendAsync(final, default));
        World.Chain.Mine();
        await World.FollowAsync();
        return final.GetHash().ToString();
    }

    /// <summary>A transaction of theirs: it spends the oldest coin of any registry's treasury, or the one that is named.</summary>
    public static async Task<Transaction> ForeignAsync(MoneyDb db, string? backTo = null, long back = 0, long? coinId = null)
    {
        var coin = await db.Set<TreasuryCoin>().Where(c => c.SpentBy == null && (coinId == null || c.Id == coinId)).OrderBy(c => c.Id).FirstAsync();
        var bytes = (await db.Set<TreasuryTransaction>().SingleAsync(t => t.Txid == coin.Txid)).Bytes;
        var address = await db.Set<TreasuryAddress>().SingleAsync(a => a.Id == coin.AddressId);
        var script = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Derive(address.Branch, (uint)address.Index);
        var transaction = Transaction.Create(Network.RegTest);
        transaction.Inputs.Add(new OutPoint(uint256.Parse(coin.Txid), coin.Vout));
        transaction.Outputs.Add(Money.Satoshis(coin.Amount.Value - back - 10_000), Script(Address(77)));
        if (backTo is not null) transaction.Outputs.Add(Money.Satoshis(back), Script(backTo));
        var psbt = PSBT.FromTransaction(transaction, Network.RegTest);
        psbt.Inputs[0].NonWitnessUtxo = Transaction.Load(bytes, Network.RegTest);
        psbt.Inputs[0].WitnessUtxo = psbt.Inputs[0].NonWitnessUtxo!.Outputs[coin.Vout];
        psbt.Inputs[0].WitnessScript = script.WitnessScript;
        foreach (var (key, path) in script.Keys) psbt.Inputs[0].AddKeyPath(key, path);
        return PSBT.Load(Sign(psbt.ToBytes(), 0, 1), Network.RegTest).Finalize().ExtractTransaction();
    }

    /// <summary>A new admin.</summary>
    public Task<Guid> AdminAsync() => World.Read(async db =>
    {
        var account = new Account { Id = Guid.CreateVersion7(), UserName = Guid.NewGuid().ToString("N"), CreatedAt = World.Time.GetUtcNow() };
        db.Add(account);
        db.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = await db.Set<IdentityRole<Guid>>().Where(r => r.Name == Roles.Admin).Select(r => r.Id).SingleAsync() });
        await db.SaveChangesAsync();
        return account.Id;
    });

    /// <summary>An admin says why a foreign spend was made, having looked at the block that holds it now.</summary>
    public async Task<ForeignSpendResult> ExplainAsync(string txid, ForeignSpendReason reason, Guid admin)
    {
        var view = await World.Do((ForeignSpendBooking act) => act.FindAsync(txid, default));
        return await World.Do((ForeignSpendBooking act) => act.ApproveAsync(txid, view?.Facts.Block ?? "", reason, admin, default));
    }

    /// <summary>What the treasury's scripts hold in the best chain, added up from its blocks alone.</summary>
    public async Task<long> HoldsAsync()
    {
        var scripts = (await World.Read(db => db.Set<TreasuryAddress>().Select(a => a.Script).ToListAsync())).Select(Convert.ToHexStringLower).ToHashSet(StringComparer.Ordinal);
        var (coins, chain) = (new Dictionary<OutPoint, long>(), World.Provider.GetRequiredService<SandboxChain>());
        for (var height = 1; height <= chain.Height; height++)
        {
            var hash = (await chain.GetBlockHashAsync(height, default))!;
            foreach (var transaction in Block.Load((await chain.GetBlockAsync(hash, default))!, Network.RegTest).Transactions)
            {
                foreach (var input in transaction.Inputs) coins.Remove(input.PrevOut);
                foreach (var output in transaction.Outputs.AsIndexedOutputs().Where(o => scripts.Contains(o.TxOut.ScriptPubKey.ToHex()))) coins[new OutPoint(transaction.GetHash(), output.N)] = output.TxOut.Value.Satoshi;
            }
        }

        return coins.Values.Sum();
    }

    /// <summary>The running balance that the public sees.</summary>
    public async Task<long> BalanceAsync() => (await World.Read(db => db.Set<LedgerHead>().AsNoTracking().SingleAsync())).Balance.Value;

    /// <summary>One turn of everything that runs by itself.</summary>
    public async Task TurnAsync()
    {
        await World.FollowAsync();
        await World.Do((PayoutPass pass) => pass.RunAsync(default));
        await World.SealAsync();
    }

    public async Task<RoundState> StateAsync(int round) => (await World.Read(db => db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == round))).State;

    /// <summary>What every script ever got in the best chain, by script.</summary>
    public async Task<Dictionary<string, long>> ReceivedAsync()
    {
        var (received, chain) = (new Dictionary<string, long>(), World.Provider.GetRequiredService<IChain>());
        for (var height = (await chain.GetTipAsync(default)).Height; height > 0; height--)
        {
            var hash = (await chain.GetBlockHashAsync(height, default))!;
            foreach (var output in Block.Load((await chain.GetBlockAsync(hash, default))!, Network.RegTest).Transactions.SelectMany(t => t.Outputs))
            {
                received[output.ScriptPubKey.ToHex()] = received.GetValueOrDefault(output.ScriptPubKey.ToHex()) + output.Value.Satoshi;
            }
        }

        return received;
    }

    /// <summary>Every entry has one place, every place one entry, and the published files prove it to an outsider.</summary>
    public async Task OneLogAsync()
    {
        var entries = await World.Read(db => db.Set<LedgerEntry>().Select(e => e.Index).ToListAsync());
        Assert.Equal(Enumerable.Range(0, entries.Count).Select(i => (long?)i), entries.Order());
        var folders = await World.Do((LedgerFolders folders) => Task.FromResult(folders));
        var checkpoint = (await World.Do((LedgerSeals seals) => seals.LatestAsync()))!;
        Assert.Equal(entries.Count, checkpoint.Size);
        var key = LedgerKeys.Read(folders.Keys, LedgerKeys.Current, checkpoint.Origin)!.Verifier;
        Assert.Equal(new LogReport(checkpoint, null), await new LogVerifier(new FolderLogSource(folders.Log.Path), [key]).VerifyAsync([]));
    }

    /// <summary>An address of each kind in turn.</summary>
    public static string Address(int i)
    {
        var key = ToySigner.FromSeed([.. BitConverter.GetBytes(i), .. new byte[28]]).PubKey;
        return (i % 5) switch
        {
            0 => key.GetAddress(ScriptPubKeyType.Segwit, Network.RegTest).ToString(),
            1 => key.GetAddress(ScriptPubKeyType.TaprootBIP86, Network.RegTest).ToString(),
            2 => key.GetAddress(ScriptPubKeyType.SegwitP2SH, Network.RegTest).ToString(),
            3 => key.GetAddress(ScriptPubKeyType.Legacy, Network.RegTest).ToString(),
            _ => PayToMultiSigTemplate.Instance.GenerateScriptPubKey(1, key).WitHash.ScriptPubKey.GetDestinationAddress(Network.RegTest)!.ToString(),
        };
    }

    public static Script Script(string address) => BitcoinAddress.Create(address, Network.RegTest).ScriptPubKey;

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
