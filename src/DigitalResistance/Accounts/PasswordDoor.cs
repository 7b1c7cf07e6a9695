using Microsoft.AspNetCore.Identity;

namespace DigitalResistance.Accounts;

/// <summary>
/// Where passwords are compared. Hashing is the dearest thing a stranger can ask for, so no more of it is done at once than there are
/// cores; and for an account that does not exist, or has no password, as much is done as for one that does.
/// </summary>
public sealed class PasswordDoor : IDisposable
{
    private readonly SemaphoreSlim _hashing = new(Environment.ProcessorCount);
    private readonly Account _nobody = new();
    private string? _nobodysHash;

    internal async Task<bool> VerifyAsync(IPasswordHasher<Account> hasher, Account? account, string password, CancellationToken cancellation)
    {
        await _hashing.WaitAsync(cancellation);
        try
        {
            // Made once, with the configured rounds.
            _nobodysHash ??= hasher.HashPassword(_nobody, Base32.Random(20));
            var right = hasher.VerifyHashedPassword(account ?? _nobody, account?.PasswordHash ?? _nobodysHash, password) != PasswordVerificationResult.Failed;
            return right && account?.PasswordHash is not null;
        }
        finally
        {
            _hashing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hashing.Dispose();
}
