using System.Collections.Concurrent;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>Which treasury this product pays from.</summary>
public sealed class TreasuryWallet(MoneyDb db, IOptions<BitcoinOptions> options)
{
    // Parsing decompresses every key: milliseconds, for a text that never changes.
    private static readonly ConcurrentDictionary<string, Descriptor> Parsed = new();

    /// <summary>The network that every address must belong to, whether or not there is a treasury yet.</summary>
    public Network Network => options.Value.ChainNetwork;

    /// <summary>That network's name in the public ledger.</summary>
    internal string LedgerNetwork => options.Value.LedgerNetwork;

    /// <summary>The treasury that addresses are given out from; null before one was adopted.</summary>
    public async Task<AdoptedTreasury?> FindAsync(CancellationToken cancellation)
    {
        var row = await db.Set<TreasuryDescriptor>().AsNoTracking().SingleOrDefaultAsync(d => d.IsCurrent, cancellation);
        return row is null ? null : Open(row);
    }

    /// <summary>A treasury by its row, current or not: a coin is spent with the descriptor that it was paid to.</summary>
    internal AdoptedTreasury Open(TreasuryDescriptor row) =>
        new(row.Id, Parsed.GetOrAdd(row.Text, (text, network) => Descriptor.Parse(text, network), Network), row.StartHeight);
}

/// <summary>A treasury in use.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Descriptor">Its descriptor.</param>
/// <param name="StartHeight">Blocks are read from here on.</param>
public sealed record AdoptedTreasury(int Id, Descriptor Descriptor, int StartHeight);
