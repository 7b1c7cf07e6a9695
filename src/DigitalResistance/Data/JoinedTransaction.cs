using Microsoft.EntityFrameworkCore.Storage;

namespace DigitalResistance.Data;

/// <summary>
/// A transaction that fits into a larger one. A form's handler already runs in the transaction that also remembers its answer
/// (<see cref="Platform.Idempotency"/>); the same act called by a pass begins its own. Disposed without a commit, it undoes what
/// was done since it began, and no more.
/// </summary>
public sealed class JoinedTransaction : IAsyncDisposable
{
    private readonly IDbContextTransaction _transaction;
    private readonly string? _savepoint;
    private bool _done;

    private JoinedTransaction(IDbContextTransaction transaction, string? savepoint) => (_transaction, _savepoint) = (transaction, savepoint);

    internal static async Task<JoinedTransaction> BeginAsync(MoneyDb db, CancellationToken cancellation)
    {
        if (db.Database.CurrentTransaction is not { } outer)
        {
#pragma warning disable RS0030 // The one place that begins.
            return new JoinedTransaction(await db.Database.BeginTransactionAsync(cancellation), null);
#pragma warning restore RS0030
        }

        var savepoint = "join_" + Guid.NewGuid().ToString("N");
        await outer.CreateSavepointAsync(savepoint, cancellation);
        return new JoinedTransaction(outer, savepoint);
    }

    /// <summary>Keeps what was done: at once, or when the larger transaction commits.</summary>
    public async Task CommitAsync(CancellationToken cancellation = default)
    {
        if (_savepoint is null) await _transaction.CommitAsync(cancellation);
        else await _transaction.ReleaseSavepointAsync(_savepoint, cancellation);
        _done = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_savepoint is null) await _transaction.DisposeAsync();
        else if (!_done) await _transaction.RollbackToSavepointAsync(_savepoint);
        _done = true;
    }
}

/// <summary>How an act begins a transaction.</summary>
public static class Transactions
{
    /// <summary>Begins a transaction, or a part of the one that this context is already in.</summary>
    public static Task<JoinedTransaction> JoinTransactionAsync(this MoneyDb db, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(db);
        return JoinedTransaction.BeginAsync(db, cancellation);
    }
}
