using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Tests.Ledger;

public sealed class LedgerQueryTests(LedgerQueryTests.SealedWorld sealedWorld) : IClassFixture<LedgerQueryTests.SealedWorld>
{
    [Theory]
    [InlineData("", 22)]
    [InlineData("kind=money", 20)]
    [InlineData("kind=donation", 20)]
    [InlineData("kind=payout", 1)]
    [InlineData("kind=tx.broadcast", 1)]
    [InlineData("kind=treasury", 0)]
    [InlineData("round=7", 1)]
    [InlineData("txid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1)]
    [InlineData("from=2026-01-02", 1)]
    [InlineData("to=2026-01-01", 21)]
    [InlineData("from=2026-01-05", 0)]
    [InlineData("to=2025-12-31", 0)]
    [InlineData("from=2026-01-02&to=2026-01-03", 0)]
    [InlineData("min=19000", 2)]
    [InlineData("max=1000", 1)]
    [InlineData("min=5000&max=7000&kind=money", 3)]
    [InlineData("token=abc", 0)]
    public async Task Each_parameter_narrows_the_lines_and_is_kept_for_the_next_page(string parameters, int count)
    {
        var query = Read(parameters, out var wrong);
        Assert.Empty(wrong);
        await using var db = sealedWorld.World.NewDb();
        var found = await (await query.LinesAsync(db, long.MaxValue, default)).Select(l => l.Index).ToListAsync();
        Assert.Equal(count, found.Count);
        Assert.Equal(found.OrderDescending(), found);
        Assert.Equal(query, Read(string.Join('&', query.Parameters().Select(p => $"{p.Key}={p.Value}")), out _));
    }

    [Theory]
    [InlineData("kind=everything", "kind")]
    [InlineData("round=-1", "round")]
    [InlineData("round=99999999999", "round")]
    [InlineData("txid=AA", "txid")]
    [InlineData("from=01.02.2026", "from")]
    [InlineData("to=2026-02-30", "to")]
    [InlineData("from=2026-02-02&to=2026-02-01", "to")]
    [InlineData("min=1e3", "min")]
    [InlineData("max=2100000000000001", "max")]
    [InlineData("min=2&max=1", "max")]
    [InlineData("token=%27OR", "token")]
    public void What_cannot_be_read_is_named(string parameters, string name)
    {
        Read(parameters, out var wrong);
        Assert.Equal([name], wrong);
    }

    [Fact]
    public void Every_type_of_entry_has_a_kind_and_no_other_has()
    {
        var types = typeof(Entry).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Entry)) && !t.IsAbstract)
            .Select(t => ((Entry)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(t)).Type);
        Assert.Equal(types.Order(StringComparer.Ordinal), LedgerKinds.ByType.Keys.Order(StringComparer.Ordinal));
        // One word asks for one thing.
        Assert.Empty(LedgerQuery.Groups.Intersect(LedgerKinds.ByType.Keys));
    }

    private static LedgerQuery Read(string parameters, out IReadOnlyList<string> wrong)
    {
        var pairs = parameters.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
        return LedgerQuery.Read(name => pairs.GetValueOrDefault(name), out wrong);
    }

    /// <summary>Twenty donations on one day, a payment three days later.</summary>
    public sealed class SealedWorld : IAsyncLifetime
    {
        internal LedgerWorld World { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await World.DonateAsync(1, 20);
            await using (var db = World.NewDb())
            {
                db.Append(new TxBroadcast(new BatchTransactionName(PaymentOrder.Round(7), 1, 1, new string('a', 64))), World.Time.GetUtcNow().AddDays(3));
                await db.SaveChangesAsync();
            }

            await World.SealAsync();
        }

        public ValueTask DisposeAsync()
        {
            World.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
