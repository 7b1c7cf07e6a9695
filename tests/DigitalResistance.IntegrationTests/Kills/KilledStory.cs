using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Kills;

/// <summary>
/// Round after round as people live them at their browsers: donate, draft, announce, freeze, compute, approve, build, download, sign, replace, while blocks are mined and lost. Whoever does
/// not get an answer sends the form once more or looks at how things are, and goes on from there.
/// </summary>
internal sealed class KilledStory(KillWorld world, bool killsDatabase, Random random, KillTally tally)
{
    private const int LongestTale = 3_000, Patience = 60, Window = 6;

    private readonly Dictionary<string, double> _usual = [];
    private readonly HashSet<string> _lost = [];
    private readonly DateTimeOffset _began = DateTimeOffset.FromUnixTimeSeconds(((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / Window) + 1) * Window);
    private readonly RoundJudge _judge = new(world);
    private (Guid Batch, int Version, string Psbt)? _held;
    private Form? _unanswered;
    private int _stumbles;

    /// <summary>Goes on until something was killed so often, and then to the end of the round.</summary>
    public async Task TellAsync(int kills)
    {
        for (var step = 0; step < LongestTale; step++)
        {
            var at = await LookAsync();
            if (at.Round is { State: RoundState.Closed } closed && _judge.Judged < closed.Number && at.IsQuiet)
            {
                // A period in which nothing could be probed pays nobody; that says little.
                var paid = await _judge.JudgeAsync(closed.Number);
                if (paid) tally.Rounds++;
                if (paid && tally.Kills >= kills) return;
            }

            var act = Next(at);
            if (tally.Kills < kills && (act.IsRequest || !at.IsQuiet) && random.Next(4) == 0) await KillDuringAsync(act, at);
            else await DoAsync(act);
        }

        throw new InvalidOperationException($"Not at the end after {LongestTale} steps: {await LookAsync()}");
    }

    private Act Next(Standing at) => at switch
    {
        _ when _unanswered is { } form => new("send again", () => SendAgainAsync(form)),
        { Round: null or { State: RoundState.Closed } } when _judge.Needs => new("donate", DonateAsync),
        { Round: { State: RoundState.Closed } round } when _judge.Judged < round.Number => Wait,
        { Round: null or { State: RoundState.Closed } } => Draft(at.Round?.EndsAt ?? _began),
        { Round: { State: RoundState.Draft } round } => Press("announce", world.Admins[0].Browser, $"/en/admin/rounds/{round.Number}", "Announce the round"),
        { Round: { State: RoundState.Open } round } => Press("freeze", world.Admins[1].Browser, $"/en/admin/rounds/{round.Number}", "Make the scores final"),
        { Round: { State: RoundState.Frozen } round } => Press("compute", world.Admins[0].Browser, $"/en/admin/rounds/{round.Number}", "Compute the amounts"),
        { Round: { State: RoundState.Allocated } round } => Approve(round, world.Admins[Math.Min(at.Approvals, 1)]),
        { Round: { } round, Batch: null } => Press("build", world.Treasurer, $"/en/treasury/rounds/{round.Number}", "type=\"hidden\" name=\"Target\"", ("Target", "6")),
        { Batch: { } batch } => Pay(at, batch),
    };

    private Act Pay(Standing at, Batch batch)
    {
        var (page, held) = ($"/en/treasury/batches/{batch.Id}", _held is { } h && h.Batch == batch.Id && h.Version == at.Version ? h.Psbt : null);
        return batch.State switch
        {
            BatchState.Built => new("download", () => DownloadAsync(page, at)),
            BatchState.Exported or BatchState.PartlySigned when held is null => new("download", () => DownloadAsync(page, at)),
            BatchState.Exported => Press("first signature", world.Treasurer, page, "name=\"Pasted\"", ("Pasted", Sign(held!, 0))),
            BatchState.PartlySigned => Press("second signature", world.Treasurer, page, "name=\"Pasted\"", ("Pasted", Sign(held!, 2))),
            // The node knows no replacement by fee; a newer version is taken once it has forgotten the older one.
            BatchState.Signed when at.Version > 1 => new("forget", ForgetAsync, IsRequest: false),
            BatchState.Broadcast when at.Version == 1 && batch.RoundNumber % 3 == 1 => Press("replace", world.Treasurer, page + "/replace?target=2", "name=\"Seen\""),
            BatchState.Broadcast => new("mine", MineAsync, IsRequest: false),
            BatchState.Confirmed when batch.RoundNumber % 2 == 0 && _lost.Add(at.Txid!) => new("reorganize", ReorganizeAsync, IsRequest: false),
            BatchState.Confirmed => new("bury", async () => await world.Node.MineAsync(3), IsRequest: false),
            _ => Wait,
        };
    }

    private static Act Wait { get; } = new("wait", () => Task.Delay(700), IsRequest: false);

    private Act Draft(DateTimeOffset from)
    {
        var to = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / Window * Window);
        if (to <= from) return Wait;
        static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return Press("draft", world.Admins[0].Browser, "/en/admin/rounds/edit", "Input.Budget",
            ("Input.Starts", Moment(from)), ("Input.Ends", Moment(to)), ("Input.Budget", $"{RoundJudge.Gift / 2}"), ("Input.CapPercent", "60"), ("Input.Floor", "10000"), ("Input.Step", "1000"),
            ("Input.MaxFee", "50000"), ("Input.MaxFeeRate", "50"));
    }

    private static string Sign(string psbt, int signer) => Convert.ToBase64String(PayoutWorld.Sign(Convert.FromBase64String(psbt), signer));

    private Act Approve(Round round, (Visitor Browser, Testing.Rounds.TestSshKey Key) admin) =>
        Press("approve", admin.Browser, $"/en/admin/rounds/{round.Number}", "name=\"Signature\"", ("Signature", admin.Key.Sign(round.Manifest!, Manifest.SignatureNamespace)));

    /// <summary>Opens a page and presses one of its buttons; waits where the page does not offer it yet.</summary>
    private Act Press(string name, Visitor browser, string path, string button, params (string Name, string Value)[] values) => new(name, async () =>
    {
        var page = Answered(await browser.OpenAsync(path));
        if (!page.Forms.Any(f => f.Html.Contains(button, StringComparison.Ordinal)))
        {
            await Task.Delay(500);
            return;
        }

        await SendAsync(new Form(browser, page, button, values));
    });

    private async Task<Page> SendAsync(Form form)
    {
        _unanswered = form;
        var answer = Answered(await form.Browser.SendAsync(form.Page, form.Button, form.Values));
        _unanswered = null;
        return answer;
    }

    private async Task SendAgainAsync(Form form)
    {
        tally.SentAgain++;
        await SendAsync(form);
    }

    private async Task DonateAsync()
    {
        var page = Answered(await world.Donor.OpenAsync("/en/donate"));
        var answer = await SendAsync(new Form(world.Donor, page, "name=\"Token\"", []));
        var receipt = Answered(await world.Donor.OpenAsync(answer.Location!));
        const string mark = "<pre class=\"copy\">";
        var address = receipt.Html[(receipt.Html.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..];
        await _judge.GiveAsync(address[..address.IndexOf('<')]);
    }

    private async Task DownloadAsync(string path, Standing at)
    {
        var page = Answered(await world.Treasurer.OpenAsync(path));
        var answer = await SendAsync(new Form(world.Treasurer, page, "PSBT as text", []));
        // Before its entry is published the page comes again, and says so.
        if (answer.Status == 200 && answer.Response.Content.Headers.ContentDisposition is not null) _held = (at.Batch!.Id, at.Version, Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(answer.Html)));
        else await Task.Delay(500);
    }

    private async Task MineAsync()
    {
        if ((await world.Node.MempoolAsync()).Length > 0) await world.Node.MineAsync(2);
        await Task.Delay(500);
    }

    private async Task ForgetAsync()
    {
        await world.Node.ForgetMempoolAsync();
        await Task.Delay(700);
    }

    private async Task ReorganizeAsync()
    {
        var height = await world.Node.HeightAsync();
        await world.Node.ForkAsync((string)(await world.Node.CallAsync("getblockhash", height - 2))!, 3);
    }

    private static Page Answered(Page page) => page.Status < 500 ? page : throw new HttpRequestException($"{page.Path} answered {page.Status}.");

    // Nobody waits for ever: who is told too often that it does not work has found a fault.
    private async Task DoAsync(Act act)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await act.Run();
            _stumbles = 0;
            _usual[act.Name] = _usual.TryGetValue(act.Name, out var usual) ? (usual + watch.ElapsedMilliseconds) / 2 : watch.ElapsedMilliseconds;
        }
        // HttpClient lets a bare SocketException through where the process ends at the moment the connection is made.
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or TaskCanceledException)
        {
            if (++_stumbles > Patience) throw new InvalidOperationException($"'{act.Name}' got no answer {Patience} times: {exception.Message}", exception);
            if (_unanswered is not null && random.Next(2) == 0) _unanswered = null;
            await Task.Delay(200);
        }
    }

    private async Task KillDuringAsync(Act act, Standing before)
    {
        var doing = DoAsync(act);
        await Task.Delay((int)(random.NextDouble() * 1.1 * _usual.GetValueOrDefault(act.Name, 300)));
        var isOpen = act.IsRequest && !doing.IsCompleted;
        if (killsDatabase) await world.Cluster!.InterruptAsync();
        else await world.Web.InterruptAsync();
        await doing;
        if (killsDatabase) await world.Cluster!.ResumeAsync();
        var after = await LookAsync();
        tally.Add(isOpen ? after.IsSameAs(before) ? KilledAt.Unsaved : KilledAt.Saved : after.IsQuiet ? KilledAt.Rest : KilledAt.Passes, act.Name);
        if (killsDatabase) return;

        while (tally.Kills % 4 == 3)
        {
            world.Web.Launch();
            await Task.Delay(random.Next(1_500));
            await world.Web.InterruptAsync();
            tally.Add(KilledAt.Recovery, "start");
        }

        await world.Web.ResumeAsync();
    }

    private async Task<Standing> LookAsync()
    {
        await using var db = world.Open();
        var round = await db.Set<Round>().AsNoTracking().OrderByDescending(r => r.Number).FirstOrDefaultAsync();
        var batch = round is null ? null : await db.Set<Batch>().AsNoTracking().SingleOrDefaultAsync(b => b.RoundNumber == round.Number);
        var version = batch is null ? null : await db.Set<BatchTransaction>().AsNoTracking().Where(t => t.BatchId == batch.Id).OrderByDescending(t => t.Number).FirstAsync();
        var approvals = round is null ? 0 : await db.Set<Approval>().CountAsync(a => a.RoundNumber == round.Number);
        var unpublished = await db.Set<LedgerEntry>().CountAsync() - (await db.Set<LedgerHead>().Select(h => (long?)h.Published).SingleOrDefaultAsync() ?? 0);
        var read = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height) ?? 0;
        return new Standing(round, approvals, batch, version?.Number ?? 0, version?.Txid, await db.Set<Donation>().CountAsync(), unpublished, await world.Node.HeightAsync() - read);
    }

    private sealed record Form(Visitor Browser, Page Page, string Button, (string Name, string Value)[] Values);

    private sealed record Act(string Name, Func<Task> Run, bool IsRequest = true);

    private sealed record Standing(Round? Round, int Approvals, Batch? Batch, int Version, string? Txid, int Donations, long Unpublished, int Unread)
    {
        /// <summary>Whether no pass has anything to do.</summary>
        public bool IsQuiet => Unpublished == 0 && Unread == 0 && Batch?.State != BatchState.Signed && !(Batch?.State == BatchState.Final && Round?.State != RoundState.Closed);

        /// <summary>Whether nothing that people do was done between the two.</summary>
        public bool IsSameAs(Standing other) =>
            (Round?.Number, Round?.Version, Approvals, Batch?.Id, Batch?.Version, Version, Donations) ==
            (other.Round?.Number, other.Round?.Version, other.Approvals, other.Batch?.Id, other.Batch?.Version, other.Version, other.Donations);
    }
}
