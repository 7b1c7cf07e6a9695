using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
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
            join treasury in db.Set<TreasuryDescriptor>() on address.DescriptorId equals treasury.Id
            select new { address.Id, address.Index, address.Script, Treasury = treasury }).AsNoTracking().SingleOrDefaultAsync(cancellation);
        if (row is null) return null;

        var top = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation);
        var coins = await db.Set<TreasuryCoin>().AsNoTracking().Where(c => c.AddressId == row.Id).OrderBy(c => c.Id).ToListAsync(cancellation);
        var text = new Script(row.Script).GetDestinationAddress(wallet.Network)!.ToString();
        var entries = await EntriesAsync([.. coins.Where(c => c.IsBooked).Select(c => c.Txid)], cancellation);
        var spends = await SpendsAsync([.. coins.Select(c => c.SpentBy).OfType<string>()], cancellation);
        return new DonationReceipt(text, row.Index, options.Value.Confirmations, options.Value.PublishDescriptor ? row.Treasury.Text : null,
            [.. coins.Select(c => new ReceivedPayment(c.Txid, c.Vout, c.Amount, c.Height is { } height ? top!.Value - height + 1 : 0, c.IsBooked)
            {
                Entry = c.IsBooked && entries.TryGetValue((c.Txid, c.Vout), out var index) ? index : null,
                SpentFor = c.SpentBy is not null && spends.TryGetValue(c.SpentBy, out var round) ? round : null,
            })])
        {
            HasOneKey = wallet.Open(row.Treasury).Descriptor.HasOneKey,
        };
    }

    /// <summary>The newest published entry of each donation of these transactions: what the log says, by its own bytes.</summary>
    private async Task<Dictionary<(string Txid, long Vout), long>> EntriesAsync(string[] txids, CancellationToken cancellation)
    {
        var lines = db.Set<LedgerLine>().Where(l => l.Type == "donation.confirmed" && l.Txid != null && txids.Contains(l.Txid)).Select(l => (long?)l.Index);
        var found = await db.Set<LedgerEntry>().AsNoTracking().Where(e => lines.Contains(e.Index)).OrderBy(e => e.Index).Select(e => new { e.Index, e.Bytes }).ToListAsync(cancellation);
        return found.Select(e => (Index: e.Index!.Value, Entry: CanonicalObject.Parse(e.Bytes)))
            .GroupBy(e => (e.Entry.Text("txid"), e.Entry.Integer("vout"))).ToDictionary(g => g.Key, g => g.Max(e => e.Index));
    }

    /// <summary>Which round a published payment belongs to.</summary>
    private Task<Dictionary<string, int>> SpendsAsync(string[] txids, CancellationToken cancellation) =>
        db.Set<LedgerLine>().Where(l => l.Type == "tx.broadcast" && l.Round != null && l.Txid != null && txids.Contains(l.Txid))
            .GroupBy(l => l.Txid!).Select(g => new { g.Key, Round = g.Max(l => l.Round!.Value) }).ToDictionaryAsync(g => g.Key, g => g.Round, cancellation);
}

/// <summary>A receipt.</summary>
/// <param name="Address">The address that was made for it.</param>
/// <param name="Index">Its place on the treasury's receiving branch, so that the donor can derive it from the published descriptor.</param>
/// <param name="Needed">Confirmations after which a payment is booked.</param>
/// <param name="Descriptor">The treasury's descriptor, from which the address follows; null where it is not published.</param>
/// <param name="Payments">What came so far.</param>
public sealed record DonationReceipt(string Address, int Index, int Needed, string? Descriptor, IReadOnlyList<ReceivedPayment> Payments)
{
    /// <summary>Whether the treasury that it pays to has one key only.</summary>
    public bool HasOneKey { get; init; }

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
public sealed record ReceivedPayment(string Txid, int Vout, Sats Amount, int Confirmations, bool IsBooked)
{
    /// <summary>Its entry in the public log, once that is under a signed checkpoint.</summary>
    public long? Entry { get; init; }

    /// <summary>The round whose payment spends it; null while it lies in the treasury.</summary>
    public int? SpentFor { get; init; }
}
