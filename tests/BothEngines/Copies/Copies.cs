using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Copies;

/// <summary>A POST of the product, how to come to the moment at which it is sent, and whether doing it is possible once at most.</summary>
/// <param name="Post">Route and handler, as the program names them.</param>
/// <param name="Prepare">Makes a fresh occasion for it: every call another one, all of them alike.</param>
/// <param name="IsSingle">Whether also twenty people, each with a form of their own, would have one effect together.</param>
/// <param name="Renews">Whether every copy renews the same fact, and is meant to: a row may be written again, but no other comes.</param>
internal sealed record CopiesCase(string Post, Func<CopiesApp, Task<Occasion>> Prepare, bool IsSingle = false, bool Renews = false);

/// <summary>A moment at which somebody presses a button.</summary>
/// <param name="Browser">Whose browser; its cookies of that moment go with every copy.</param>
/// <param name="Request">Makes a copy, with the key that the form has, or with another one.</param>
internal sealed record Occasion(Visitor Browser, Func<string?, HttpRequestMessage> Request)
{
    /// <summary>What the button does, where the form can be sent only once because of its one-time code: others have codes of their own.</summary>
    public Func<CopiesApp, Task<object>>? Act { get; init; }

    /// <summary>A form of a page, found by where it goes or by what is in it.</summary>
    public static async Task<Occasion> FormAsync(Visitor browser, string path, string mark, params (string Name, string Value)[] values)
    {
        var page = await browser.OpenAsync(path);
        var button = page.Forms.FirstOrDefault(f => f.Action?.Contains(mark, StringComparison.Ordinal) == true)?.Html ?? mark;
        return new Occasion(browser, key => Visitor.Request(page, button, key is null ? values : [.. values, ("_key", key)]));
    }
}

/// <summary>What happened in the tables and in the log: rows that came or went, versions that rose, entries.</summary>
internal sealed record Effect(IReadOnlyDictionary<string, (long Rows, long Versions)> Tables, IReadOnlyList<string> Entries)
{
    /// <summary>What copies leave by being recognised, and what counts how often somebody may try.</summary>
    private static readonly string[] Bookkeeping = ["idempotency", "budgets", "usage_counts"];

    /// <summary>Counts everything.</summary>
    public static async Task<Effect> ReadAsync(MoneyDb db)
    {
        var counts = db.Model.GetEntityTypes().Where(type => !Bookkeeping.Contains(type.GetTableName())).DistinctBy(type => type.GetTableName()).Select(type =>
            $"select '{type.GetTableName()}' as name, count(*) as n, {(type.FindProperty("Version")?.ClrType == typeof(long) ? "cast(coalesce(sum(version), 0) as bigint)" : "0")} as v from \"{type.GetTableName()}\"");
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = string.Join(" union all ", counts);
        var tables = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) tables.Add(reader.GetString(0), (reader.GetInt64(1), reader.GetInt64(2)));
        await reader.DisposeAsync();
        return new Effect(tables, await db.Set<LedgerEntry>().OrderBy(e => e.Id).Select(e => e.Type).ToListAsync());
    }

    /// <summary>What came since an earlier count, as lines that can be compared and read.</summary>
    public IReadOnlyList<string> Since(Effect earlier, bool renews = false) =>
    [
        .. Tables.Select(t => (t.Key, Rows: t.Value.Rows - earlier.Tables[t.Key].Rows, Versions: renews ? 0 : t.Value.Versions - earlier.Tables[t.Key].Versions))
            .Where(t => (t.Rows, t.Versions) != (0, 0)).Select(t => $"{t.Key}: rows {t.Rows:+0;-0;0}, versions {t.Versions:+0;-0;0}").Order(StringComparer.Ordinal),
        .. Entries.Skip(earlier.Entries.Count).Order(StringComparer.Ordinal).Select(type => $"entry {type}"),
    ];
}
