using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DigitalResistance.Testing.Payouts;

/// <summary>
/// Counts what a process asks of its database, its node and its disk, and lets the N-th call go wrong: refused, or done and reported as failed. A process
/// that is killed there never gets another answer.
/// </summary>
internal sealed class Outages
{
    private int _at;
    private Outage _kind;
    private bool _blind;

    /// <summary>Calls since the last <see cref="Arm"/>.</summary>
    public int Calls { get; private set; }

    /// <summary>Whether the call that was asked for has gone wrong.</summary>
    public bool Struck { get; private set; }

    /// <summary>Whether the process is dead until <see cref="Arm"/> or <see cref="Disarm"/>.</summary>
    public bool IsDead { get; private set; }

    /// <summary>To be put between EF and the database.</summary>
    public IInterceptor[] Interceptors => [new Commands(this), new Commits(this)];

    /// <summary>From now on the N-th call goes wrong.</summary>
    public void Arm(int at, Outage kind) => (_at, _kind, Calls, Struck, IsDead) = (at, kind, 0, false, false);

    /// <summary>Nothing goes wrong any more.</summary>
    public void Disarm() => Arm(0, default);

    /// <summary>The test itself looks around: that is nobody's call.</summary>
    public async Task<T> UnseenAsync<T>(Func<Task<T>> look)
    {
        _blind = true;
        try
        {
            return await look();
        }
        finally
        {
            _blind = false;
        }
    }

    public void Before(string call)
    {
        if (_blind) return;
        if (IsDead) throw new OutageException($"dead: {call}");
        if (++Calls == _at && _kind is Outage.Refused or Outage.KilledBefore) Strike(call);
    }

    public void After(string call)
    {
        if (!_blind && !Struck && Calls == _at && _kind is Outage.DoneAndLost or Outage.KilledAfter) Strike(call);
    }

    /// <summary>A moment between two things that a process does to its disk.</summary>
    public void Between(string step)
    {
        Before(step);
        After(step);
    }

    private void Strike(string call)
    {
        if (Calls != _at) return;
        (Struck, IsDead) = (true, _kind is Outage.KilledBefore or Outage.KilledAfter);
        throw new OutageException($"{_kind} at call {Calls}: {call}");
    }

    private sealed class Commands(Outages outages) : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => Before(command, result);

        public override ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default) => After(command, result);

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => Before(command, result);

        public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) => After(command, result);

        public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) => Before(command, result);

        public override ValueTask<object?> ScalarExecutedAsync(DbCommand command, CommandExecutedEventData eventData, object? result, CancellationToken cancellationToken = default) => After(command, result);

        private ValueTask<T> Before<T>(DbCommand command, T result)
        {
            outages.Before(command.CommandText);
            return new ValueTask<T>(result);
        }

        private ValueTask<T> After<T>(DbCommand command, T result)
        {
            outages.After(command.CommandText);
            return new ValueTask<T>(result);
        }
    }

    private sealed class Commits(Outages outages) : DbTransactionInterceptor
    {
        public override ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            outages.Before("commit");
            return new ValueTask<InterceptionResult>(result);
        }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            outages.After("commit");
            return Task.CompletedTask;
        }
    }
}

/// <summary>How a call goes wrong.</summary>
internal enum Outage
{
    /// <summary>It is not done, and the process lives on.</summary>
    Refused,

    /// <summary>It is done, the answer is lost, and the process lives on.</summary>
    DoneAndLost,

    /// <summary>The process dies before it.</summary>
    KilledBefore,

    /// <summary>The process dies after it.</summary>
    KilledAfter,
}

/// <summary>A call that went wrong because the test said so.</summary>
internal sealed class OutageException(string message) : DbException(message)
{
    /// <summary>Whether an exception is one of these, or was caused by one.</summary>
    public static bool Explains(Exception? exception) => exception is OutageException || (exception is not null && Explains(exception.InnerException));
}
