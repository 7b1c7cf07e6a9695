using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using DigitalResistance.Platform;
using DigitalResistance.Web.Demo.Proxies;
using NBitcoin;

namespace DigitalResistance.Web.Demo;

/// <summary>What the demo's people hold in their hands: passwords, authenticators, proxies, the treasury's keys. The product never sees it.</summary>
internal sealed class DemoWorld(DirectoryInfo folder, bool waitsForBrowser) : IAsyncDisposable
{
    /// <summary>Two of three sign.</summary>
    public const int SignersNeeded = 2;

    private static readonly KeyPath Account = KeyPath.Parse("48'/1'/0'/2'");
    private readonly Channel<Sats> _gifts = Channel.CreateBounded<Sats>(10);
    private volatile Pause? _pause;

    /// <summary>Everything of this demo, deleted with it.</summary>
    public DirectoryInfo Folder => folder;

    /// <summary>Whether the story stops at approval and at signing until somebody has done it in the browser (<c>--step</c>).</summary>
    public bool WaitsForBrowser => waitsForBrowser;

    /// <summary>Where the story waits for the browser now; null where it does not.</summary>
    public DemoStep? WaitsAt => _pause?.Step;

    public DemoStory Story { get; } = new();

    public ConcurrentBag<DemoPerson> People { get; } = [];

    public ConcurrentBag<DemoServer> Servers { get; } = [];

    /// <summary>The key holders of the treasury.</summary>
    public IReadOnlyList<ToySigner> Signers { get; } = [.. Enumerable.Range(0, 3).Select(_ => ToySigner.FromSeed(RandomNumberGenerator.GetBytes(32)))];

    /// <summary>What the treasurer pastes: the public halves only.</summary>
    public string Descriptor =>
        $"wsh(sortedmulti({SignersNeeded},{string.Join(',', Signers.Select(s => s.KeyExpression(Account, Network.RegTest) + "/<0;1>/*"))}))";

    /// <summary>What somebody wants to give, in order.</summary>
    public ChannelReader<Sats> Gifts => _gifts.Reader;

    /// <summary>Somebody pressed "send a donation"; false where too many wait already.</summary>
    public bool Give(Sats amount) => _gifts.Writer.TryWrite(amount);

    /// <summary>Somebody pressed "go on without me".</summary>
    public void GoOn(DemoStep step)
    {
        if (_pause is { } pause && pause.Step == step) pause.IsLeft = true;
    }

    /// <summary>Waits until the browser has done it, or leaves it to the demo: true in the latter case, and at once where nobody wants to do it by hand.</summary>
    public async Task<bool> IsLeftToDemoAsync(DemoStep step, Func<Task<bool>> isDone, CancellationToken cancellation)
    {
        if (!waitsForBrowser) return true;
        var pause = _pause = new Pause(step);
        try
        {
            while (!await isDone())
            {
                if (pause.IsLeft) return true;
                await Task.Delay(200, cancellation);
            }

            return false;
        }
        finally
        {
            _pause = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers) await server.Proxy.DisposeAsync();
        // The last passes may still be closing their files.
        for (var attempt = 0; folder.Exists && attempt < 20; attempt++)
        {
            try
            {
                folder.Delete(recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }

            folder.Refresh();
        }
    }

    private sealed class Pause(DemoStep step)
    {
        private volatile bool _isLeft;

        public DemoStep Step => step;

        public bool IsLeft
        {
            get => _isLeft;
            set => _isLeft = value;
        }
    }
}

/// <summary>Somebody in the story.</summary>
/// <param name="Role">Key of the role's name.</param>
/// <param name="Number">1, 2, 3 within the role.</param>
/// <param name="Id">Row id.</param>
/// <param name="AccountId">What is typed to sign in.</param>
/// <param name="Password">What else is typed.</param>
/// <param name="TotpSecret">What their authenticator holds; null where they have none.</param>
internal sealed record DemoPerson(DemoRole Role, int Number, Guid Id, string AccountId, string Password, byte[]? TotpSecret)
{
    /// <summary>Nothing of it.</summary>
    public override string ToString() => $"{Role} {Number}";
}

/// <summary>The parts in the story.</summary>
internal enum DemoRole
{
    Admin,
    Treasurer,
    Operator,
}

/// <summary>A proxy and whose it is.</summary>
internal sealed record DemoServer(Guid Id, DemoPerson Owner, DemoProxy Proxy);
