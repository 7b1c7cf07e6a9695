using System.Runtime.CompilerServices;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Testing.Treasury;

/// <summary>A chain backend that fails as real ones do: away, or a call that is reported as failed though it happened.</summary>
internal sealed class FaultyChain(IChain inner) : IChain
{
    /// <summary>Nothing is answered.</summary>
    public bool IsAway { get; set; }

    /// <summary>What happens at the next <see cref="SendAsync"/>.</summary>
    public SendFault Send { get; set; }

    public int Sent { get; private set; }

    /// <summary>Counts the calls, and lets one of them go wrong.</summary>
    public Outages? Outages { get; set; }

    /// <summary>Looks around at the moment a transaction is about to leave.</summary>
    public Func<Transaction, Task>? BeforeSend { get; set; }

    public Task<ChainTip> GetTipAsync(CancellationToken cancellation) => Ask(() => inner.GetTipAsync(cancellation));

    public Task<uint256?> GetBlockHashAsync(int height, CancellationToken cancellation) => Ask(() => inner.GetBlockHashAsync(height, cancellation));

    public Task<byte[]?> GetBlockAsync(uint256 hash, CancellationToken cancellation) => Ask(() => inner.GetBlockAsync(hash, cancellation));

    public Task<VByteRate?> EstimateRateAsync(int blocks, CancellationToken cancellation) => Ask(() => inner.EstimateRateAsync(blocks, cancellation));

    public Task<ChainVerdict> TestAsync(Transaction transaction, CancellationToken cancellation) => Ask(() => inner.TestAsync(transaction, cancellation));

    public async Task<ChainVerdict> SendAsync(Transaction transaction, CancellationToken cancellation)
    {
        Sent++;
        if (BeforeSend is { } look) await look(transaction);
        var fault = Send;
        Send = SendFault.None;
        if (fault == SendFault.Lost) throw new ChainUnavailableException("lost");
        if (fault == SendFault.Refused) return new ChainVerdict.Refused("mempool full");
        var verdict = await Ask(() => inner.SendAsync(transaction, cancellation));
        return fault == SendFault.DoneAndLost ? throw new ChainUnavailableException("done and lost") : verdict;
    }

    public Task<bool> IsWaitingAsync(uint256 txid, CancellationToken cancellation) => Ask(() => inner.IsWaitingAsync(txid, cancellation));

    private async Task<T> Ask<T>(Func<Task<T>> question, [CallerMemberName] string call = "")
    {
        if (IsAway) throw new ChainUnavailableException("away");
        try
        {
            Outages?.Before(call);
            var answer = await question();
            Outages?.After(call);
            return answer;
        }
        catch (OutageException outage)
        {
            throw new ChainUnavailableException("went wrong", outage);
        }
    }
}

/// <summary>How handing over a transaction fails.</summary>
internal enum SendFault
{
    None,
    Lost,
    DoneAndLost,
    Refused,
}
