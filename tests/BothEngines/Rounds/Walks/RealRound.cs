using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Rounds.Walks;

/// <summary>A round on a real database with a real treasury, moved by the acts behind the pages' buttons.</summary>
internal sealed class RealRound(RoundsWorld rounds, PayoutWorld payouts, Guid[] people, TestSshKey?[] keys, int number, Guid[] operators, string[] addresses) : IWalkedRound
{
    /// <summary>A fee limit that nobody decided.</summary>
    public static readonly Sats Tampered = new(19_999);

    private readonly List<string> _shown = [];
    private Round _round = null!;
    private int _terms;

    public RoundState State => _round.State;

    public string? Manifest => _round.Manifest;

    public IReadOnlyList<string> Owed { get; private set; } = [];

    public IReadOnlyList<string>? Left { get; private set; }

    public DateTimeOffset Now => rounds.Time.GetUtcNow();

    /// <summary>Ten minutes that are scored, and what they cost.</summary>
    public static RoundTerms TermsFrom(DateTimeOffset start) => new(start, start.AddMinutes(10), new(400_000), 1_000_000, new(10_000), new(1_000), FeeOf(0), 50);

    /// <summary>The fee limit of one of several revisions.</summary>
    public static Sats FeeOf(int revision) => new(20_000 + (1_000 * (revision % 100)));

    /// <summary>The next round of a world, with admins, keys and operators of its own.</summary>
    public static async Task<RealRound> BeginAsync(RoundsWorld rounds, PayoutWorld payouts, WalkRules rules, int walk)
    {
        await using (var db = rounds.Open()) await db.Set<IdentityUserRole<Guid>>().ExecuteDeleteAsync();
        rounds.Policy = RoundsWorld.PolicyWith(rules.Needed, rules.MaxSignedIn);
        rounds.Time.Advance(TimeSpan.FromSeconds(1));
        rounds.ForgetScores();
        var (people, keys) = (new Guid[WalkRules.People], new TestSshKey?[WalkRules.People]);
        for (var i = 0; i < people.Length; i++)
        {
            people[i] = await rounds.AdminAsync();
            keys[i] = await AddKeyAsync(rounds, people[i]);
        }

        Guid[] operators = [rules.Recused < 0 ? await rounds.AccountAsync() : people[rules.Recused], await rounds.AccountAsync()];
        string[] addresses = [.. Enumerable.Range(1, 3).Select(i => PayoutWorld.Address((walk * 10) + i))];
        for (var i = 0; i < operators.Length; i++) await rounds.OperatorAsync([700], addresses[i], account: operators[i]);
        var number = RoundsWorld.Done(await rounds.CreateAsync(TermsFrom(RoundsWorld.Start.AddDays(-300).AddMinutes(10 * walk)), people[0]));
        var round = new RealRound(rounds, payouts, people, keys, number, operators, addresses);
        await round.LookAsync();
        return round;
    }

    /// <summary>Out of the way of the next one.</summary>
    public async Task EndAsync()
    {
        if (RoundSteps.Cancel.Contains(State)) RoundsWorld.Done(await rounds.CancelAsync(number, _round.Version));
    }

    public async ValueTask<string> TakeAsync(Walked step)
    {
        payouts.World.Time.SetUtcNow(Now);
        var ending = await DoAsync(step);
        await LookAsync();
        if (step.Step == WalkStep.Allocate && ending == nameof(RoundResult.Done))
        {
            _shown.Add(_round.Manifest!);
            Owed = [.. (await rounds.GrantsAsync(number)).Where(g => g.Paid > Sats.Zero).Select(g => $"{g.Address} {g.Paid.Value}")];
        }

        return ending;
    }

    private async Task<string> DoAsync(Walked step)
    {
        var version = step.Which == 3 ? _round.Version - 1 : _round.Version;
        switch (step.Step)
        {
            case WalkStep.Open:
                return Name(await rounds.OpenAsync(number, version));
            case WalkStep.Freeze:
                return Name(await rounds.FreezeAsync(number, version));
            case WalkStep.Allocate:
                return Name(await rounds.AllocateAsync(number, version));
            case WalkStep.Revise:
                var isDone = step.Which != 3 && RoundSteps.Revise.Contains(State);
                return Name(await rounds.ReviseAsync(number, version, _round.Terms with { MaxFee = FeeOf(isDone ? ++_terms : _terms) }));
            case WalkStep.Withdraw:
                return Name(await rounds.WithdrawAsync(number, version));
            case WalkStep.Cancel:
                return Name(await rounds.CancelAsync(number, version));
            case WalkStep.ApproveSignedIn:
                return Name(await rounds.ApproveAsync(number, step.Which < _shown.Count ? RoundFiles.Sha256(Encoding.ASCII.GetBytes(_shown[^(step.Which + 1)])) : new string('0', 64), people[step.Who]));
            case WalkStep.ApproveByKey:
                var (key, text) = (keys[step.Who] ?? TestSshKey.Create("ssh-ed25519"), step.Which < _shown.Count ? _shown[^(step.Which + 1)] : "nothing\n");
                return Name(await rounds.ApproveAsync(number, key.Sign(text, DigitalResistance.Rounds.Manifest.SignatureNamespace)));
            case WalkStep.Build:
                return Name(await payouts.BuildAsync(number));
            case WalkStep.Export:
                return await ExportAsync();
            case WalkStep.RevokeKey:
                keys[step.Who] = null;
                return Name(await rounds.RevokeAsync(people[step.Who]));
            default:
                await HappenAsync(step);
                return "";
        }
    }

    private async Task HappenAsync(Walked step)
    {
        var person = people[step.Who];
        if (step.Step == WalkStep.Wait) rounds.Time.Advance(TimeSpan.FromMinutes(30));
        if (step.Step == WalkStep.NewKey) keys[step.Who] ??= await AddKeyAsync(rounds, person);
        if (step.Step == WalkStep.Publish) await payouts.World.SealAsync();
        await using var db = rounds.Open();
        if (step.Step is WalkStep.DropAdmin or WalkStep.MakeAdmin) await db.Set<IdentityUserRole<Guid>>().Where(r => r.UserId == person).ExecuteDeleteAsync();
        if (step.Step == WalkStep.MakeAdmin)
        {
            db.Add(new IdentityUserRole<Guid> { UserId = person, RoleId = await db.Set<IdentityRole<Guid>>().Where(r => r.Name == Roles.Admin).Select(r => r.Id).SingleAsync() });
            await db.SaveChangesAsync();
        }

        var first = operators[0];
        var grant = db.Set<Grant>().Where(g => g.RoundNumber == number && g.AccountId == first);
        if (step is { Step: WalkStep.Tamper, Which: >= 2 }) await db.Set<Round>().Where(r => r.Number == number).ExecuteUpdateAsync(set => set.SetProperty(r => r.MaxFee, Tampered));
        if (step is { Step: WalkStep.Tamper, Which: 1 }) await grant.ExecuteUpdateAsync(set => set.SetProperty(g => g.Paid, new Sats(150_000)));
        if (step is { Step: WalkStep.Tamper, Which: 0 }) await grant.ExecuteUpdateAsync(set => set.SetProperty(g => g.Address, addresses[2]));
    }

    private async Task<string> ExportAsync()
    {
        var batch = await rounds.On(db => db.Set<Batch>().Where(b => b.RoundNumber == number).Select(b => b.Id).SingleOrDefaultAsync());
        var result = await payouts.World.Do((BatchExport act) => act.DownloadAsync(batch, default));
        if (result is not ExportResult.Ready ready) return Name(result);
        // All that it pays to others: neither change nor the commitment.
        var ours = (await rounds.On(db => db.Set<DigitalResistance.Treasury.TreasuryAddress>().Select(a => a.Script).ToListAsync())).Select(Convert.ToHexStringLower).ToHashSet(StringComparer.Ordinal);
        Left = [.. PSBT.Load(ready.Psbt, Network.RegTest).GetGlobalTransaction().Outputs.Where(o => o.Value > Money.Zero && !ours.Contains(o.ScriptPubKey.ToHex()))
            .Select(o => $"{o.ScriptPubKey.GetDestinationAddress(Network.RegTest)} {o.Value.Satoshi}")];
        return nameof(ExportResult.Ready);
    }

    private async Task LookAsync() => _round = await rounds.RoundAsync(number);

    private static string Name(object result) => result.GetType().Name;

    private static async Task<TestSshKey> AddKeyAsync(RoundsWorld rounds, Guid admin)
    {
        var key = TestSshKey.Create("ssh-ed25519");
        await using var db = rounds.Open();
        db.Add(new AdminKey
        {
            AccountId = admin, PublicKey = $"{key.Type} {Convert.ToBase64String(key.PublicBlob)}", AddedAt = rounds.Time.GetUtcNow(),
            Fingerprint = "SHA256:" + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(key.PublicBlob)).TrimEnd('='),
        });
        await db.SaveChangesAsync();
        return key;
    }
}
