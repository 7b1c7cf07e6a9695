using System.Text;
using System.Text.Json.Nodes;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Probing;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Transparency;
using DigitalResistance.Verify;
using DigitalResistance.Verify.Receipts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Testing.Rounds;

/// <summary>A registry that measured three days, froze a round and gives an operator the bundle: the outsider's command makes the weight again from the slots.</summary>
public sealed class OperatorBundleTests
{
    // Both ends cut a day and a window, and the registry lived on before it was asked.
    private static readonly DateTimeOffset From = new(2026, 3, 5, 12, 30, 0, TimeSpan.Zero), Until = new(2026, 3, 7, 7, 20, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_weight_is_made_again_from_the_slots_of_its_servers()
    {
        await using var registry = await MeasuredAsync();
        var verdict = await CheckAsync(registry, await BundleAsync(registry));
        Assert.True(verdict.Outcome == Outcome.Ok, verdict.ToString());
        Assert.Matches(@"evidence: 4 servers, whose weights add up to [1-9][0-9]* \([0-9]+ before the caps", verdict.ToString());
        // Three servers (one was never measured), two vantages, three days; some slots fall to nobody.
        Assert.Matches("measured: 1[0-9]{3} slots in 18 days were opened and counted again", verdict.ToString());
        // The weight is one that failures, caps and presence left their mark on.
        var scores = await registry.AskAsync(db => db.Set<FrozenScore>().Where(s => s.AccountId == Registry.Alice).ToListAsync());
        Assert.Equal(4, scores.Select(s => s.AvailabilityPpm).Distinct().Count());
        Assert.Equal(3, scores.Select(s => s.Weight).Distinct().Count(w => w > 0));
    }

    [Fact]
    public async Task What_rests_on_others_is_named_and_the_rest_is_made_again()
    {
        await using var registry = await MeasuredAsync(stranger: true);
        var verdict = await CheckAsync(registry, await BundleAsync(registry));
        Assert.Equal(Outcome.Partial, verdict.Outcome);
        Assert.Matches("^server [1-4]: why [0-9]+ of its [0-9]+ are left: its owner's other servers would leave [0-9]+, and who else shares its machine or network is the registry's word$", Assert.Single(verdict.NotChecked));
        Assert.Contains("opened and counted again", verdict.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_days_of_a_server_that_was_retired_since_are_closed_for_ever()
    {
        await using var registry = await MeasuredAsync();
        var heavy = await registry.AskAsync(db => db.Set<FrozenScore>().Where(s => s.AccountId == Registry.Alice).OrderByDescending(s => s.ValidSlots).Select(s => s.ServerId).FirstAsync());
        registry.Services.GetRequiredService<ServerKeys>().Destroy(heavy);
        var verdict = await CheckAsync(registry, await BundleAsync(registry));
        Assert.Equal(Outcome.Partial, verdict.Outcome);
        Assert.Matches("^server [1-4]: its availability: its days are not in the bundle, since its key was destroyed after the freeze", Assert.Single(verdict.NotChecked));
    }

    [Fact]
    public async Task A_registry_that_changes_a_day_after_the_freeze_is_found_out_and_the_day_named()
    {
        await using var registry = await MeasuredAsync();
        var row = await registry.DoAsync((ProbesDb db) => db.Set<PackedDay>().AsNoTracking().Where(d => d.Day == new DateOnly(2026, 3, 6)).OrderBy(d => d.Server).FirstAsync());
        var slot = row.Slots.Chunk(SlotRecord.Size).Index().First(s => s.Item[0] >> 5 == (int)SlotState.Fail).Index;
        new SlotRecord(SlotState.Ok, 3, false, 0, 0, 80).Write(row.Slots.AsSpan(slot * SlotRecord.Size));
        await ChangeAsync(row.Slots, row.Leaf);
        Assert.Matches("^the bundle: server [1-4], 2026-03-06 from vantage 1: the slots are not those of its leaf$", (await CheckAsync(registry, await BundleAsync(registry))).Failure);

        // It changes the leaf with it.
        var key = await registry.DoAsync((ProbesDb db) => db.Set<ProbedServer>().Where(s => s.Number == row.Server).Select(s => s.ServerId).SingleAsync());
        var salt = registry.Services.GetRequiredService<ServerKeys>().Find(key)!.EvidenceSalt(row.Day, row.Vantage);
        await ChangeAsync(row.Slots, Evidence.Leaf(new(row.Server, row.Vantage, row.Day, row.SlotSeconds, row.Slots), salt));
        Assert.Matches("^the bundle: server [1-4]: its days are not those that the log committed to, all of them and no other$", (await CheckAsync(registry, await BundleAsync(registry))).Failure);

        Task ChangeAsync(byte[] slots, byte[] leaf) => registry.DoAsync((ProbesDb db) => db.Set<PackedDay>().Where(d => d.Server == row.Server && d.Day == row.Day && d.Vantage == row.Vantage)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.Slots, slots).SetProperty(d => d.Leaf, leaf)));
    }

    private static async Task<byte[]> BundleAsync(Registry registry)
    {
        var file = new MemoryStream();
        Assert.Null(await registry.DoAsync((OperatorBundle bundle) => bundle.OpenAsync(Guid.NewGuid(), 1, default)));
        await registry.DoAsync(async (OperatorBundle bundle) => await (await bundle.OpenAsync(Registry.Alice, 1, default))!(file, default));
        return file.ToArray();
    }

    private static async Task<Verdict> CheckAsync(Registry registry, byte[] file)
    {
        var key = NoteVerifier.Parse(await registry.AskAsync(db => db.Set<LedgerHead>().Select(h => h.VerifierKey).SingleAsync()));
        var log = new FolderLogSource(registry.Services.GetRequiredService<LedgerFolders>().Log.Path);
        return await BundleCheck.RunAsync(file, [key], older => new Verification(log, [key]) { Older = older }, default);
    }

    private static async Task<Registry> MeasuredAsync(bool stranger = false)
    {
        var json = JsonNode.Parse(Policy.Standard.Bytes)!;
        (json["windowSeconds"], json["minVantages"]) = (3_600, 2);
        json["tenure"] = new JsonArray(Step("fromHours", 0, 250_000), Step("fromHours", 50, 500_000), Step("fromHours", 69, 750_000), Step("fromHours", 200, 1_000_000));
        json["buckets"] = new JsonArray(Bucket(500_000, 300), Bucket(900_000, 777), Bucket(960_000, 1_000));
        var registry = await Registry.StartAsync(Policy.Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
        await registry.DoAsync(async (MoneyDb db) =>
        {
            foreach (var id in new[] { Registry.Alice, Registry.Bob }) db.Add(new Account { Id = id, UserName = id.ToString("N"), CreatedAt = Registry.Start });
            await db.SaveChangesAsync();
        });

        // Four of Alice's: two on one machine, one alone, one that is listed late and never measured; and perhaps another's beside the lone one.
        var servers = new List<Guid>();
        for (var i = 0; i < 3; i++) servers.Add(await ListAsync(registry, Registry.Alice, 1080 + i));
        if (stranger) servers.Add(await ListAsync(registry, Registry.Bob, 2080));
        var terms = new RoundTerms(From, Until, new(1_000_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50);
        var number = Assert.IsType<RoundResult.Done>(await registry.DoAsync((RoundDrafting act) => act.CreateAsync(terms, Guid.NewGuid()))).Number;
        Assert.IsType<RoundResult.Done>(await registry.DoAsync((RoundOpening act) => act.OpenAsync(number, Version(registry, number))));
        for (var day = 0; day < 4; day++)
        {
            await registry.RunAsync<SchedulePass>();
            if (day == 3) await ListAsync(registry, Registry.Alice, 1090);
            registry.Time.Advance(day == 3 ? Until.AddHours(1) - registry.Time.GetUtcNow() : TimeSpan.FromHours(21));
            // The second of Alice's goes for some hours in the middle of the period.
            if (day == 1) await SpellAsync(registry, servers[1]);
        }

        await MeasureAsync(registry, servers, From.AddHours(-3), Until.AddMinutes(40));
        await registry.RunAsync<DayClosingPass>();
        Assert.IsType<RoundResult.Done>(await registry.DoAsync((RoundFreezing act) => act.FreezeAsync(number, Version(registry, number))));

        // The day in which the period ends goes on, and is closed.
        await MeasureAsync(registry, servers, Until.AddMinutes(40), Until.AddHours(10));
        registry.Time.Advance(TimeSpan.FromDays(1));
        await registry.RunAsync<DayClosingPass>();
        await registry.RunAsync<SealingPass>();
        return registry;
    }

    private static async Task<Guid> ListAsync(Registry registry, Guid owner, int port)
    {
        var id = await registry.RegisterAsync(owner, port);
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(owner, id));
        return id;
    }

    // Away for a third of a second more than ten hours: the ends lie within a second.
    private static Task SpellAsync(Registry registry, Guid server) => registry.DoAsync(async (MoneyDb db) =>
    {
        var spell = await db.Set<ListedSpell>().SingleAsync(s => s.ServerId == server);
        spell.Until = From.AddHours(5).AddMilliseconds(200);
        await db.SaveChangesAsync();
        db.Add(new ListedSpell { ServerId = server, From = From.AddHours(15).AddMilliseconds(533) });
        await db.SaveChangesAsync();
    });

    private static Task MeasureAsync(Registry registry, List<Guid> servers, DateTimeOffset from, DateTimeOffset until) => registry.DoAsync(async (ProbesDb db) =>
    {
        var numbers = await registry.Services.GetRequiredService<ServerNumbers>().OfAsync(db, servers, default);
        var results = new List<RawResult>();
        foreach (var (index, server) in servers.Index())
        {
            for (var at = from.ToUnixTimeSeconds(); at < until.ToUnixTimeSeconds(); at += 600)
            {
                foreach (short vantage in new[] { 1, 2 })
                {
                    var turn = (at / 600 * (index + 3)) + (vantage * 5);
                    if (turn % 13 == 0 || (at / 3_600 % 11 == index && vantage == 2)) continue;
                    var record = (turn % 17) switch
                    {
                        < 2 when index < 2 => new SlotRecord(SlotState.Fail, 2, true, 12, 12, 900),
                        2 when index == 1 => new SlotRecord(SlotState.Fail, 5, false, 33, 19, 9_000),
                        3 => new SlotRecord(SlotState.Invalid, 3, true, Reasons.Number(Reasons.VantageBlind), 0, 0),
                        4 => new SlotRecord(SlotState.Ok, 4, false, 0, 12, 300),
                        _ => new SlotRecord(SlotState.Ok, 3, true, 0, 0, (ushort)turn),
                    };
                    results.Add(new(numbers[server], vantage, at, 5, record));
                }
            }
        }

        // The first two share an address; the third and the stranger's another.
        var sightings = servers.SelectMany((server, index) => new[] { SightingKind.Entrance, SightingKind.Network }.Select(kind =>
            new Sighting { Server = numbers[server], Day = DateOnly.FromDateTime(from.UtcDateTime), Kind = kind, Tag = [.. Enumerable.Repeat((byte)(index < 2 ? 1 : 2), 16)] })).ToList();
        await RawResults.Of(db).SaveAsync(new(Guid.NewGuid(), results, sightings), registry.Time.GetUtcNow(), default);
    });

    private static long Version(Registry registry, int number) => registry.AskAsync(db => db.Set<Round>().Where(r => r.Number == number).Select(r => r.Version).SingleAsync()).GetAwaiter().GetResult();

    private static JsonObject Step(string from, int value, int factor) => new() { [from] = value, ["factorPpm"] = factor };

    private static JsonObject Bucket(int from, int weight) => new() { ["fromPpm"] = from, ["weight"] = weight };
}
