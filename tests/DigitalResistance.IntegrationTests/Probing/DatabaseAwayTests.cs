using System.Net;
using System.Net.Sockets;
using DigitalResistance.Data;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Testing;
using Npgsql;

namespace DigitalResistance.IntegrationTests.Probing;

/// <summary>The wire to PostgreSQL is cut while servers are probed, also in the middle of a commit.</summary>
public sealed class DatabaseAwayTests
{
    private static readonly Policy Short = Policy.Standard with { SlotSeconds = 20, WindowSeconds = 100, CanarySharePpm = 1_000_000 };

    [Fact]
    public async Task Nothing_is_lost_and_nothing_doubled_when_the_database_goes_away_and_comes_back()
    {
        var direct = new NpgsqlConnectionStringBuilder(await PostgresPeer.CreateDatabaseAsync());
        using var wire = new Wire(direct.Port);
        var through = new NpgsqlConnectionStringBuilder(direct.ConnectionString) { Port = wire.Port, Timeout = 2, CommandTimeout = 5, SslMode = SslMode.Disable };
        await using var registry = await Registry.StartAsync(Short, ("Database:ConnectionString", through.ConnectionString));
        await registry.RunAsync<SchedulePass>();
        var ids = new List<Guid>();
        for (var i = 0; i < 4; i++) ids.Add(await registry.ListAsync(Registry.Alice, registry.StartProxy()));

        var failures = 0;
        for (var second = 0; second < 300; second++)
        {
            // Away for half a minute three times; each time the cut falls into a running pass.
            var pass = second % 2 == 0 ? TurnAsync() : Task.CompletedTask;
            if (second % 80 == 60) wire.Cut();
            await pass;
            if (second % 80 == 10) wire.Restore();
            await Registry.StepAsync(TimeSpan.FromSeconds(1), registry);
        }

        wire.Restore();
        for (var i = 0; i < 3; i++) await TurnAsync();
        await Registry.SettleAsync(registry);
        Assert.True(failures > 10, $"only {failures} turns met the cut");

        var slots = await registry.DoAsync((SlotHistory history) => history.ReadAsync(ids, Registry.Start, registry.Time.GetUtcNow(), CancellationToken.None));
        foreach (var id in ids)
        {
            var times = slots[id].Select(s => s.At).Order().ToList();
            Assert.True(times.Count >= 12);
            Assert.Equal(TimeSpan.FromSeconds(20 * (times.Count - 1)), times[^1] - times[0]);
            Assert.All(slots[id], s => Assert.Equal(SlotState.Ok, s.Record.State));
        }

        var stored = await registry.DoAsync(async (ProbesDb db) =>
        {
            var count = 0;
            await foreach (var _ in RawResults.Of(db).ReadAsync(new DateOnly(2026, 3, 4), null, CancellationToken.None)) count++;
            return count;
        });
        Assert.Equal(ids.Sum(id => slots[id].Count()), stored);

        async Task TurnAsync()
        {
            try
            {
                await registry.RunAsync<ProbingPass>();
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or ObjectDisposedException or TimeoutException)
            {
                failures++; // the scheduler would log it and come again
            }
        }
    }

    /// <summary>A line between a program and its database that can be cut.</summary>
    private sealed class Wire : IDisposable
    {
        private readonly int _target;
        private readonly List<TcpClient> _open = [];
        private readonly Lock _lock = new();
        private TcpListener? _listener;

        public Wire(int target)
        {
            _target = target;
            Restore();
        }

        public int Port { get; private set; }

        public void Cut()
        {
            lock (_lock)
            {
                _listener?.Stop();
                _listener = null;
                foreach (var client in _open) client.Client?.Close(0); // null once its copying has ended
                _open.Clear();
            }
        }

        public void Restore()
        {
            lock (_lock)
            {
                if (_listener is not null) return;
                _listener = new TcpListener(IPAddress.Loopback, Port);
                _listener.Start();
                Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
                _ = AcceptAsync(_listener);
            }
        }

        public void Dispose() => Cut();

        private async Task AcceptAsync(TcpListener listener)
        {
            try
            {
                while (true)
                {
                    var client = await listener.AcceptTcpClientAsync();
                    var server = new TcpClient();
                    lock (_lock) _open.AddRange([client, server]);
                    await server.ConnectAsync(IPAddress.Loopback, _target);
                    _ = Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client)).ContinueWith(_ =>
                    {
                        client.Close();
                        server.Close();
                    }, TaskScheduler.Default);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
            }
        }

        private static async Task CopyAsync(TcpClient from, TcpClient to)
        {
            try
            {
                await from.GetStream().CopyToAsync(to.GetStream());
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException or InvalidOperationException)
            {
            }
        }
    }
}
