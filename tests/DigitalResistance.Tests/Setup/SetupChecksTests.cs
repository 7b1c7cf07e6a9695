using System.Globalization;
using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Probing;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Tests.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Setup;

/// <summary>
/// An installation from its first minute until nothing is missing: each check is red until the very thing is done that its sentence asks for,
/// in both languages, and the site opens when the last one is green.
/// </summary>
public sealed class SetupChecksTests
{
    [Fact]
    public async Task Each_item_is_red_until_what_its_sentence_asks_for_is_done_and_then_an_admin_opens_the_site()
    {
        await using var app = new FirstDayApp();
        var first = await app.StaffAsync(Roles.Admin);
        await app.IsRedAsync("Backup", "touch the file last-backup", "обновляет файл last-backup");
        File.WriteAllText(Path.Combine(app.DataFolder, "last-backup"), "");
        await app.IsGreenAsync("Backup");

        await app.IsRedAsync("Ledger key", "There is no log yet", "Журнала ещё нет");
        await app.SealAsync();
        await app.IsGreenAsync("Ledger key");

        await app.IsRedAsync("Approvals", "needs 2 admins with a second factor; of 1 admins 1 have one", "нужно администраторов со вторым фактором: 2; сейчас из 1 он есть у 1");
        var second = await app.StaffAsync(Roles.Admin);
        await app.IsRedAsync("Approvals", "approvals by signature: 1; keys enrolled under /admin/keys: 0", "Раунду нужно утверждений подписью: 1");
        await app.InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            db.Add(new AdminKey { AccountId = second.Id, PublicKey = "ssh-ed25519 AAAA", Fingerprint = "SHA256:x", AddedAt = app.Time.GetUtcNow() });
            return await db.SaveChangesAsync();
        });
        await app.IsGreenAsync("Approvals");
        await app.IsRedAsync("People", "no treasurer", "");
        var treasurer = await app.StaffAsync(Roles.Treasurer);
        await app.IsGreenAsync("People");

        await app.IsRedAsync("Treasury", "", "");
        Assert.IsType<AdoptionResult.Adopted>(await app.AdoptAsync());
        await app.IsGreenAsync("Treasury");
        await app.IsRedAsync("Rehearsal", "has not been rehearsed", "");
        await app.RehearseAsync(treasurer.Id);
        await app.IsGreenAsync("Rehearsal");

        await app.IsRedAsync("Vantages", "Nobody has committed to today", "На сегодня нет обязательства");
        await app.InScopeAsync(services => services.GetRequiredService<SchedulePass>().RunAsync(default));
        // The secret of the canary is made by whoever asks the passes to run.
        await app.IsGreenAsync("Vantages");

        await using var canary = ActivatorUtilities.CreateInstance<CanaryHost>(app.Services);
        await canary.StartAsync(default);
        await app.IsGreenAsync("Canary");
        await app.IsGreenAsync("Bitcoin");
        await app.IsGreenAsync("Instance file");

        // Twenty at once open it once.
        var page = await first.Browser.OpenAsync("/ru/admin/setup");
        Assert.Contains("Всё на месте", page.Text, StringComparison.Ordinal);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.InScopeAsync(services => services.GetRequiredService<SiteOpening>().OpenAsync(default))));
        Assert.All(answers, a => Assert.IsType<SiteOpening.Result.Opened>(a));
        var at = await app.InScopeAsync(services => services.GetRequiredService<DigitalResistance.Accounts.Site>().OpenedAtAsync(default));
        Assert.NotNull(at);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("Сайт открыт.", (await first.Browser.SubmitAsync(page, "Открыть сайт")).Text, StringComparison.Ordinal);
        Assert.Equal(at, await app.InScopeAsync(services => services.GetRequiredService<DigitalResistance.Accounts.Site>().OpenedAtAsync(default)));

        // What turns red later warns admins, and closes nothing.
        File.SetLastWriteTimeUtc(Path.Combine(app.DataFolder, "last-backup"), app.Time.GetUtcNow().UtcDateTime.AddDays(-3));
        await app.IsRedAsync("Backup", "older than two days", "больше двух дней");
        page = await first.Browser.OpenAsync("/en/admin/setup");
        Assert.Contains("The site stays open", page.Text, StringComparison.Ordinal);
        Assert.Contains("Something is missing.", (await first.Browser.OpenAsync("/en/admin")).Text, StringComparison.Ordinal);
        Assert.Equal(at, await app.InScopeAsync(services => services.GetRequiredService<DigitalResistance.Accounts.Site>().OpenedAtAsync(default)));
    }

    [Fact]
    public async Task The_button_is_refused_while_anything_is_red()
    {
        await using var app = new FirstDayApp();
        var admin = await app.StaffAsync(Roles.Admin);
        var page = await admin.Browser.OpenAsync("/en/admin/setup");
        Assert.Contains("The site is closed", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("handler=Open", page.Html, StringComparison.Ordinal);
        // Whoever makes the button: the form of another page of the same session, sent there.
        var form = await admin.Browser.OpenAsync("/en/admin/people");
        var forged = form with { Html = form.Html.Replace("/en/admin/people", "/en/admin/setup", StringComparison.Ordinal).Replace("handler=Invite", "handler=Open", StringComparison.Ordinal) };
        using var request = Visitor.Request(forged, "name=\"Role\"");
        request.RequestUri = new Uri("/en/admin/setup?handler=Open", UriKind.Relative);
        var answer = await Page.ReadAsync("/en/admin/setup", await admin.Browser.Http.SendAsync(request));
        Assert.Equal(409, answer.Status);
        Assert.Contains("The site is closed", answer.Text, StringComparison.Ordinal);
        Assert.Null(await app.InScopeAsync(services => services.GetRequiredService<DigitalResistance.Accounts.Site>().OpenedAtAsync(default)));
    }

    [Fact]
    public async Task The_page_is_for_admins_once_there_is_one()
    {
        await using var app = new FirstDayApp();
        using var visitor = app.NewVisitor();
        Assert.Contains("Backup", (await visitor.OpenAsync("/en/setup")).Text, StringComparison.Ordinal);
        var form = await visitor.OpenAsync("/account/new/" + await AccountServices.FirstAdminCodeAsync(app.Services));
        await visitor.SendAsync(form, "Input.Password", ("Input.Password", "the first lamp in the tower"), ("Input.Again", "the first lamp in the tower"));
        using var stranger = app.NewVisitor();
        Assert.Equal("/en", (await stranger.GetAsync("/en/setup")).Location);
        Assert.StartsWith("/account/sign-in", (await stranger.GetAsync("/en/admin/setup")).Location?.Replace("/en", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("/en/admin/setup", (await visitor.GetAsync("/en/setup")).Location);
    }

    [Theory]
    [InlineData("Bitcoin", "No backend", "Нет источника", "Bitcoin:Backend", "none")]
    [InlineData("Bitcoin", "(core) does not answer", "Источник (core) не отвечает", "Bitcoin:Backend", "core", "Bitcoin:NodeUrl", "http://127.0.0.1:1")]
    [InlineData("Canary", "There is none", "Её нет", "Canary:Listen", "")]
    [InlineData("Canary", "Number 1 of 1 does not answer", "Номер 1 из 1 не отвечает", "Canary:Addresses:0", "127.0.0.1:40999")]
    [InlineData("Public address", "but the money is real", "а деньги настоящие", "Bitcoin:Network", "main", "Bitcoin:Backend", "none")]
    public async Task A_setting_that_is_wrong_is_a_red_item_with_what_to_do(string title, string english, string russian, params string[] settings)
    {
        await using var app = new FirstDayApp([.. settings.Chunk(2).Select(s => (s[0], s[1]))]);
        await app.InScopeAsync(services => services.GetRequiredService<SchedulePass>().RunAsync(default));
        await app.IsRedAsync(title, english, russian);
    }

    [Fact]
    public async Task A_check_that_breaks_is_one_red_item_and_hides_no_other()
    {
        await using var app = new FirstDayApp();
        await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Database.ExecuteSqlRawAsync("ALTER TABLE admin_keys RENAME TO admin_keys_away; ALTER TABLE schedule_days RENAME TO schedule_days_away"));
        var report = await app.LookAsync(Language.English);
        Assert.Contains(report.Findings, f => f.Text.Contains("VantageCheck could not be made", StringComparison.Ordinal));
        Assert.Contains(report.Findings, f => f.Title == "Bitcoin" && f.State == SetupState.Ready);
    }

    [Fact]
    public async Task The_ledgers_key_is_looked_at_where_it_lies()
    {
        await using var app = new FirstDayApp();
        await app.SealAsync();
        await app.IsGreenAsync("Ledger key");
        var key = Path.Combine(app.DataFolder, "keys", LedgerKeys.Current);
        var right = File.ReadAllText(key);
        File.WriteAllText(key, new string('a', 64));
        await app.IsRedAsync("Ledger key", "belongs to another log", "от другого журнала");
        File.WriteAllText(key, "nothing");
        await app.IsRedAsync("Ledger key", "cannot be used", "негоден");
        File.Delete(key);
        await app.IsRedAsync("Ledger key", "its key file is missing", "файла его ключа нет");
        if (OperatingSystem.IsWindows()) return;
        File.WriteAllText(key, right);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await app.IsRedAsync("Ledger key", "others may read it", "его могут читать другие");
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        await app.IsGreenAsync("Ledger key");
        app.Time.Advance(TimeSpan.FromMinutes(11));
        await app.IsRedAsync("Ledger key", "Nobody has signed for ten minutes", "Десять минут никто не подписывает");
    }

    [Fact]
    public async Task Doctor_says_the_same_on_the_console_in_the_language_asked_for_and_changes_nothing()
    {
        await using var app = new FirstDayApp();
        await app.SealAsync();
        var before = Fingerprint(app.DataFolder);
        foreach (var (language, said) in new[] { ("en", "Missing"), ("ru", "Не хватает") })
        {
            string[] arguments = ["doctor", "--language", language];
            var request = Doctor.TakeFrom(ref arguments);
            var (code, text) = await PrintedAsync(() => Doctor.RunAsync(request!, app.Services));
            Assert.Equal(1, code);
            foreach (var finding in (await app.LookAsync(Language.All.Single(l => l.Code == language))).Findings) Assert.Contains($"{finding.Title}: {finding.Text}", text, StringComparison.Ordinal);
            Assert.Contains(said, text, StringComparison.Ordinal);
        }

        Assert.Equal(before, Fingerprint(app.DataFolder));
        string[] wrong = ["doctor", "--language", "de"];
        Assert.Equal(1, (await PrintedAsync(() => Doctor.RunAsync(Doctor.TakeFrom(ref wrong)!, app.Services))).Code);
        string[] other = ["demo"];
        Assert.Null(Doctor.TakeFrom(ref other));
        Assert.Equal(["demo"], other);
    }

    private static async Task<(int Code, string Text)> PrintedAsync(Func<Task<int>> work)
    {
        var (console, error, text) = (Console.Out, Console.Error, new StringWriter());
        Console.SetOut(text);
        Console.SetError(text);
        try
        {
            return (await work(), text.ToString());
        }
        finally
        {
            Console.SetOut(console);
            Console.SetError(error);
        }
    }

    /// <summary>Every file, and of every database what it holds: its own files change with who happens to have it open.</summary>
    private static string Fingerprint(string folder) => string.Join('\n', Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Where(f => !f.EndsWith("-shm", StringComparison.Ordinal) && !f.EndsWith("-wal", StringComparison.Ordinal))
        .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(f.EndsWith(".db", StringComparison.Ordinal) ? Rows(f) : Read(f)))}"));

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] Rows(string database)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        var rows = new StringBuilder();
        foreach (var table in Ask("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").Select(r => (string)r[0]))
        {
            rows.AppendLine(table).AppendJoin('\n', Ask($"SELECT * FROM \"{table}\"").Select(Written).Order(StringComparer.Ordinal));
        }

        return Encoding.UTF8.GetBytes($"{rows}");

        List<object[]> Ask(string question)
        {
            using var command = new SqliteCommand(question, connection);
            using var reader = command.ExecuteReader();
            var found = new List<object[]>();
            while (reader.Read())
            {
                found.Add(new object[reader.FieldCount]);
                reader.GetValues(found[^1]);
            }

            return found;
        }

        static string Written(object[] row) => string.Join('\t', row.Select(value => value is byte[] bytes ? Convert.ToHexString(bytes) : string.Create(CultureInfo.InvariantCulture, $"{value}")));
    }

    /// <summary>An installation on its first day: nothing is done that a person has to do.</summary>
    private sealed class FirstDayApp(params (string Key, string Value)[] settings) : SandboxApp
    {
        protected override bool IsOpened => false;

        private readonly string _policy = Path.Combine(Path.GetTempPath(), $"dr-policy-{Guid.NewGuid():N}.json");

        public string DataFolder => Folder;

        protected override IEnumerable<(string Key, string Value)> Settings
        {
            get
            {
                File.WriteAllBytes(_policy, RoundsWorld.PolicyWith(approvalsNeeded: 2, maxSignedIn: 1).Bytes);
                (string Key, string Value)[] usual = [.. base.Settings, ("Scoring:PolicyFile", _policy), ("Dialing:AllowLoopback", "true"), ("Dialing:Deadline", "00:00:01"), ("Canary:Listen", "127.0.0.1:0"), ("Probing:TlsTargets", "none"), ("Probing:Telegram", "none")];
                return [.. usual.ExceptBy(settings.Select(s => s.Key), s => s.Key), .. settings];
            }
        }

        public async Task<(Guid Id, Visitor Browser)> StaffAsync(string role)
        {
            var (person, browser) = (await NewPersonAsync(role), NewVisitor());
            await browser.SignInAsync(person);
            await browser.SetUpAuthenticatorAsync(this, person);
            return (person.Id, browser);
        }

        /// <summary>A deposit goes back to the treasury, signed by two of its key holders.</summary>
        public async Task RehearseAsync(Guid treasurer)
        {
            var address = Assert.IsType<RehearsalResult.Given>(await InScopeAsync(services => services.GetRequiredService<Rehearsals>().GiveAddressAsync(default))).Address;
            var chain = Services.GetRequiredService<SandboxChain>();
            chain.Pay(NBitcoin.BitcoinAddress.Create(address, NBitcoin.Network.RegTest).ScriptPubKey, new Platform.Sats(60_000));
            chain.Mine(3);
            await TurnAsync();
            var move = Assert.IsType<RehearsalResult.Prepared>(await InScopeAsync(services => services.GetRequiredService<Rehearsals>().PrepareAsync(treasurer, default))).Move;
            await SealAsync();
            Assert.IsType<BuildResult.Built>(await InScopeAsync(services => services.GetRequiredService<MoveBuilding>().BuildAsync(move, 6, treasurer, default)));
            await SealAsync();
            var batch = await InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Batch>().Select(b => b.Id).SingleAsync());
            var psbt = Assert.IsType<ExportResult.Ready>(await InScopeAsync(services => services.GetRequiredService<BatchExport>().DownloadAsync(batch, default))).Psbt;
            foreach (var signer in new[] { 0, 1 }) await InScopeAsync(services => services.GetRequiredService<SignatureIntake>().TakeAsync(batch, PayoutWorld.Sign(psbt, signer), treasurer, default));
            await TurnAsync();
            chain.Mine(6);
            for (var turn = 0; turn < 3; turn++) await TurnAsync();
        }

        private async Task TurnAsync()
        {
            await InScopeAsync(services => services.GetRequiredService<ChainPass>().RunAsync(default));
            await InScopeAsync(services => services.GetRequiredService<PayoutPass>().RunAsync(default));
            await SealAsync();
        }

        public Task<SetupReport> LookAsync(Language language) => InScopeAsync(services =>
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = language.Culture;
            return services.GetRequiredService<SetupChecks>().LookAsync(default);
        });

        public async Task IsRedAsync(string title, string english, string russian)
        {
            var (first, second) = ((await LookAsync(Language.English)).Findings, (await LookAsync(Language.Russian)).Findings);
            var at = first.ToList().FindIndex(f => f.Title == title);
            Assert.True(at >= 0, title);
            Assert.Equal((SetupState.Missing, SetupState.Missing), (first[at].State, second[at].State));
            Assert.Contains(english, first[at].Text, StringComparison.Ordinal);
            Assert.Contains(russian, second[at].Text, StringComparison.Ordinal);
        }

        public async Task IsGreenAsync(string title)
        {
            var finding = Assert.Single((await LookAsync(Language.English)).Findings, f => f.Title == title);
            Assert.True(finding.State != SetupState.Missing, finding.Text);
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            File.Delete(_policy);
        }
    }
}
