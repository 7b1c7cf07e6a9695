using System.Net.Sockets;
using System.Text.RegularExpressions;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Testing;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// The product itself as a process of its own, the way an administrator runs it: <c>dotnet DigitalResistance.Web.dll</c> with settings from the
/// environment, a data folder and a free loopback port that stay the same when it is killed and started again.
/// </summary>
internal sealed partial class WebPeer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dr-web-").FullName;
    private readonly Dictionary<string, string> _settings;
    private readonly string[] _arguments;
    private readonly int _port = PeerProcess.FreePort();
    private readonly List<string> _consoles = [];
    private PeerProcess? _process;

    private WebPeer(IReadOnlyDictionary<string, string> settings, string[] arguments)
    {
        _arguments = arguments;
        _settings = new Dictionary<string, string>(settings)
        {
            ["ASPNETCORE_URLS"] = Origin,
            // The console speaks the language of the machine.
            ["LANG"] = "en_US.UTF-8",
            ["Database__Folder"] = DataFolder,
        };
        _settings.TryAdd("Site__PublicOrigin", Origin);
        _settings.TryAdd("Instance__File", Needs.Beside("docs/operations/instance.example.json"));
        // A demo that is killed leaves its folder: it goes with ours.
        _settings.TryAdd("TMPDIR", _folder);
    }

    /// <summary>What 'dotnet' runs.</summary>
    public static string Assembly =>
        Needs.Beside($"src/DigitalResistance.Web/bin/{new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name}/net10.0/DigitalResistance.Web.dll");

    public string Origin => $"http://localhost:{_port}";

    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Everything that it wrote to the console in all its lives.</summary>
    public string Console => string.Concat(_consoles) + _process?.Output;

    /// <summary>The last exception that it logged, or the end of what it wrote.</summary>
    public string LastFault => Console.Split('\n').LastOrDefault(line => line.Contains("\"@x\":", StringComparison.Ordinal)) ?? Console[^Math.Min(2_000, Console.Length)..];

    /// <summary>The one-time link with which the very first admin is made, as the console shows it.</summary>
    public string SetupLink => SetupLinkPattern().Match(Console) is { Success: true } link
        ? link.Value
        : throw new InvalidOperationException($"The console shows no set-up link: {Console}");

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<WebPeer> StartAsync(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var peer = new WebPeer(settings, arguments);
        await peer.ResumeAsync();
        return peer;
    }

    /// <summary>What the job that makes backups does when it has made one.</summary>
    public void BackUp() => File.WriteAllText(Path.Combine(DataFolder, "last-backup"), "");

    /// <summary>
    /// Leaves in its database what the button of the set-up page leaves, for stories that begin after it: theirs are about payments, and nobody rehearses in them.
    /// </summary>
    public async Task OpenSiteAsync(string? connection)
    {
        await using MoneyDb db = connection is null
            ? new SqliteMoneyDb(new DbContextOptionsBuilder<SqliteMoneyDb>().UseSqlite($"Data Source={Path.Combine(DataFolder, "money.db")};Pooling=False;Default Timeout=30").UseSnakeCaseNamingConvention().Options)
            : new PostgresMoneyDb(new DbContextOptionsBuilder<PostgresMoneyDb>().UseNpgsql(connection).UseSnakeCaseNamingConvention().Options);
        await db.Set<SiteState>().ExecuteUpdateAsync(set => set.SetProperty(s => s.OpenedAt, DateTimeOffset.UnixEpoch));
    }

    /// <summary>Kills it with its work half done.</summary>
    public async Task InterruptAsync()
    {
        if (_process is null) return;
        await _process.KillAsync();
        _consoles.Add(_process.Output);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Ends it by Ctrl+C and waits until it has; returns its exit status.</summary>
    public Task<int> EndAsync() => _process!.InterruptAsync();

    /// <summary>Types a line at its console.</summary>
    public Task TypeAsync(string line) => _process!.TypeAsync(line);

    /// <summary>Starts it again on the same data, at the same address, and waits until it answers.</summary>
    public async Task ResumeAsync()
    {
        Launch();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await _process!.WaitAsync(() => AnswersAsync(http), "an answer of /health/live", seconds: 60);
    }

    /// <summary>Starts it again and waits for nothing.</summary>
    public void Launch() =>
        _process = PeerProcess.Start(Needs.Program("dotnet"), [Assembly, .. _arguments], Needs.Beside("src/DigitalResistance.Web"), _settings);

    /// <summary>Waits until the console says it.</summary>
    public Task WaitForConsoleAsync(string text, int seconds) => _process!.WaitForTextAsync(text, seconds);

    public async ValueTask DisposeAsync()
    {
        await InterruptAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync($"{Origin}/health/live");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or TaskCanceledException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"https?://[^\s""]+/account/new/[^\s""]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SetupLinkPattern();
}
