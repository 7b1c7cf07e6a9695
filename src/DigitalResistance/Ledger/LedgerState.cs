using DigitalResistance.Transparency;

namespace DigitalResistance.Ledger;

/// <summary>What this process knows about the log: whether it was checked since the start, and whether sealing is refused. Read by pages and health checks.</summary>
public sealed class LedgerState
{
    private volatile LedgerRefusedException? _refusal;
    private volatile Checkpoint? _published;

    /// <summary>Why nothing is sealed; null while everything is in order.</summary>
    public LedgerRefusedException? Refusal => _refusal;

    /// <summary>The newest checkpoint this process published or found published.</summary>
    public Checkpoint? Published => _published;

    /// <summary>Whether the whole log was checked since the start.</summary>
    internal bool Checked { get; private set; }

    /// <summary>When a refused log is looked at again.</summary>
    internal DateTimeOffset RetryAt { get; private set; }

    /// <summary>How many turns in a row ended in a reason to refuse that may have been another process at work.</summary>
    internal int Doubts { get; set; }

    /// <summary>When other processes were last told that everything is in order; null where the last they heard is something else, or nothing.</summary>
    internal DateTimeOffset? ToldAt { get; set; }

    internal void Passed(Checkpoint? published) => (Checked, _refusal, _published) = (true, null, published);

    internal void Refused(LedgerRefusedException why, DateTimeOffset retryAt) => (Checked, Doubts, _refusal, RetryAt) = (false, 0, why, retryAt);
}
