using System.Data.Common;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>The database goes away while the ledger is sent: whoever reads it must notice, and nobody gets a short file that looks whole.</summary>
public sealed class BrokenExportTests(BrokenExportTests.LongLedger app) : IClassFixture<BrokenExportTests.LongLedger>
{
    [Theory]
    [InlineData("/ledger.csv")]
    [InlineData("/ledger.json")]
    [InlineData("/ru/ledger.csv")]
    [InlineData("/ru/ledger.json")]
    public async Task An_export_that_stops_in_the_middle_breaks_the_connection(string path)
    {
        using var visitor = app.NewVisitor();
        using var answer = await visitor.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)answer.StatusCode);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var (chunk, read) = (new byte[64 * 1024], 0L);
        // The rest is more than the sockets hold, so that the reader of the rows is still at work.
        while (read < 256 * 1024) read += await body.ReadAsync(chunk);
        app.Interrupt();
        await Assert.ThrowsAnyAsync<HttpIOException>(async () =>
        {
            for (int more; (more = await body.ReadAsync(chunk)) > 0;) read += more;
        });
        Assert.InRange(read, 1, LongLedger.LeastBytes);
    }

    [Fact]
    public async Task A_feed_whose_rows_cannot_be_read_is_no_feed()
    {
        using var visitor = app.NewVisitor();
        app.InterruptNext = true;
        var answer = await visitor.GetAsync("/ledger.atom");
        Assert.Equal(500, answer.Status);
        Assert.DoesNotContain("<feed", answer.Html, StringComparison.Ordinal);
        Assert.Equal(200, (await visitor.GetAsync("/ledger.atom")).Status);
    }

    /// <summary>A site with so many lines that a reader can be overtaken.</summary>
    public sealed class LongLedger : WebApp, IAsyncLifetime
    {
        public const long LeastBytes = Lines * 40L;
        private const int Lines = 400_000;
        private readonly Interruption _interruption = new();

        /// <summary>The next query of lines breaks at once.</summary>
        public bool InterruptNext
        {
            set => _interruption.Next = value;
        }

        /// <summary>What the database is doing, it gives up.</summary>
        public void Interrupt() => _interruption.Now();

        public async ValueTask InitializeAsync() => await InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            await services.GetRequiredService<SealingPass>().RunAsync(default);
            var like = await db.Set<LedgerLine>().AsNoTracking().FirstAsync();
            var names = db.Model.FindEntityType(typeof(LedgerLine))!.GetProperties().Select(p => p.GetColumnName()).ToList();
            var copied = string.Join(", ", names.Select(n => n == "index" ? "n.i" : $"l.\"{n}\""));
            await db.Database.OpenConnectionAsync();
            await using var copy = db.Database.GetDbConnection().CreateCommand();
            copy.CommandText =
                $"WITH RECURSIVE n(i) AS (SELECT {like.Index} + 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Lines}) INSERT INTO ledger_lines ({string.Join(", ", names.Select(n => $"\"{n}\""))}) SELECT {copied} FROM ledger_lines l, n WHERE l.\"index\" = {like.Index}";
            await copy.ExecuteNonQueryAsync();
            return await db.Set<LedgerHead>().ExecuteUpdateAsync(set => set.SetProperty(h => h.Published, Lines));
        });

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.ConfigureDbContext<SqliteMoneyDb>(options => options.AddInterceptors(_interruption)));
        }

        ValueTask IAsyncDisposable.DisposeAsync() => base.DisposeAsync();
    }

    private sealed class Interruption : DbCommandInterceptor
    {
        private SqliteConnection? _reading;

        public bool Next { get; set; }

        public void Now() => SQLitePCL.raw.sqlite3_interrupt(_reading!.Handle);

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (!command.CommandText.Contains("FROM \"ledger_lines\"", StringComparison.Ordinal)) return new(result);
            _reading = (SqliteConnection)command.Connection!;
            if (!Next) return new(result);
            Next = false;
            throw new SqliteException("interrupted", SQLitePCL.raw.SQLITE_INTERRUPT);
        }
    }
}
