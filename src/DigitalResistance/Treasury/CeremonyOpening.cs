using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>Begins a ceremony, for keys that are brought one by one or for a descriptor that a wallet put together, and gives one up.</summary>
public sealed class CeremonyOpening(MoneyDb db, TreasuryAdoption adoption, IOptions<BitcoinOptions> options, TimeProvider time)
{
    /// <summary>Most keys: what a witness script of <c>OP_CHECKMULTISIG</c> may have in a treasury here.</summary>
    public const int MaxKeys = 15;

    /// <summary>
    /// Begins one with so many keys to come: <see cref="CeremonyResult.Done"/>, <see cref="CeremonyResult.Terms"/>, <see cref="CeremonyResult.SingleKey"/>,
    /// <see cref="CeremonyResult.AlreadyBegun"/> or <see cref="CeremonyResult.AlreadyAdopted"/>.
    /// </summary>
    public async Task<CeremonyResult> BeginAsync(TreasuryScript script, int threshold, int size, int? startHeight, Guid treasurer, CancellationToken cancellation)
    {
        var isMultisig = script is TreasuryScript.SortedMultisig;
        // One of several keys would be as good as one key, and easier to steal.
        if (isMultisig ? threshold < 2 || threshold > size || size > MaxKeys : (threshold, size) != (1, 1) || script == TreasuryScript.Multisig) return new CeremonyResult.Terms();
        if (size == 1 && options.Value is { Network: "main", AllowSingleKey: false }) return new CeremonyResult.SingleKey();
        return await AddAsync(new Ceremony { Script = script, Threshold = threshold, Size = size, StartHeight = startHeight, BegunBy = treasurer, BegunAt = time.GetUtcNow(), IsLive = true }, [], cancellation);
    }

    /// <summary>
    /// Begins one with a whole descriptor, of which each holder then says which key is theirs: as <see cref="BeginAsync"/>, or <see cref="CeremonyResult.Faulty"/>,
    /// <see cref="CeremonyResult.SameDevice"/>.
    /// </summary>
    public async Task<CeremonyResult> BeginWithAsync(string? text, int? startHeight, Guid treasurer, CancellationToken cancellation)
    {
        switch (adoption.Preview(text))
        {
            case AdoptionResult.Faulty { Fault: var fault }:
                return new CeremonyResult.Faulty(fault);
            case AdoptionResult.Sound { Descriptor: var descriptor }:
                var twice = descriptor.Keys.GroupBy(k => k.Origin.MasterFingerprint.ToString()).FirstOrDefault(g => g.Count() > 1);
                if (twice is not null) return new CeremonyResult.SameDevice(twice.Key);
                var ceremony = new Ceremony
                {
                    Script = descriptor.Script, Threshold = descriptor.Threshold, Size = descriptor.Keys.Count, StartHeight = startHeight, BegunBy = treasurer, BegunAt = time.GetUtcNow(), IsLive = true,
                };
                return await AddAsync(ceremony, descriptor.Keys, cancellation);
            default:
                return new CeremonyResult.SingleKey();
        }
    }

    /// <summary>Gives up the ceremony that the page showed: <see cref="CeremonyResult.Done"/> or <see cref="CeremonyResult.NotLive"/>.</summary>
    public async Task<CeremonyResult> GiveUpAsync(int id, CancellationToken cancellation)
    {
        while (true)
        {
            if (await db.Set<Ceremony>().SingleOrDefaultAsync(c => c.Id == id && c.IsLive, cancellation) is not { } ceremony)
                return await db.Set<Ceremony>().AnyAsync(c => c.Id == id && c.End == CeremonyEnd.GivenUp, cancellation) ? new CeremonyResult.Done() : new CeremonyResult.NotLive();
            ceremony.Finish(CeremonyEnd.GivenUp, time.GetUtcNow());
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved) return new CeremonyResult.Done();
        }
    }

    private async Task<CeremonyResult> AddAsync(Ceremony ceremony, IReadOnlyList<DescriptorKey> keys, CancellationToken cancellation)
    {
        if (await db.Set<TreasuryDescriptor>().AnyAsync(cancellation)) return new CeremonyResult.AlreadyAdopted();
        if (await RunningAsync(ceremony, keys, cancellation) is { } running) return running;
        await using (var transaction = await db.JoinTransactionAsync(cancellation))
        {
            db.Add(ceremony);
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved)
            {
                db.AddRange(keys.Select((key, i) => CeremonyKey.Of(ceremony.Id, i, key, holder: null, device: null, ceremony.BegunAt)));
                await db.SaveChangesAsync(cancellation);
                await transaction.CommitAsync(cancellation);
                return new CeremonyResult.Done();
            }
        }

        // Somebody else began one at this moment: an index lets only one in.
        return await RunningAsync(ceremony, keys, cancellation) ?? new CeremonyResult.NotLive();
    }

    private async Task<CeremonyResult?> RunningAsync(Ceremony wanted, IReadOnlyList<DescriptorKey> keys, CancellationToken cancellation)
    {
        if (await db.Set<Ceremony>().AsNoTracking().SingleOrDefaultAsync(c => c.IsLive, cancellation) is not { } live) return null;
        var given = await db.Set<CeremonyKey>().AsNoTracking().Where(k => k.CeremonyId == live.Id && k.HolderId == null).OrderBy(k => k.Position).Select(k => k.Key).ToListAsync(cancellation);
        var isSame = (live.Script, live.Threshold, live.Size, live.BegunBy) == (wanted.Script, wanted.Threshold, wanted.Size, wanted.BegunBy) && given.SequenceEqual(keys.Select(k => k.ToString()));
        return isSame ? new CeremonyResult.Done() : new CeremonyResult.AlreadyBegun(live);
    }
}
