using System.Security.Cryptography;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>
/// Gives a donor a fresh address and a receipt. The form brings the receipt's secret token, made when the form was shown: the same form
/// sent twice opens the same receipt, and nothing else needs to remember it.
/// </summary>
public sealed class DonationOpening(MoneyDb db, TreasuryWallet wallet, AddressBook addresses, Budgets budgets, IOptions<DonationOptions> options)
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int TokenLength = 32;

    /// <summary>A new secret: 160 random bits in base32.</summary>
    public static string NewToken() => RandomNumberGenerator.GetString(Alphabet, TokenLength);

    /// <summary>Whether a text can be a token at all.</summary>
    public static bool IsToken(string? text) => text?.Length == TokenLength && text.All(Alphabet.Contains);

    /// <summary>Opens the receipt of a token, or finds it open.</summary>
    public async Task<DonationResult> OpenAsync(string? token, CancellationToken cancellation)
    {
        if (!IsToken(token)) return new DonationResult.NoToken();
        var hash = Donation.Hash(token!);
        if (await IsOpenAsync(hash, cancellation)) return new DonationResult.Opened(token!);

        // Only for who asks anew: what was given out before stays good, whatever became of the installation.
        if (!await db.IsSiteOpenAsync(cancellation)) return new DonationResult.SiteClosed();
        if (await wallet.FindAsync(cancellation) is null) return new DonationResult.NoTreasury();
        var budget = new Budget("donations.new", options.Value.AddressesAtOnce, options.Value.AddressesPerHour);
        if (await budgets.TakeAsync(budget, cancellation) is { } wait) return new DonationResult.Busy(wait);

        var address = await addresses.TakeAsync(Branch.Receive, cancellation);
        db.Add(new Donation { TokenHash = hash, AddressId = address!.Id });
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException) when (!cancellation.IsCancellationRequested)
        {
            // The same form, twice at once: one receipt; the address taken here in vain is never given to anybody.
            db.ChangeTracker.Clear();
            if (!await IsOpenAsync(hash, cancellation)) throw;
        }

        return new DonationResult.Opened(token!);
    }

    private Task<bool> IsOpenAsync(byte[] hash, CancellationToken cancellation) => db.Set<Donation>().AnyAsync(d => d.TokenHash == hash, cancellation);
}

/// <summary>How asking for an address can end.</summary>
public abstract record DonationResult
{
    private DonationResult()
    {
    }

    /// <summary>There is a receipt; whoever holds the token sees it.</summary>
    public sealed record Opened(string Token) : DonationResult;

    /// <summary>The budget of fresh addresses is used up for now. It is one budget for everybody: behind Tor nobody has an address to limit by.</summary>
    public sealed record Busy(TimeSpan RetryAfter) : DonationResult;

    /// <summary>The installation is still being set up.</summary>
    public sealed record SiteClosed : DonationResult;

    /// <summary>No treasury was adopted yet.</summary>
    public sealed record NoTreasury : DonationResult;

    /// <summary>The form brought no token, or none of ours.</summary>
    public sealed record NoToken : DonationResult;
}
