namespace DigitalResistance.Treasury;

/// <summary>Whether the chain backend answers at this moment, for whoever looks at a page: asked anew in any process, with little patience.</summary>
public sealed class ChainReach(IChain chain, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>False where it is away; one that follows another network answers, and says so elsewhere.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await chain.GetTipAsync(either.Token);
            return true;
        }
        catch (ChainMismatchException)
        {
            return true;
        }
        catch (Exception exception) when (exception is ChainUnavailableException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }
}
