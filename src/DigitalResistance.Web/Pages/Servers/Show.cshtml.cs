using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Prober;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>Everything about one server, for its owner: how to prove it, what the prober saw, what it would weigh.</summary>
[WaitsForNetwork]
public sealed class ShowModel(
    MoneyDb db, ProbesDb probes, OwnServers servers, ControlProofs proofs, ServerTest test, ChallengeRenewal renewal, SlotHistory history, ProvisionalScores scores,
    Policy policy, IOptions<ServersOptions> options, IOptions<SiteOptions> site, TimeProvider time, IStringLocalizer<ServersTexts> texts, IStringLocalizer<ReasonTexts> reasons) : PageModel
{
    /// <summary>How many slots the strip shows.</summary>
    private const int Strip = 96;

    public Server Server { get; private set; } = null!;

    /// <summary>The server, opened; null where its key is lost.</summary>
    public OwnServer? Own { get; private set; }

    public bool IsChallengeOld => Server.ChallengedAt + options.Value.ChallengeLifetime <= time.GetUtcNow();

    public DateTimeOffset ChallengeEndsAt => Server.ChallengedAt + options.Value.ChallengeLifetime;

    public string HeartbeatUrl => site.Value.PublicOrigin + "/api/v1/heartbeat";

    /// <summary>In which minute of the hour cron calls home: servers are spread over it.</summary>
    public int CallMinute => Own!.Server.Id.ToByteArray()[^1] % 60;

    /// <summary>Through an onion service the source address of a call cannot be seen.</summary>
    public bool IsOnion => site.Value.IsOnion;

    public int HttpPort => options.Value.HttpProofPort;

    public IReadOnlyDictionary<ProofWay, ProofAttempt> Attempts { get; private set; } = new Dictionary<ProofWay, ProofAttempt>();

    /// <summary>When the address passes over to this server.</summary>
    public DateTimeOffset? PassesAt { get; private set; }

    /// <summary>Until when the owner must prove again, because somebody else proved the address too.</summary>
    public DateTimeOffset? ContestedUntil { get; private set; }

    public IReadOnlyList<PastSlot> Slots { get; private set; } = [];

    public IReadOnlyList<(DateTimeOffset At, SlotRecord Record)> Tests { get; private set; } = [];

    /// <summary>The server whose new place this is.</summary>
    public Server? MovesFrom { get; private set; }

    /// <summary>The new place of this server, while it moves.</summary>
    public Server? NewPlace { get; private set; }

    /// <summary>The last time before a move that counts neither way.</summary>
    public MoveGap? Gap { get; private set; }

    /// <summary>Whether a megabyte can be sent through the server.</summary>
    public bool CanMeasure => Server.State is ServerState.Proven && test.CanMeasure(Own!.Protocol);

    public Provisional? Provisional { get; private set; }

    public ProvisionalServer? Standing => Provisional?.Servers.GetValueOrDefault(Server.Id);

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        var (me, now) = (User.AccountId(), time.GetUtcNow());
        if (await db.Set<Server>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == id && s.OwnerId == me && s.State != ServerState.Retired, cancellation) is not { } server) return NotFound();
        Server = server;
        Own = servers.Open(server);
        Attempts = await db.Set<ProofAttempt>().AsNoTracking().Where(a => a.ServerId == id).ToDictionaryAsync(a => a.Way, cancellation);
        var claims = await db.Set<AddressClaim>().AsNoTracking().Where(c => c.ServerId == id).ToListAsync(cancellation);
        PassesAt = claims.Max(c => c.PassesAt);
        var held = claims.Where(c => c.PassesAt is null).Select(c => c.Tag).ToList();
        ContestedUntil = await db.Set<AddressClaim>().Where(c => held.Contains(c.Tag) && c.PassesAt != null).MinAsync(c => c.PassesAt, cancellation);
        Slots = [.. (await history.ReadAsync([id], now - (Strip * policy.Slot), now, cancellation))[id]];
        Tests = [.. (await probes.Set<ExtraProbe>().AsNoTracking().Where(p => p.ServerId == id).OrderByDescending(p => p.At).Take(5).ToListAsync(cancellation))
            .Select(p => (p.At, SlotRecord.Read(p.Record)))];
        if (server.MovesFrom is { } before) MovesFrom = await db.Set<Server>().AsNoTracking().SingleAsync(s => s.Id == before, cancellation);
        NewPlace = await db.Set<Server>().AsNoTracking().SingleOrDefaultAsync(s => s.MovesFrom == id && s.State != ServerState.Retired, cancellation);
        Gap = await db.Set<MoveGap>().AsNoTracking().Where(g => g.ServerId == id).OrderByDescending(g => g.From).FirstOrDefaultAsync(cancellation);
        if (server.FirstProvenAt is not null) Provisional = await scores.OfAsync(me, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostProveAsync(Guid id, ProofWay way, bool keep, CancellationToken cancellation)
    {
        if (way == ProofWay.CallHome || !ModelState.IsValid) return BadRequest();
        switch (await proofs.ProveAsync(User.AccountId(), id, way, keep, cancellation))
        {
            case ProofResult.NotFound or ProofResult.Shown { Then: ClaimResult.Retired }:
                return NotFound();
            case ProofResult.Shown { Then: ClaimResult.Listed }:
                this.Notify(texts["Proof.Done"]);
                return RedirectToPage(new { id });
            case ProofResult.Shown { Then: ClaimResult.Held }:
                // Proven: what is left is that it carries traffic.
                return await OnPostTestAsync(id, cancellation);
            case ProofResult.Shown { Then: ClaimResult.More more }:
                this.Notify(texts["Proof.More", more.Proven, more.All]);
                break;
            case ProofResult.Shown:
                this.Notify(texts["Proof.Waiting"]);
                return RedirectToPage(new { id });
            case ProofResult.Limited limited:
                Warn(texts[$"Limit.{limited.Limit}"]);
                break;
            case ProofResult.Expired:
                Warn(texts["Proof.Expired"]);
                break;
            case ProofResult.NotShown:
                Warn(texts["Proof.NotShown"]);
                break;
        }

        return RedirectToPage(null, null, new { id }, $"proof-{way}");
    }

    public async Task<IActionResult> OnPostTestAsync(Guid id, CancellationToken cancellation) => Tell(id, await test.TestAsync(User.AccountId(), id, cancellation));

    public async Task<IActionResult> OnPostMeasureAsync(Guid id, CancellationToken cancellation) => Tell(id, await test.MeasureAsync(User.AccountId(), id, cancellation));

    private IActionResult Tell(Guid id, ServerTestResult result)
    {
        if (result is ServerTestResult.Done { Sight: var sight }) TempData[SightWords.Key] = SightWords.Write(sight, texts);
        switch (result)
        {
            case ServerTestResult.NotFound:
                return NotFound();
            case ServerTestResult.Arrived arrived:
                this.Notify(texts["Move.Arrived"]);
                return RedirectToPage(new { id = arrived.Server });
            case ServerTestResult.Done { Record.State: SlotState.Ok }:
                this.Notify(texts["Test.Ok"]);
                break;
            case ServerTestResult.Done done:
                Warn(texts["Test.Failed", reasons[$"Reason.{Reasons.Code(done.Record.Reason)}"]]);
                break;
            case ServerTestResult.NotReached missing:
                Warn(texts["Test.Failed", reasons[$"Reason.{missing.Failure.Code()}"]]);
                break;
            case ServerTestResult.OptedOut:
                Warn(texts["Test.Failed", reasons[$"Reason.{Reasons.OptedOut}"]]);
                break;
            case ServerTestResult.Limited limited:
                Warn(texts[$"Limit.{limited.Limit}"]);
                break;
            case ServerTestResult.NotProven:
                Warn(texts["Measure.NotProven"]);
                break;
            case ServerTestResult.NoTargets:
                Warn(texts["Test.NoTargets"]);
                break;
        }

        return RedirectToPage(null, null, new { id }, "tests");
    }

    public async Task<IActionResult> OnPostRenewAsync(Guid id, CancellationToken cancellation)
    {
        if (!await renewal.RenewAsync(User.AccountId(), id, cancellation)) return NotFound();
        this.Notify(texts["Proof.Renewed"]);
        return RedirectToPage(null, null, new { id }, "proof");
    }

    private void Warn(string text) => TempData["warning"] = text;
}
