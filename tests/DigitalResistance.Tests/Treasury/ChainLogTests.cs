using System.Collections.Concurrent;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DigitalResistance.Tests.Treasury;

/// <summary>Whoever reads the log learns nothing about which node or explorer is asked, nor for what.</summary>
public sealed class ChainLogTests
{
    [Theory]
    [InlineData("core", "Bitcoin:NodeUrl")]
    [InlineData("esplora", "Bitcoin:EsploraUrl")]
    public async Task No_url_of_a_node_or_an_explorer_is_logged(string backend, string setting)
    {
        using var log = new Log();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bitcoin:Network"] = "regtest", ["Bitcoin:Backend"] = backend, [setting] = "http://127.0.0.1:1/", ["Bitcoin:NodeUser"] = "user", ["Bitcoin:NodePassword"] = "a password of ours",
        }).Build();
        await using var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log))
            .AddSingleton(TimeProvider.System).AddPlatform(work: false).AddTreasury(configuration).BuildServiceProvider();
        await Assert.ThrowsAsync<ChainUnavailableException>(() => services.GetRequiredService<IChain>().GetTipAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain(log.Lines, line => line.Contains("127.0.0.1", StringComparison.Ordinal));
    }

    private sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            Lines.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
