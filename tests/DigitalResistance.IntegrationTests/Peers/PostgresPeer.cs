using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresPeer))]

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// A PostgreSQL of this test run alone: a temporary cluster on a free loopback port, started when the first test asks for a
/// database, and removed with the run. It never flushes to disk, because nothing in it is to survive; one that is killed and must remember does.
/// </summary>
public sealed class PostgresPeer : IAsyncDisposable
{
    private static readonly SemaphoreSlim Starting = new(1, 1);
    private static PostgresPeer? s_shared;
    // Settings for a server whose data is thrown away: what is not written out is lost with the process.
    private static readonly string[] Forgetful = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];
    private readonly string _folder = "";
    private readonly int _port;
    private readonly bool _durable;
    private PeerProcess? _process;

    /// <summary>For xunit: the assembly fixture whose end is the end of the shared cluster.</summary>
    public PostgresPeer()
    {
    }

    private PostgresPeer(string folder, PeerProcess process, int port, bool durable) => (_folder, _process, _port, _durable) = (folder, process, port, durable);

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        var cluster = await SharedAsync();
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(cluster.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return cluster.ConnectionString(name);
    }

    /// <summary>A cluster of its own, for a test that kills and starts the server itself: it remembers what it said was done.</summary>
    public static Task<PostgresPeer> StartAsync() => StartAsync(durable: true);

    /// <summary>Kills the server, as a power cut would.</summary>
    public async Task InterruptAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>Starts it again on the same data at the same address.</summary>
    public async Task ResumeAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _process = await ServeAsync(Binaries(), _folder, _port, _durable);
                return;
            }
            catch (InvalidOperationException exception) when (attempt < 80 && (exception.Message.Contains("pre-existing shared memory block", StringComparison.Ordinal) || exception.Message.Contains("postmaster.pid", StringComparison.Ordinal)))
            {
                // The last of the killed server's processes has not gone yet.
                await Task.Delay(250);
            }
        }
    }

    /// <summary>Every test has a database, and so a pool, of its own: what it no longer uses is soon given back to the one server of them all.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1", Port = _port, Username = "postgres", Database = database, MaxPoolSize = 40, ConnectionIdleLifetime = 4, ConnectionPruningInterval = 2,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
        {
            var shared = Interlocked.Exchange(ref s_shared, null);
            if (shared is not null) await shared.DisposeAsync();
            return;
        }

        NpgsqlConnection.ClearAllPools();
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<PostgresPeer> StartAsync(bool durable)
    {
        var bin = Binaries();
        var folder = Directory.CreateTempSubdirectory("dr-postgres-").FullName;
        if (RunsAsRoot) await PeerProcess.RunAsync(Needs.Program("chown"), ["postgres:", folder]);
        await PeerProcess.RunAsync(AsServer(Path.Combine(bin, "initdb"), out var initdb),
            [.. initdb, "-D", $"{folder}/data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        var port = PeerProcess.FreePort();
        return new PostgresPeer(folder, await ServeAsync(bin, folder, port, durable), port, durable);
    }

    private static async Task<PostgresPeer> SharedAsync()
    {
        await Starting.WaitAsync();
        try
        {
            return s_shared ??= await StartAsync(durable: false);
        }
        finally
        {
            Starting.Release();
        }
    }

    private static async Task<PeerProcess> ServeAsync(string bin, string folder, int port, bool durable)
    {
        var process = PeerProcess.Start(AsServer(Path.Combine(bin, "postgres"), out var arguments),
            [
                .. arguments, "-D", $"{folder}/data", "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "max_connections=600", "-c", "shared_buffers=64MB", .. durable ? [] : Forgetful,
            ]);
        try
        {
            await process.WaitForTextAsync("database system is ready to accept connections");
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static string Binaries()
    {
        const string installed = "/usr/lib/postgresql";
        var versions = Directory.Exists(installed) ? Directory.GetDirectories(installed) : [];
        return versions.Select(v => Path.Combine(v, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb")))
            .OrderByDescending(b => b, StringComparer.Ordinal).FirstOrDefault() ?? throw Needs.Missing("PostgreSQL is not installed (Debian: postgresql)");
    }

    private static bool RunsAsRoot => Environment.UserName == "root";

    /// <summary>PostgreSQL refuses to run as root; its own user then runs it.</summary>
    private static string AsServer(string program, out string[] arguments)
    {
        arguments = RunsAsRoot ? ["--reuid=postgres", "--regid=postgres", "--clear-groups", program] : [];
        return RunsAsRoot ? Needs.Program("setpriv") : program;
    }
}
