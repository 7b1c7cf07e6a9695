using System.Globalization;

namespace DigitalResistance.IntegrationTests.Kills;

/// <summary>What was going on when something was killed, so that a harness that only ever hits idle processes is found out.</summary>
internal sealed class KillTally
{
    private readonly Dictionary<KilledAt, int> _kills = [];
    private readonly Dictionary<string, int> _acts = [];

    /// <summary>All kills.</summary>
    public int Kills => _kills.Values.Sum();

    /// <summary>Kills of a process that was coming up again after one.</summary>
    public int InRecovery => _kills.GetValueOrDefault(KilledAt.Recovery);

    /// <summary>Kills that hit nothing.</summary>
    public int Idle => _kills.GetValueOrDefault(KilledAt.Rest);

    /// <summary>Requests that were sent once more after a kill, exactly as they were.</summary>
    public int SentAgain { get; set; }

    /// <summary>Rounds that were paid, closed and judged.</summary>
    public int Rounds { get; set; }

    public void Add(KilledAt at, string act)
    {
        _kills[at] = _kills.GetValueOrDefault(at) + 1;
        _acts[act] = _acts.GetValueOrDefault(act) + 1;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Kills} kills in {Rounds} judged rounds: {string.Join(", ", _kills.OrderBy(k => k.Key).Select(k => $"{k.Value} {Name(k.Key)}"))}; {SentAgain} forms sent once more; during: {string.Join(", ", _acts.OrderByDescending(a => a.Value).Select(a => $"{a.Key} {a.Value}"))}");

    private static string Name(KilledAt at) => at switch
    {
        KilledAt.Unsaved => "in a request that had changed nothing yet",
        KilledAt.Saved => "in a request after its change and before its answer",
        KilledAt.Passes => "while passes had work",
        KilledAt.Recovery => "while starting again",
        _ => "at rest",
    };
}

/// <summary>Where a kill hit.</summary>
internal enum KilledAt
{
    /// <summary>A request was under way and the database shows nothing of it.</summary>
    Unsaved,

    /// <summary>A request was under way, and its change is in the database.</summary>
    Saved,

    /// <summary>No request was under way, but blocks, payments or ledger entries waited for a pass.</summary>
    Passes,

    /// <summary>The process had not yet answered since the kill before.</summary>
    Recovery,

    /// <summary>Nobody wanted anything.</summary>
    Rest,
}
