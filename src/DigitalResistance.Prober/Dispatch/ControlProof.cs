using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Prober.Dispatch;

/// <summary>
/// Proof of control inside the protocol: we minted a credential, the operator installed it. The server must refuse a counterfeit that
/// differs in the secret only, and accept the minted one. A server that accepts anything, open to everybody, is nobody's this way.
/// </summary>
public sealed class ControlProof(ProbeRunner runner, ProbeCatalog catalog)
{
    /// <summary>
    /// Tries both. The assignment carries the minted settings. The counterfeit goes first: some servers let an address pass unchecked once
    /// it has signed in. The session of the real one is a whole probe, so its report also says whether the server carries traffic.
    /// </summary>
    public async Task<ControlProofResult> ProveAsync(ProbeAssignment minted, CancellationToken cancellation)
    {
        if (catalog.Find(minted.Protocol) is not IMintsCredentials mint || mint.Parse(minted.Settings) is not SettingsParse.Accepted accepted
            || mint.MintedSettings.Any(name => accepted.Settings[name].Length == 0))
        {
            return new ControlProofResult.NotSupported();
        }

        var counterfeit = await runner.ProbeAsync(minted with { Settings = mint.Counterfeit(accepted.Settings).Values }, cancellation);
        if (counterfeit.Level >= Level.L1) return new ControlProofResult.AcceptsAnything(counterfeit);
        if (!mint.Refuses(counterfeit)) return new ControlProofResult.Unreachable(counterfeit);

        var genuine = await runner.ProbeAsync(minted, cancellation);
        if (genuine.Level >= Level.L1) return new ControlProofResult.Proven(genuine);
        return mint.Refuses(genuine) ? new ControlProofResult.MintedRefused(genuine) : new ControlProofResult.Unreachable(genuine);
    }
}

/// <summary>How a proof of control ended.</summary>
public abstract record ControlProofResult
{
    private ControlProofResult()
    {
    }

    /// <summary>The operator controls the server. The report says whether it carries traffic as well.</summary>
    public sealed record Proven(ProbeReport Report) : ControlProofResult;

    /// <summary>The server has not heard of the minted credential (yet).</summary>
    public sealed record MintedRefused(ProbeReport Report) : ControlProofResult;

    /// <summary>The server accepts credentials that were never given out, so that accepting ours proves nothing.</summary>
    public sealed record AcceptsAnything(ProbeReport Report) : ControlProofResult;

    /// <summary>The server was not reached, or did not get as far as judging credentials; try again later.</summary>
    public sealed record Unreachable(ProbeReport Report) : ControlProofResult;

    /// <summary>The protocol has no credentials to mint, or the settings do not use them.</summary>
    public sealed record NotSupported : ControlProofResult;
}
