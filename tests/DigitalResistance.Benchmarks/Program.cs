using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using DigitalResistance.Benchmarks.Ledger;
using DigitalResistance.Benchmarks.Payouts;
using DigitalResistance.Benchmarks.Prober;
using DigitalResistance.Benchmarks.Web;

namespace DigitalResistance.Benchmarks;

internal static class Benchmarks
{
    /// <summary><c>prober</c> and <c>prober-tls</c> run the end-to-end comparisons of probers, <c>first-page</c> starts the program, <c>ledger</c> fills, verifies and serves a log, <c>payouts</c> builds a large round; anything else goes to BenchmarkDotNet.</summary>
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["prober-tls", .. var rest]:
                return await TlsComparison.RunAsync(rest);
            case ["prober", .. var rest]:
                return await ProberComparison.RunAsync(rest);
            case ["first-page", .. var rest]:
                return await FirstPage.RunAsync(rest);
            case ["ledger", .. var rest]:
                return await LedgerBenchmark.RunAsync(rest);
            case ["payouts", .. var rest]:
                return await PayoutScale.RunAsync(rest);
            case ["payouts-prepare", .. var rest]:
                return await PayoutScale.PrepareAsync(rest);
            case ["canary", var master]:
                return await CanaryProcess.RunAsync(Convert.FromHexString(master));
            case ["origin"]:
                return await OriginProcess.RunAsync();
            default:
                // The median is what docs/performance.md has: one slow run of a shared machine does not move it.
                BenchmarkSwitcher.FromAssembly(typeof(Benchmarks).Assembly).Run(args, DefaultConfig.Instance.AddColumn(StatisticColumn.Median));
                return 0;
        }
    }
}
