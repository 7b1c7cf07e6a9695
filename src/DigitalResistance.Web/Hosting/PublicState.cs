using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// Tells whether a public answer that was made before would be made the same now. Whatever the public reads of ledger and rounds was
/// written with an entry, in one transaction: an entry waits, then has its place, then its line; each of these changes one of three numbers.
/// They are asked of the database, so that replicas agree, once for all requests that came while it was asked before.
/// </summary>
internal sealed class PublicState(IServiceScopeFactory scopes, LedgerState ledger)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<string?>? _next;
    private bool _isAsking;

    /// <summary>How things are at some moment after this was called; null before there is a log, when nothing can be told.</summary>
    public Task<string?> ReadAsync()
    {
        Task<string?> answer;
        lock (_gate)
        {
            answer = (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            if (_isAsking) return answer;
            _isAsking = true;
        }

        // Outside of any request: the answer belongs to all of them.
        ThreadPool.UnsafeQueueUserWorkItem(_ => _ = AskAsync(), null);
        return answer;
    }

    private async Task AskAsync()
    {
        while (true)
        {
            TaskCompletionSource<string?> turn;
            lock (_gate)
            {
                if (_next is null)
                {
                    _isAsking = false;
                    return;
                }

                (turn, _next) = (_next, null);
            }

            try
            {
                turn.SetResult(await LookAsync());
            }
            catch (Exception fault)
            {
                turn.SetException(fault);
            }
        }
    }

    private async Task<string?> LookAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MoneyDb>();
        var now = await db.Set<LedgerHead>().AsNoTracking()
            .Select(h => new { h.Version, Waiting = db.Set<LedgerEntry>().Count(e => e.Index == null), Rounds = db.Set<Round>().Sum(r => r.Version), IsRefused = db.Set<LedgerWatch>().Any(w => w.IsRefused) })
            .SingleOrDefaultAsync();
        return now is null ? null : $"{now.Version}.{now.Waiting}.{now.Rounds}.{now.IsRefused || ledger.Refusal is not null}";
    }
}
