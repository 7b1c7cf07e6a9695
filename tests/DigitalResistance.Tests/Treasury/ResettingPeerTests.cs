using System.Net;
using System.Net.Sockets;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using DigitalResistance.Verify;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Treasury;

/// <summary>
/// A node, an explorer or a web server that resets every connection as soon as it is made, as a process does that is killed at that
/// moment. Out of a hundred such resets HttpClient tells about one as a bare SocketException.
/// </summary>
public sealed class ResettingPeerTests : IDisposable
{
    private const int Connections = 1200;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _origin;

    public ResettingPeerTests()
    {
        _listener.Start(Connections);
        _origin = new Uri($"http://{_listener.LocalEndpoint}/");
        // A thread of its own: what counts is how soon the reset comes.
        new Thread(Reset) { IsBackground = true }.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData("core", "Bitcoin:NodeUrl")]
    [InlineData("esplora", "Bitcoin:EsploraUrl")]
    public async Task A_chain_that_resets_every_connection_is_one_that_does_not_answer(string backend, string setting)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bitcoin:Network"] = "regtest", ["Bitcoin:Backend"] = backend, [setting] = $"{_origin}", ["Bitcoin:NodeUser"] = "user", ["Bitcoin:NodePassword"] = "word",
        }).Build();
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddPlatform(work: false).AddTreasury(configuration).BuildServiceProvider();
        var chain = services.GetRequiredService<IChain>();
        for (var i = 0; i < Connections; i++) await Assert.ThrowsAsync<ChainUnavailableException>(() => chain.GetTipAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_verifier_says_that_a_server_which_resets_every_connection_cannot_be_reached()
    {
        async Task AskAsync()
        {
            using var asking = new Asking(_origin);
            var silence = await Assert.ThrowsAsync<AskedException>(() => asking.GetAsync("checkpoint", 1000, TestContext.Current.CancellationToken));
            Assert.Contains("cannot be reached", silence.Message, StringComparison.Ordinal);
        }

        // Each asks three times, with rests; one after another they begin, since a reset must come at once to be told in that way.
        var asking = new List<Task>();
        for (var i = 0; i < Connections / 3; i++)
        {
            asking.Add(AskAsync());
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await Task.WhenAll(asking);
    }

    private void Reset()
    {
        try
        {
            while (true)
            {
                using var socket = _listener.AcceptSocket();
                socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }
}
