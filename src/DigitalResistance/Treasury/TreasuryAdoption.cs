using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>Adopts the first treasury: a descriptor becomes the place where donations go and payments come from.</summary>
public sealed class TreasuryAdoption(MoneyDb db, IChain chain, AddressBook addresses, IOptions<BitcoinOptions> options, TimeProvider time)
{
    /// <summary>What a descriptor would mean, shown before anything is stored: the treasurer compares the addresses with the wallet's own.</summary>
    public AdoptionResult Preview(string? text)
    {
        if (!WalletExport.TryRead(text, options.Value.ChainNetwork, out var descriptor, out var fault)) return new AdoptionResult.Faulty(fault);
        if (descriptor.HasOneKey && options.Value.Network == "main" && !options.Value.AllowSingleKey) return new AdoptionResult.SingleKey();
        var addressesOf = (Branch branch) => descriptor.DeriveRange(branch, 0, 3).Select(script => script.ScriptPubKey.GetDestinationAddress(descriptor.Network)!.ToString()).ToArray();
        return new AdoptionResult.Sound(descriptor, addressesOf(Branch.Receive), addressesOf(Branch.Change));
    }

    /// <summary>
    /// Adopts a descriptor. Blocks are read from <paramref name="startHeight"/> on, by default from the present end of the chain:
    /// nobody was given an address before. Returns <see cref="AdoptionResult.Adopted"/>, or any other case having changed nothing.
    /// </summary>
    public async Task<AdoptionResult> AdoptAsync(string? text, int? startHeight, CancellationToken cancellation)
    {
        if (Preview(text) is not AdoptionResult.Sound { Descriptor: var descriptor }) return Preview(text);
        var (result, row) = await AddAsync(descriptor, startHeight, cancellation);
        if (row is null) return result;
        // Whoever gathers keys for another one does not go on.
        if (await db.Set<Ceremony>().SingleOrDefaultAsync(c => c.IsLive, cancellation) is { } ceremony) ceremony.Finish(CeremonyEnd.Overtaken, row.AdoptedAt);
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            // Somebody else adopted one at this moment: two unique indexes let only one in.
            db.ChangeTracker.Clear();
            return new AdoptionResult.AlreadyAdopted();
        }

        await addresses.FillAsync(cancellation);
        return result;
    }

    /// <summary>Adds the first treasury and its entry to the caller's unit of work, where there is none; the caller saves, and of two at once an index lets one in.</summary>
    internal async Task<(AdoptionResult Result, TreasuryDescriptor? Row)> AddAsync(Descriptor descriptor, int? startHeight, CancellationToken cancellation)
    {
        if (await db.Set<TreasuryDescriptor>().AnyAsync(cancellation)) return (new AdoptionResult.AlreadyAdopted(), null);
        if (startHeight is null)
        {
            try
            {
                startHeight = (await chain.GetTipAsync(cancellation)).Height + 1;
            }
            catch (ChainUnavailableException)
            {
                return (new AdoptionResult.ChainAway(), null);
            }
        }

        var row = new TreasuryDescriptor
        {
            // The genesis block pays nobody, and some backends do not have it.
            Text = descriptor.Text, Sha256 = descriptor.Sha256, Network = descriptor.Network.Name, StartHeight = Math.Max(1, startHeight.Value), AdoptedAt = time.GetUtcNow(), IsCurrent = true,
        };
        db.Add(row);
        db.Append(new TreasuryRotated(options.Value.LedgerNetwork, descriptor.Sha256, options.Value.PublishDescriptor ? descriptor.Text : null), row.AdoptedAt);
        return (new AdoptionResult.Adopted(descriptor), row);
    }
}

/// <summary>How looking at or adopting a descriptor can end.</summary>
public abstract record AdoptionResult
{
    private AdoptionResult()
    {
    }

    /// <summary>It is the treasury now.</summary>
    public sealed record Adopted(Descriptor Descriptor) : AdoptionResult;

    /// <summary>It could be adopted.</summary>
    /// <param name="Descriptor">What was read.</param>
    /// <param name="Receive">Its first three addresses for donors.</param>
    /// <param name="Change">Its first three addresses for change.</param>
    public sealed record Sound(Descriptor Descriptor, IReadOnlyList<string> Receive, IReadOnlyList<string> Change) : AdoptionResult;

    /// <summary>It is no descriptor for a treasury.</summary>
    public sealed record Faulty(DescriptorFault Fault) : AdoptionResult;

    /// <summary>A treasury of one key may not hold real money unless <see cref="BitcoinOptions.AllowSingleKey"/> says so.</summary>
    public sealed record SingleKey : AdoptionResult;

    /// <summary>There is a treasury already; a new descriptor is a rotation.</summary>
    public sealed record AlreadyAdopted : AdoptionResult;

    /// <summary>The bitcoin backend did not answer, so that the height to start from is not known.</summary>
    public sealed record ChainAway : AdoptionResult;
}
