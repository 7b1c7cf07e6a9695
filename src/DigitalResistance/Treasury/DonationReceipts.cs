using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>What a donor sees who holds a receipt's token.</summary>
public sealed class DonationReceipts(MoneyDb db, TreasuryWallet wallet, IOptions<BitcoinOptions> options)
{
    /// <summary>The receipt of a token; null where there is none.</summary>
    public async Task<DonationReceipt?> FindAsync(string? token, CancellationToken cancellation)
    {
        if (!DonationOpening.IsToken(token)) return null;
        var hash = Donation.Hash(token!);
        var row = await (
            from donation in db.Set<Donation>()
            where donation.TokenHash == hash
            join address in db.Set<TreasuryAddress>() on donation.AddressId equals address.Id
            select new { address.Id, address.Index, address.Script }).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (row is null) return null;

        var top = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation);
        var coins = await db.Set<TreasuryCoin>().AsNoTracking().Where(c => c.AddressId == row.Id).OrderBy(c => c.Id).ToListAsync(cancellation);
        var text = new Script(row.Script).GetDestinationAddress(wallet.Network)!.ToString();
        return new DonationReceipt(text, row.Index, options.Value.Confirmations,
            [.. coins.Select(c => new ReceivedPayment(c.Txid, c.Vout, c.Amount, c.Height is { } height ? top!.Value - height + 1 : 0, c.IsBooked))]);
    }
}

/// <summary>A receipt.</summary>
/// <param name="Address">The address that was made for it.</param>
/// <param name="Index">Its place on the treasury's receiving branch, so that the donor can derive it from the published descriptor.</param>
/// <param name="Needed">Confirmations after which a payment is booked.</param>
/// <param name="Payments">What came so far.</param>
public sealed record DonationReceipt(string Address, int Index, int Needed, IReadOnlyList<ReceivedPayment> Payments)
{
    /// <summary>What a wallet opens or scans (<see href="https://github.com/bitcoin/bips/blob/master/bip-0321.mediawiki">BIP-321</see>). No amount: any is welcome.</summary>
    public string Uri => $"bitcoin:{Address}";

    /// <summary>
    /// The same for a QR code: bech32 may be written in capitals, which a QR code holds in fewer modules
    /// (<see href="https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki#bech32">BIP-173</see>).
    /// </summary>
    public string QrText => Uri.ToUpperInvariant();
}

/// <summary>A payment that came to a receipt's address.</summary>
/// <param name="Txid">Its transaction.</param>
/// <param name="Vout">Its output.</param>
/// <param name="Amount">What it is.</param>
/// <param name="Confirmations">How deep; 0 where a reorganisation took it out of the chain.</param>
/// <param name="IsBooked">Whether the public ledger counts it.</param>
public sealed record ReceivedPayment(string Txid, int Vout, Sats Amount, int Confirmations, bool IsBooked);
