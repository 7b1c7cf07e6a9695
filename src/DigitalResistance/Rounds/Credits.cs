using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// What operators earned and were not paid yet. There is no table of balances: a balance is what settled rounds credited, less what
/// settled rounds paid of it, less what expired. What expires first is used first.
/// </summary>
internal static class Credits
{
    /// <summary>The states in which a round's credits count.</summary>
    public static readonly RoundState[] Settled =
        [RoundState.Approved, RoundState.Building, RoundState.Signing, RoundState.Broadcast, RoundState.Confirmed, RoundState.Closed];

    private static readonly string SettledSql = string.Join(", ", Settled.Select(s => $"'{s}'"));

    /// <summary>Every operator with a balance above zero.</summary>
    public static async Task<Dictionary<Guid, Sats>> BalancesAsync(MoneyDb db, CancellationToken cancellation) =>
        await SumsAsync(db, "g.credited - g.credit_used", cancellation);

    /// <summary>All balances together: what the treasury must keep in reserve.</summary>
    public static async Task<Sats> OutstandingAsync(MoneyDb db, CancellationToken cancellation) =>
        Sats.Sum((await BalancesAsync(db, cancellation)).Values);

    /// <summary>What of each operator's balance was kept its full time.</summary>
    public static async Task<Dictionary<Guid, Sats>> DueAsync(MoneyDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var due = await db.Set<Round>().Where(r => r.CreditsExpireAt <= now && Settled.Contains(r.State)).Select(r => r.Number).ToListAsync(cancellation);
        if (due.Count == 0) return [];
        // Everything ever used or expired was taken from the earliest-expiring credits, so what is left of the due ones is their sum less all that.
        return await SumsAsync(db, $"CASE WHEN g.round_number IN ({string.Join(", ", due)}) THEN g.credited ELSE 0 END - g.credit_used", cancellation);
    }

    // SQL, because LINQ cannot sum a converted amount. The text is made of our own constants and integers only.
    private static async Task<Dictionary<Guid, Sats>> SumsAsync(MoneyDb db, string amount, CancellationToken cancellation)
    {
        var sql = $"""
            SELECT m.account_id, CAST(SUM(m.amount) AS bigint) AS amount
            FROM (SELECT g.account_id, {amount} AS amount
                  FROM grants g JOIN rounds r ON r.number = g.round_number WHERE r.state IN ({SettledSql})
                  UNION ALL
                  SELECT e.account_id, -e.amount AS amount FROM credit_expiries e) m
            GROUP BY m.account_id HAVING SUM(m.amount) > 0
            """;
        var rows = await db.Database.SqlQueryRaw<AccountSum>(sql).ToListAsync(cancellation);
        return rows.ToDictionary(r => r.AccountId, r => new Sats(r.Amount));
    }

    private sealed record AccountSum(Guid AccountId, long Amount);
}
