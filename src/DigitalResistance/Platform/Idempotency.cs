using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Platform;

/// <summary>
/// Makes a request that arrives several times have one effect and one answer. The sender's key is claimed in the very transaction
/// that does the work and remembers the answer: either all three are there, or none is and the key may be used again. A copy that
/// arrives meanwhile waits on the unique key for that transaction, and is then told the same answer.
/// </summary>
public sealed class Idempotency(MoneyDb db, IdempotencyGate gate, TimeProvider time)
{
    /// <summary>How long a copy waits for an answer that is being made outside a transaction.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Claims <paramref name="key"/> for this request. On <see cref="RequestClaim.First"/> the caller does the work, inside the transaction that is
    /// now open, and ends with <see cref="RequestClaim.First.AnswerAsync"/> or <see cref="RequestClaim.First.ForgetAsync"/>; disposed before, all is undone.
    /// </summary>
    /// <param name="key">What the sender chose; hard to guess, since who knows it may read the answer.</param>
    /// <param name="actor">The account that sends; null for a stranger.</param>
    /// <param name="request">Digest of what was asked for: another request under the same key is refused.</param>
    /// <param name="outside">Commit the claim before the work, because the work waits for the network and must not hold a lock meanwhile.
    /// If the process dies then, the key stays claimed without an answer.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<RequestClaim> ClaimAsync(string key, Guid? actor, byte[] request, bool outside, CancellationToken cancellation)
    {
        var secret = new AnswerKey(key, actor);
        var since = time.GetTimestamp();
        while (true)
        {
            if (await FindAsync(secret, cancellation) is { } earlier)
            {
                if (!CryptographicOperations.FixedTimeEquals(earlier.RequestHash, request)) return RequestClaim.OtherRequest;
                if (earlier.Answer is { } answer) return new RequestClaim.Repeated(secret.Open(answer));
                if (time.GetElapsedTime(since) > Patience) return RequestClaim.Unanswered;
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation);
                continue;
            }

            IDisposable? turn = await gate.EnterAsync(cancellation);
            JoinedTransaction? transaction = null;
            try
            {
                transaction = await db.JoinTransactionAsync(cancellation);
                var now = time.GetUtcNow().ToUnixTimeSeconds();
                var claimed = await db.Database.ExecuteSqlAsync(
                    $"INSERT INTO idempotency (id, request_hash, claimed_at) VALUES ({secret.Id}, {request}, {now}) ON CONFLICT DO NOTHING", cancellation);
                if (claimed == 1)
                {
                    if (outside)
                    {
                        await transaction.CommitAsync(cancellation);
                        await transaction.DisposeAsync();
                        turn?.Dispose();
                    }

                    var first = new RequestClaim.First(db, secret, outside ? null : transaction, outside ? null : turn);
                    (transaction, turn) = (null, null);
                    return first;
                }
            }
            finally
            {
                if (transaction is not null) await transaction.DisposeAsync();
                turn?.Dispose();
            }
        }
    }

    private Task<IdempotentRequest?> FindAsync(AnswerKey secret, CancellationToken cancellation) =>
        db.Set<IdempotentRequest>().AsNoTracking().FirstOrDefaultAsync(r => r.Id == secret.Id, cancellation);

    /// <summary>
    /// What is stored is found by a digest of the key and read with a key derived from it, so that answers, which may set a session or
    /// show recovery codes, cannot be read from the database.
    /// </summary>
    internal sealed class AnswerKey(string key, Guid? actor)
    {
        private const int Nonce = 12, Tag = 16;

        public byte[] Id => SHA256.HashData(Material("id"));

        public byte[] Seal(StoredAnswer answer)
        {
            var plain = JsonSerializer.SerializeToUtf8Bytes(answer);
            var blob = new byte[Nonce + plain.Length + Tag];
            RandomNumberGenerator.Fill(blob.AsSpan(0, Nonce));
            using var aes = new AesGcm(SHA256.HashData(Material("answer")), Tag);
            aes.Encrypt(blob.AsSpan(0, Nonce), plain, blob.AsSpan(Nonce, plain.Length), blob.AsSpan(Nonce + plain.Length));
            return blob;
        }

        public StoredAnswer Open(byte[] blob)
        {
            var plain = new byte[blob.Length - Nonce - Tag];
            using var aes = new AesGcm(SHA256.HashData(Material("answer")), Tag);
            aes.Decrypt(blob.AsSpan(0, Nonce), blob.AsSpan(Nonce, plain.Length), blob.AsSpan(Nonce + plain.Length), plain);
            return JsonSerializer.Deserialize<StoredAnswer>(plain)!;
        }

        private byte[] Material(string purpose) => Encoding.UTF8.GetBytes($"idempotency/v1\n{purpose}\n{actor:N}\n{key}");
    }
}

/// <summary>What a repeated request is told: exactly what the first one was told.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Location">Where the sender is led.</param>
/// <param name="Cookies">Cookies that were set.</param>
/// <param name="ContentType">Type of <paramref name="Body"/>.</param>
/// <param name="Body">The body, where there is one.</param>
public sealed record StoredAnswer(int Status, string? Location, IReadOnlyList<string> Cookies, string? ContentType = null, byte[]? Body = null);

/// <summary>What became of a claim.</summary>
public abstract class RequestClaim
{
    /// <summary>The key was used for another request.</summary>
    public static readonly RequestClaim OtherRequest = new Refused();

    /// <summary>The first copy was begun and its answer is not known: it may still be at work, or have died.</summary>
    public static readonly RequestClaim Unanswered = new Refused();

    private RequestClaim()
    {
    }

    private sealed class Refused : RequestClaim;

    /// <summary>This request was answered before.</summary>
    public sealed class Repeated(StoredAnswer answer) : RequestClaim
    {
        /// <summary>The answer it got.</summary>
        public StoredAnswer Answer { get; } = answer;
    }

    /// <summary>This request is the first of its key.</summary>
    public sealed class First : RequestClaim, IAsyncDisposable
    {
        private readonly MoneyDb _db;
        private readonly Idempotency.AnswerKey _key;
        private readonly JoinedTransaction? _transaction;
        private readonly IDisposable? _turn;
        private bool _ended;

        internal First(MoneyDb db, Idempotency.AnswerKey key, JoinedTransaction? transaction, IDisposable? turn) =>
            (_db, _key, _transaction, _turn) = (db, key, transaction, turn);

        /// <summary>Keeps the work together with its answer. Not cancelled by a sender who went away.</summary>
        public async Task AnswerAsync(StoredAnswer answer)
        {
            var sealedAnswer = _key.Seal(answer);
            await _db.Database.ExecuteSqlAsync($"UPDATE idempotency SET answer = {sealedAnswer} WHERE id = {_key.Id}");
            await EndAsync();
        }

        /// <summary>Keeps what was done, if anything (a counted failure), and lets the key be used again: the form had mistakes.</summary>
        public async Task ForgetAsync()
        {
            await _db.Database.ExecuteSqlAsync($"DELETE FROM idempotency WHERE id = {_key.Id}");
            await EndAsync();
        }

        /// <summary>Undoes the work unless it was ended.</summary>
        public async ValueTask DisposeAsync()
        {
            if (_ended) return;
            _ended = true;
            if (_transaction is not null) await _transaction.DisposeAsync();
            else await _db.Database.ExecuteSqlAsync($"DELETE FROM idempotency WHERE id = {_key.Id}");
            _turn?.Dispose();
        }

        private async Task EndAsync()
        {
            if (_transaction is not null)
            {
                await _transaction.CommitAsync();
                await _transaction.DisposeAsync();
            }

            _ended = true;
            _turn?.Dispose();
        }
    }
}

/// <summary>
/// On SQLite, which has one writer, forms wait for their turn here instead of in its busy loop, which would block threads. On
/// PostgreSQL everybody may enter.
/// </summary>
public sealed class IdempotencyGate(Microsoft.Extensions.Options.IOptions<DatabaseOptions> database) : IDisposable
{
    private readonly SemaphoreSlim? _one = database.Value.IsPostgres ? null : new SemaphoreSlim(1);

    internal async Task<IDisposable?> EnterAsync(CancellationToken cancellation)
    {
        if (_one is null) return null;
        await _one.WaitAsync(cancellation);
        return new Turn(_one);
    }

    /// <inheritdoc/>
    public void Dispose() => _one?.Dispose();

    private sealed class Turn(SemaphoreSlim one) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) one.Release();
        }
    }
}

/// <summary>One claimed key with its answer, kept for a day.</summary>
public sealed class IdempotentRequest
{
    /// <summary>Digest of key and actor.</summary>
    public required byte[] Id { get; init; }

    /// <summary>Digest of the request.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>The answer, sealed with a key derived from the sender's; null while the work is at hand.</summary>
    public byte[]? Answer { get; init; }

    /// <summary>When it was claimed, in seconds since 1970 (written by plain SQL, which knows no conversions).</summary>
    public long ClaimedAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<IdempotentRequest>
    {
        public void Configure(EntityTypeBuilder<IdempotentRequest> builder)
        {
            builder.ToTable("idempotency");
            builder.HasKey(r => r.Id);
            builder.HasIndex(r => r.ClaimedAt);
        }
    }
}

/// <summary>Forgets answers after a day: nobody repeats a form that late.</summary>
public sealed class IdempotencyPurgePass(MoneyDb db, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public Task<int> RunAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow().AddDays(-1).ToUnixTimeSeconds();
        return db.Set<IdempotentRequest>().Where(r => r.ClaimedAt < before).ExecuteDeleteAsync(cancellation);
    }
}
