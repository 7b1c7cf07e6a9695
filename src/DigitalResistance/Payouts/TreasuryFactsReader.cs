using DigitalResistance.Data;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>Answers what a round must know of the treasury before it promises money.</summary>
internal sealed class TreasuryFactsReader(MoneyDb db, TreasuryWallet wallet, SigningLimits signing, FeeRates rates, IOptions<BitcoinOptions> bitcoin) : ITreasuryFacts
{
    // Blocks within which a round's transactions should confirm; admins choose again when they build.
    private const int FeeTarget = 6;

    public async Task<TreasuryFacts?> ReadAsync(CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return null;
        var coins = await CoinsAsync(cancellation);
        var owed = await OwedAsync(cancellation);
        return new TreasuryFacts(bitcoin.Value.LedgerNetwork, treasury.Descriptor.Sha256, Sats.Sum(coins) - owed, (await signing.FindAsync(cancellation)).OutputsPerBatch);
    }

    public async Task<Sats?> EstimateFeeAsync(int recipients, Sats paid, int maxRate, CancellationToken cancellation)
    {
        if (recipients == 0 || await wallet.FindAsync(cancellation) is not { Descriptor: var descriptor }) return null;
        var batches = (recipients + (await signing.FindAsync(cancellation)).OutputsPerBatch - 1) / (await signing.FindAsync(cancellation)).OutputsPerBatch;
        var (inputs, sum) = (0, Sats.Zero);
        foreach (var coin in (await CoinsAsync(cancellation)).OrderDescending().TakeWhile(_ => sum < paid)) (inputs, sum) = (inputs + 1, sum + coin);
        try
        {
            // Version, counts, lock time, OP_RETURN and change of each batch; an output to the longest kind of address for everybody.
            const int perBatch = 11 + 43 + 43, perRecipient = 43;
            var weight = VByteRate.WeightPerVByte * ((batches * perBatch) + (recipients * perRecipient)) + ((long)Math.Max(inputs, batches) * descriptor.InputWeight());
            return (await rates.ChooseAsync(FeeTarget, maxRate, cancellation)).FeeFor(weight);
        }
        catch (ChainUnavailableException)
        {
            return null;
        }
    }

    private Task<List<Sats>> CoinsAsync(CancellationToken cancellation) =>
        db.Set<TreasuryCoin>().Where(c => c.IsBooked && c.Height != null && c.SpentHeight == null).Select(c => c.Amount).ToListAsync(cancellation);

    // What approved rounds and moves still have to pay and may still cost. A payment counts until its confirmation is booked, although its coins are
    // gone from the first block on: for a short time too little is free, never too much.
    private async Task<Sats> OwedAsync(CancellationToken cancellation)
    {
        RoundState[] paying = [RoundState.Approved, RoundState.Building, RoundState.Signing, RoundState.Broadcast];
        var rounds = await db.Set<Round>().Where(r => paying.Contains(r.State)).Select(r => new { r.Number, r.MaxFee }).ToListAsync(cancellation);
        var numbers = rounds.Select(r => r.Number).ToArray();
        var grants = await db.Set<Grant>().Where(g => numbers.Contains(g.RoundNumber) && !db.Set<Payout>().Any(p => p.Id == g.Id && p.PaidTxid != null))
            .Select(g => g.Paid).ToListAsync(cancellation);
        var moves = await db.Set<Move>()
            .Where(m => m.State == MoveState.Approved || (m.State == MoveState.Built && db.Set<Batch>().Any(b => b.MoveNumber == m.Number && b.BookedTxid == null)))
            .Select(m => new { m.Paid, m.MaxFee }).ToListAsync(cancellation);
        return Sats.Sum(grants) + Sats.Sum(rounds.Select(r => r.MaxFee)) + Sats.Sum(moves.Select(m => m.Paid + m.MaxFee));
    }
}
