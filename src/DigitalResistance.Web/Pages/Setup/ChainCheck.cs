using DigitalResistance.Treasury;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Whether the bitcoin backend answers, follows our network and is at the end of its chain.</summary>
internal sealed class ChainCheck(IChain chain, IOptions<BitcoinOptions> options, TimeProvider time, IStringLocalizer<SetupTexts> texts) : ISetupCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public int Order => 36;

    public async Task<SetupFinding> LookAsync(CancellationToken cancellation)
    {
        var bitcoin = options.Value;
        if (bitcoin.Backend == "none") return Finding(SetupState.Missing, texts["Chain.None"]);
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            var tip = await chain.GetTipAsync(either.Token);
            return await chain.ProgressAsync(either.Token) is { IsBehind: true } progress
                ? Finding(SetupState.Missing, texts["Chain.Behind", progress.Blocks, progress.Headers])
                : Finding(SetupState.Ready, texts["Chain.Ready", bitcoin.Network, tip.Height]);
        }
        catch (ChainMismatchException)
        {
            return Finding(SetupState.Missing, texts["Chain.Mismatch", bitcoin.Network]);
        }
        catch (Exception exception) when (exception is ChainUnavailableException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Finding(SetupState.Missing, texts["Chain.Away", bitcoin.Backend]);
        }
    }

    private SetupFinding Finding(SetupState state, string text) => new(state, texts["Chain.Title"], text);
}
