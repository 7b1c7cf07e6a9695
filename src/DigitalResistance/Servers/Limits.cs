using System.Net;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>
/// Who may have how many probes made. Counted in the database, so that replicas share one budget; taken before anything is sent, so that
/// a crash cannot give a try back.
/// </summary>
public sealed class Limits(MoneyDb db, KeyedTags tags, IOptions<ServersOptions> options, TimeProvider time)
{
    /// <summary>
    /// Takes one contact with each of some addresses that nobody has proven: of the account's day, of each address's day over all accounts,
    /// and of the registry's minute.
    /// </summary>
    public async Task<LimitResult> TakeAttemptAsync(Guid account, IReadOnlyCollection<IPEndPoint> addresses, CancellationToken cancellation)
    {
        var day = TimeSpan.FromDays(1);
        if (!await TakeAsync(tags.Tag("attempts-account", account.ToByteArray()), day, options.Value.AttemptsPerAccountAndDay, cancellation)) return LimitResult.Yours;
        foreach (var address in addresses)
        {
            var key = tags.Tag("attempts-endpoint", tags.Endpoint(address.Address, address.Port));
            if (!await TakeAsync(key, day, LimitOf(key), cancellation)) return LimitResult.Shared;
        }

        return await TakeMinuteAsync(cancellation);
    }

    /// <summary>Takes one unscored test of a proven server: of the account's hour, and of the registry's minute.</summary>
    public async Task<LimitResult> TakeTestAsync(Guid account, CancellationToken cancellation) =>
        !await TakeAsync(tags.Tag("tests-account", account.ToByteArray()), TimeSpan.FromHours(1), options.Value.TestsPerHour, cancellation)
            ? LimitResult.Yours
            : await TakeMinuteAsync(cancellation);

    /// <summary>Takes one megabyte through a proven server: of the account's day, and of the registry's, which is what its canaries and operators can spare.</summary>
    public async Task<LimitResult> TakeDownloadAsync(Guid account, CancellationToken cancellation)
    {
        var day = TimeSpan.FromDays(1);
        if (!await TakeAsync(tags.Tag("downloads-account", account.ToByteArray()), day, options.Value.DownloadsPerAccountAndDay, cancellation)) return LimitResult.Yours;
        return await TakeAsync(tags.Tag("downloads-all", []), day, options.Value.DownloadsPerDay, cancellation) ? await TakeMinuteAsync(cancellation) : LimitResult.Shared;
    }

    /// <summary>Takes one call home of a server's hour. It contacts nobody, so the attempts of its account are not for it.</summary>
    public Task<bool> TakeCallHomeAsync(Guid server, CancellationToken cancellation) =>
        TakeAsync(tags.Tag("calls-home", server.ToByteArray()), TimeSpan.FromHours(1), options.Value.CallsHomePerHour, cancellation);

    /// <summary>
    /// Takes one call to be left alone: of its address's day, of its network's hour, and of the registry's minute. Every call counts, whatever it
    /// changes: were one that changes nothing free, whoever repeats it would learn whether an operator called home in between.
    /// </summary>
    public async Task<LimitResult> TakeOptOutAsync(IPAddress source, CancellationToken cancellation)
    {
        if (!await TakeAsync(tags.Tag("opt-outs-address", tags.Machine(source)), TimeSpan.FromDays(1), options.Value.OptOutsPerAddressAndDay, cancellation)) return LimitResult.Yours;
        return await TakeAsync(tags.Tag("opt-outs-network", tags.Network(source)), TimeSpan.FromHours(1), options.Value.OptOutsPerNetworkAndHour, cancellation)
            && await TakeAsync(tags.Tag("opt-outs-all", []), TimeSpan.FromMinutes(1), options.Value.OptOutsPerMinute, cancellation)
            ? LimitResult.Granted : LimitResult.Shared;
    }

    private async Task<LimitResult> TakeMinuteAsync(CancellationToken cancellation) =>
        await TakeAsync(tags.Tag("attempts-all", []), TimeSpan.FromMinutes(1), options.Value.AttemptsPerMinute, cancellation) ? LimitResult.Granted : LimitResult.Shared;

    // Were the limit the same for all, whoever reached it one try early would know that somebody else had tried this address.
    private int LimitOf(byte[] key)
    {
        var most = options.Value.AttemptsPerDay;
        return most - tags.Number("attempts-limit", [.. key, .. BitConverter.GetBytes(PeriodOf(TimeSpan.FromDays(1)))], (most / 3) + 1);
    }

    private async Task<bool> TakeAsync(byte[] key, TimeSpan period, int limit, CancellationToken cancellation)
    {
        var number = PeriodOf(period);
        var expires = db.Database.Stored(time.GetUtcNow() + (2 * period));
        // One statement, so that two takers cannot both take the last one.
        return await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO usage_counts (key, period, count, expires_at) VALUES ({key}, {number}, 1, {expires})
            ON CONFLICT (key, period) DO UPDATE SET count = usage_counts.count + 1 WHERE usage_counts.count < {limit}
            """, cancellation) > 0;
    }

    private long PeriodOf(TimeSpan period) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / period.Ticks;
}

/// <summary>Whether something limited may be done.</summary>
public enum LimitResult
{
    /// <summary>It may.</summary>
    Granted,

    /// <summary>The account's own limit is reached.</summary>
    Yours,

    /// <summary>A limit that is shared with others is reached: that of an address or that of the whole registry. Which one is not told.</summary>
    Shared,
}
