using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Accounts;

/// <summary>
/// What helps when a password or an authenticator is lost, as there is no e-mail to write to: eight codes of 80 bits, shown once, each
/// good for one lost thing.
/// </summary>
public sealed class RecoveryCodes(MoneyDb db, TimeProvider time)
{
    /// <summary>How many are given out together.</summary>
    public const int Count = 8;

    private const int Length = 16;

    /// <summary>Makes new codes for <paramref name="accountId"/> and voids the old ones.</summary>
    /// <returns>The codes as they are to be printed; only their digests are kept.</returns>
    public async Task<IReadOnlyList<string>> IssueAsync(Guid accountId, CancellationToken cancellation)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        await db.Set<RecoveryCode>().Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellation);
        var codes = Enumerable.Range(0, Count).Select(_ => Base32.Random(Length)).ToList();
        db.AddRange(codes.Select(code => new RecoveryCode { Digest = Digest(accountId, code), AccountId = accountId }));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return [.. codes.Select(code => Base32.Group(code, 4))];
    }

    /// <summary>Uses up one code: true exactly once.</summary>
    public async Task<bool> RedeemAsync(Guid accountId, string? code, CancellationToken cancellation)
    {
        if (Base32.Normalize(code) is not { Length: Length } text) return false;
        var digest = Digest(accountId, text);
        var now = time.GetUtcNow();
        return await db.Set<RecoveryCode>().Where(c => c.Digest == digest && c.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.UsedAt, now), cancellation) == 1;
    }

    /// <summary>How many can still be used.</summary>
    public Task<int> LeftAsync(Guid accountId, CancellationToken cancellation) =>
        db.Set<RecoveryCode>().CountAsync(c => c.AccountId == accountId && c.UsedAt == null, cancellation);

    /// <summary>80 random bits cannot be guessed from a plain digest; the account in it keeps one list of guesses from fitting all.</summary>
    private static byte[] Digest(Guid accountId, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"recovery/v1\n{accountId:N}\n{code}"));
}

/// <summary>One recovery code of an account.</summary>
public sealed class RecoveryCode
{
    /// <summary>Digest of account and code.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>The account.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>When it was used.</summary>
    public DateTimeOffset? UsedAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<RecoveryCode>
    {
        public void Configure(EntityTypeBuilder<RecoveryCode> builder)
        {
            builder.ToTable("recovery_codes");
            builder.HasKey(c => c.Digest);
            builder.HasIndex(c => c.AccountId);
        }
    }
}
