using System.Text.Json;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Copies;

/// <summary>What donors, treasurers and admins do with the treasury and its payments.</summary>
internal static class PaymentCopies
{
    private const string Room = "/treasury/batches/{id:guid}";
    private const string Ceremony = "/treasury/ceremony?handler=";

    private static readonly string[] Keys = [.. TestTreasuries.Parse(TestTreasuries.TwoOfThree).Keys.Select(k => k.ToString())];

    /// <summary>Before there is a treasury.</summary>
    public static IReadOnlyList<CopiesCase> Adoption { get; } =
    [
        new("/treasury/rehearsal?handler=Address", async app =>
        {
            await AdoptAsync(app);
            return await Occasion.FormAsync(app.Treasurer.Browser, "/en/treasury/rehearsal", "handler=Address");
        }, IsSingle: true),
        new(Ceremony + "Begin", app => CeremonyAsync(app, "handler=Begin"), IsSingle: true),
        new(Ceremony + "Whole", app => CeremonyAsync(app, "handler=Whole", ("Whole", TestTreasuries.TwoOfThree)), IsSingle: true),
        new(Ceremony + "Give", async app =>
        {
            await BegunAsync(app);
            return await AtCeremonyAsync(app, "handler=Give", ("Key", Keys[0]));
        }, IsSingle: true),
        new(Ceremony + "Confirm", async app =>
        {
            // The last one adopts.
            var (id, sha256) = await BegunAsync(app, 3);
            foreach (var other in new[] { 1, 2 }) Assert.IsType<CeremonyResult.Counted>(await app.In((CeremonyConfirmation act) => act.ConfirmAsync(id, sha256, null, Holder(app, other), default)));
            return await AtCeremonyAsync(app, "handler=Confirm", ("ConfirmCode", app.Treasurer.NextCode())) with
            {
                Act = async a => await a.In((CeremonyConfirmation act) => act.ConfirmAsync(id, sha256, null, a.Treasurer.Person.Id, default)),
            };
        }, IsSingle: true),
        new(Ceremony + "Out", async app =>
        {
            var (id, _) = await BegunAsync(app, 3);
            return await AtCeremonyAsync(app, "handler=Out", ("Out", "8dfc9b34"), ("OutCode", app.Treasurer.NextCode())) with { Act = async a => await a.In((CeremonyKeys act) => act.TakeOutAsync(id, "8dfc9b34", default)) };
        }, IsSingle: true),
        new(Ceremony + "End", async app =>
        {
            var (id, _) = await BegunAsync(app, 3);
            return await AtCeremonyAsync(app, "handler=End", ("EndCode", app.Treasurer.NextCode())) with { Act = async a => await a.In((CeremonyOpening act) => act.GiveUpAsync(id, default)) };
        }, IsSingle: true),
    ];

    public static IReadOnlyList<CopiesCase> Cases { get; } =
    [
        // A form of its own for everybody, and the same receipt in all of them: its secret decides.
        new("/donate", app => Occasion.FormAsync(app.NewVisitor(), "/en/donate", "name=\"Token\""), IsSingle: true),
        new("POST /api/v1/donations", app =>
        {
            var own = Guid.NewGuid().ToString();
            return Task.FromResult(new Occasion(app.NewVisitor(), key =>
            {
                var call = new HttpRequestMessage(HttpMethod.Post, "/api/v1/donations") { Content = new StringContent(JsonSerializer.Serialize(new { }), System.Text.Encoding.UTF8, "application/json") };
                call.Headers.Add("Idempotency-Key", key ?? own);
                return call;
            }));
        }),
        new("/treasury/rounds/{number:int}", async app => await Occasion.FormAsync(app.Treasurer.Browser, $"/en/treasury/rounds/{await app.ApprovedAsync()}", "type=\"hidden\" name=\"Target\""), IsSingle: true),
        new(Room + "?handler=Download", async app => await AtAsync(app, await app.BuiltAsync(), "handler=Download"), IsSingle: true),
        new(Room + "?handler=Base64", async app => await AtAsync(app, await app.BuiltAsync(), "handler=Base64"), IsSingle: true),
        new(Room + "?handler=Upload", app => UploadAsync(app, 0), IsSingle: true),
        new(Room + "?handler=Upload", app => UploadAsync(app, 0, 2), IsSingle: true),
        new(Room + "/replace", async app => await Occasion.FormAsync(app.Treasurer.Browser, $"/en/treasury/batches/{await app.SentAsync()}/replace?target=2", "name=\"Seen\""), IsSingle: true),
        new("/treasury/rehearsal?handler=Prepare", async app =>
        {
            await NoRehearsalAsync(app);
            return await Occasion.FormAsync(app.Treasurer.Browser, "/en/treasury/rehearsal", "handler=Prepare");
        }, IsSingle: true),
        new("/treasury/rehearsal?handler=Build", async app =>
        {
            await PreparedAsync(app);
            return await Occasion.FormAsync(app.Treasurer.Browser, "/en/treasury/rehearsal", "handler=Build");
        }, IsSingle: true),
        new("/treasury/rehearsal?handler=Withdraw", async app =>
        {
            await PreparedAsync(app);
            return await Occasion.FormAsync(app.Treasurer.Browser, "/en/treasury/rehearsal", "handler=Withdraw");
        }, IsSingle: true),
        new("/treasury/devices", async app =>
        {
            await app.InScopeAsync(async services =>
            {
                var treasury = (await Of<TreasuryWallet>(services).FindAsync(default))!;
                return await Of<SigningLimits>(services).SayAsync(treasury, await Of<SigningLimits>(services).DevicesAsync(treasury, default), [null, null, null], default);
            });
            return await Occasion.FormAsync(app.Treasurer.Browser, "/en/treasury/devices", "name=\"Devices\"", ("Devices", "Ledger"), ("Devices", "Ledger"), ("Devices", ""));
        }, IsSingle: true),
        new("/treasury/recovery", async app =>
        {
            var (batch, psbt) = await app.ExportedAsync();
            await app.AskAsync(db => ForgetAsync(db, batch));
            return await Occasion.FormAsync(app.Treasurer.Browser, "/en/treasury/recovery", "name=\"Pasted\"", ("Pasted", Convert.ToBase64String(psbt)));
        }, IsSingle: true),
        new("/treasury/spends/{txid:length(64)}", async app =>
        {
            var txid = await SpendAsync(app);
            var block = (await app.In((ForeignSpendBooking act) => act.FindAsync(txid, default)))!.Facts.Block;
            return await Occasion.FormAsync(app.Alice.Browser, $"/en/treasury/spends/{txid}", "name=\"Block\"", ("Reason", nameof(ForeignSpendReason.Mistake)), ("Code", app.Alice.NextCode())) with
            {
                Act = async a => await a.In((ForeignSpendBooking act) => act.ApproveAsync(txid, block!, ForeignSpendReason.Mistake, a.Alice.Person.Id, default)),
            };
        }, IsSingle: true),
    ];

    /// <summary>The treasury that all other cases need.</summary>
    public static async Task AdoptAsync(CopiesApp app)
    {
        await ForgetCeremoniesAsync(app);
        Assert.IsType<AdoptionResult.Adopted>(await app.AdoptAsync());
    }

    /// <summary>Nothing was ever begun.</summary>
    private static Task<int> ForgetCeremoniesAsync(CopiesApp app) => app.AskAsync(async db =>
    {
        await db.Set<RehearsalDeposit>().ExecuteDeleteAsync();
        await db.Set<TreasuryKeyDevice>().ExecuteDeleteAsync();
        await db.Set<TreasuryAddress>().ExecuteDeleteAsync();
        await db.Set<TreasuryDescriptor>().ExecuteDeleteAsync();
        await db.Set<CeremonyKey>().ExecuteDeleteAsync();
        return await db.Set<Ceremony>().ExecuteDeleteAsync();
    });

    private static async Task<Occasion> CeremonyAsync(CopiesApp app, string mark, params (string Name, string Value)[] values)
    {
        await ForgetCeremoniesAsync(app);
        return await AtCeremonyAsync(app, mark, values);
    }

    private static Task<Occasion> AtCeremonyAsync(CopiesApp app, string mark, params (string Name, string Value)[] values) => Occasion.FormAsync(app.Treasurer.Browser, "/en/treasury/ceremony", mark, values);

    private static async Task<(int Id, string Sha256)> BegunAsync(CopiesApp app, int keys = 0)
    {
        await ForgetCeremoniesAsync(app);
        Assert.IsType<CeremonyResult.Done>(await app.In((CeremonyOpening act) => act.BeginAsync(TreasuryScript.SortedMultisig, 2, 3, null, app.Treasurer.Person.Id, default)));
        var id = await app.AskAsync(db => db.Set<Ceremony>().Select(c => c.Id).SingleAsync());
        for (var i = 0; i < keys; i++) Assert.IsType<CeremonyResult.Done>(await app.In((CeremonyKeys act) => act.GiveAsync(id, Keys[i], null, null, null, Holder(app, i), default)));
        return (id, TestTreasuries.Parse(TestTreasuries.TwoOfThree).Sha256);
    }

    /// <summary>What goes on is over, whatever became of it.</summary>
    private static Task<int> NoRehearsalAsync(CopiesApp app) => app.AskAsync(db =>
        db.Set<Move>().Where(m => m.Kind == MoveKind.Rehearsal).ExecuteUpdateAsync(set => set.SetProperty(m => m.State, MoveState.Withdrawn)));

    private static async Task PreparedAsync(CopiesApp app)
    {
        await NoRehearsalAsync(app);
        Assert.IsType<RehearsalResult.Prepared>(await app.In((Rehearsals act) => act.PrepareAsync(app.Treasurer.Person.Id, default)));
        await app.SealAsync();
    }

    private static Guid Holder(CopiesApp app, int i) => i == 0 ? app.Treasurer.Person.Id : new Guid(i, 0, 0, new byte[8]);

    private static Task<Occasion> AtAsync(CopiesApp app, Guid batch, string mark, params (string Name, string Value)[] values) =>
        Occasion.FormAsync(app.Treasurer.Browser, $"/en/treasury/batches/{batch}", mark, values);

    private static async Task<Occasion> UploadAsync(CopiesApp app, params int[] signers)
    {
        var (batch, psbt) = await app.ExportedAsync();
        return await AtAsync(app, batch, "handler=Upload", ("Pasted", Convert.ToBase64String(PayoutWorld.Sign(psbt, signers))));
    }

    // Somebody else's wallet spends a coin that no payment of ours holds.
    private static async Task<string> SpendAsync(CopiesApp app)
    {
        var coin = await app.AskAsync(db => db.Set<TreasuryCoin>().Where(c => c.SpentBy == null && c.Height != null && c.IsBooked && !db.Set<BatchInput>().Any(i => i.CoinId == c.Id)).Select(c => c.Id).FirstAsync());
        var final = await app.AskAsync(db => PayoutWorld.ForeignAsync(db, coinId: coin));
        Assert.IsType<ChainVerdict.Accepted>(await app.Chain.SendAsync(final, default));
        app.Chain.Mine(3);
        await app.In((ChainPass pass) => pass.RunAsync(default));
        return final.GetHash().ToString();
    }

    private static async Task<int> ForgetAsync(DigitalResistance.Data.MoneyDb db, Guid batch)
    {
        var number = await db.Set<Batch>().Where(b => b.Id == batch).Select(b => b.RoundNumber).SingleAsync();
        await db.Set<BatchInput>().Where(i => i.BatchId == batch).ExecuteDeleteAsync();
        await db.Set<BatchPayment>().Where(p => p.BatchId == batch).ExecuteDeleteAsync();
        await db.Set<BatchTransaction>().Where(t => t.BatchId == batch).ExecuteDeleteAsync();
        await db.Set<Payout>().Where(p => p.RoundNumber == number).ExecuteDeleteAsync();
        await db.Set<Batch>().Where(b => b.Id == batch).ExecuteDeleteAsync();
        return await db.Set<Round>().Where(r => r.Number == number).ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RoundState.Approved));
    }

    private static T Of<T>(IServiceProvider services) where T : notnull => (T)services.GetService(typeof(T))!;
}
