using System.Collections.Concurrent;

namespace DigitalResistance.Web.Demo;

/// <summary>What happened so far: told on the console as it happens, and on the demo's page in the reader's language.</summary>
internal sealed class DemoStory
{
    /// <summary>So many lines are kept: more than a page shows.</summary>
    private const int Kept = 50;

    private readonly ConcurrentQueue<DemoLine> _lines = [];
    private volatile DemoScene _scene = new(Round: 0, DemoStep.Prepare, Until: null);

    /// <summary>Newest first.</summary>
    public IEnumerable<DemoLine> Lines => _lines.Reverse();

    /// <summary>Where the present round is.</summary>
    public DemoScene Scene
    {
        get => _scene;
        set => _scene = value;
    }

    /// <summary>Adds a line. The words are asked for again by each reader, in whose language they then are; here in the machine's.</summary>
    public void Tell(DateTimeOffset at, Func<string> words)
    {
        _lines.Enqueue(new DemoLine(at, words));
        if (_lines.Count > Kept) _lines.TryDequeue(out _);
        Whisper($"{at.ToLocalTime():HH:mm:ss}  {words()}");
    }

    /// <summary>Writes to the console only: what must not stand on a page.</summary>
    public static void Whisper(string text) => Console.Out.WriteLine(text);
}

/// <summary>One line of the story.</summary>
internal sealed record DemoLine(DateTimeOffset At, Func<string> Words);

/// <summary>Where the demo is.</summary>
/// <param name="Round">The present round; 0 before the first.</param>
/// <param name="Step">What is being done.</param>
/// <param name="Until">When measuring ends; null at every other step.</param>
internal sealed record DemoScene(int Round, DemoStep Step, DateTimeOffset? Until);

/// <summary>What is done in a round, in this order.</summary>
internal enum DemoStep
{
    /// <summary>People, treasury and proxies are got ready, or the next round is.</summary>
    Prepare,

    /// <summary>The prober measures.</summary>
    Measure,

    /// <summary>Scores are frozen and amounts computed.</summary>
    Freeze,

    /// <summary>Two admins approve.</summary>
    Approve,

    /// <summary>The transaction is built and announced.</summary>
    Build,

    /// <summary>Two key holders sign.</summary>
    Sign,

    /// <summary>It is sent, confirmed, and the round closed.</summary>
    Confirm,

    /// <summary>All is done.</summary>
    Closed,
}
