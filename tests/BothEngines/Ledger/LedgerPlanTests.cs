using System.Data.Common;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Testing.Ledger;

/// <summary>A page of the ledger costs what its rows cost, however long the log is: the engines walk an index from its newest end, and sort nothing.</summary>
public sealed class LedgerPlanTests
{
    [Theory]
    [InlineData("")]
    [InlineData("kind=money")]
    [InlineData("kind=donation")]
    [InlineData("kind=donation.confirmed")]
    [InlineData("round=3")]
    [InlineData("token=abc")]
    [InlineData("txid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("from=2026-01-01&to=2026-01-02")]
    [InlineData("min=5&max=7")]
    [InlineData("kind=money&from=2026-01-01&to=2026-01-02&min=5")]
    public async Task No_filter_makes_the_engine_sort(string parameters)
    {
        await using var database = await MoneyDatabase.CreateAsync();
        await using var db = database.Open();
        var pairs = parameters.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
        var query = LedgerQuery.Read(name => pairs.GetValueOrDefault(name), out var wrong);
        Assert.Empty(wrong);
        var plan = await PlanAsync(db, (await query.LinesAsync(db, 1_000_000, default)).Take(101).CreateDbCommand());
        Assert.DoesNotContain(plan, step => step.Contains("Sort", StringComparison.Ordinal) || step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("Index", StringComparison.Ordinal) || step.StartsWith("SEARCH l USING", StringComparison.Ordinal));
    }

    /// <summary>An amount that few lines have is read by their places, one that many have by the walk that meets it soon: the same lines either way.</summary>
    [Fact]
    public async Task A_rare_amount_is_read_by_its_places_and_a_common_one_by_a_walk()
    {
        await using var database = await MoneyDatabase.CreateAsync();
        await using var db = database.Open();
        for (var i = 0; i <= LedgerQuery.RareAmounts + 5; i++)
        {
            db.Add(new LedgerLine
            {
                Index = i, Day = new DateOnly(2026, 1, 1), Type = "donation.confirmed", Kind = LedgerKind.Donation, Change = new Sats(5), Balance = Sats.Zero,
                Amount = i % 1000 == 7 ? new Sats(9) : i % 2 == 0 ? null : new Sats(5 + i % 3), Fee = null, Round = null, Move = null, Token = null, Weight = null, Txid = null,
            });
        }

        await db.SaveChangesAsync();
        var rare = await new LedgerQuery { Min = 9, Kind = LedgerQuery.Money }.LinesAsync(db, 4500, default);
        Assert.Equal([4007L, 3007, 2007, 1007, 7], await rare.Select(l => l.Index).ToListAsync());
        Assert.Contains("IN (", rare.ToQueryString().Replace("ANY (", "IN (", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain(await PlanAsync(db, rare.Take(101).CreateDbCommand()), step => step.Contains("Seq Scan", StringComparison.Ordinal) || step.Contains("SCAN l", StringComparison.Ordinal));

        await db.Set<LedgerLine>().ExecuteUpdateAsync(set => set.SetProperty(l => l.Amount, l => l.Amount ?? new Sats(6)));
        var common = await new LedgerQuery { Max = 7 }.LinesAsync(db, 12, default);
        Assert.Equal([11L, 10, 9, 8, 6, 5, 4, 3, 2, 1, 0], await common.Select(l => l.Index).ToListAsync());
        Assert.DoesNotContain("IN (", common.ToQueryString().Replace("ANY (", "IN (", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_days_lines_are_found_by_their_places_even_when_the_clock_was_set_back()
    {
        await using var database = await MoneyDatabase.CreateAsync();
        var start = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        int[] days = [0, 0, 1, 2, 1, 3, 0, 3];
        for (var i = 0; i < days.Length; i++)
        {
            await using var db = database.Open();
            db.Append(new DonationConfirmed(new Sats(1000 + i), i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture), 0, 1, i), start.AddDays(days[i]));
            await db.SaveChangesAsync();
            // Two entries under one checkpoint, then one and one.
            if (i != 0) await SealAsync(database, db, start.AddDays(days[i]));
        }

        for (var from = 0; from < 5; from++)
        {
            for (var to = from; to < 5; to++)
            {
                await using var db = database.Open();
                var query = new LedgerQuery { Kind = LedgerQuery.Money, From = Day(from), To = Day(to) };
                var found = await (await query.LinesAsync(db, long.MaxValue, default)).Select(l => l.Index).ToListAsync();
                Assert.Equal(Enumerable.Range(0, days.Length).Where(i => days[i] >= from && days[i] <= to).Select(i => i + 1L).Reverse(), found);
            }
        }

        DateOnly Day(int number) => DateOnly.FromDateTime(start.UtcDateTime).AddDays(number);
    }

    private static async Task SealAsync(MoneyDatabase database, MoneyDb db, DateTimeOffset now)
    {
        var folders = new LedgerFolders(Path.Combine(database.Folder, "ledger"), Path.Combine(database.Folder, "keys"));
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(now);
        await new SealingPass(db, folders, new LedgerState(), Options.Create(new LedgerOptions()), time, NullLogger<SealingPass>.Instance).RunAsync(default);
    }

    private static async Task<List<string>> PlanAsync(MoneyDb db, DbCommand command)
    {
        await db.Database.OpenConnectionAsync();
        // An empty table is read whole, and sorted in no time: PostgreSQL is told to do neither unless it must.
        if (db.Database.IsNpgsql()) await db.Database.ExecuteSqlRawAsync("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off");
        command.CommandText = (db.Database.IsNpgsql() ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + command.CommandText;
        await using var reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync()) steps.Add(reader.GetString(reader.FieldCount - 1));
        return steps;
    }
}
