using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DigitalResistance.Rounds;

/// <summary>
/// Admins' approvals of a manifest. Each is bound to the manifest's hash; with the last one that is needed the round is approved and its
/// credits and carry count, in the same save.
/// </summary>
public sealed partial class RoundApproval(MoneyDb db, TimeProvider time, ILogger<RoundApproval> log)
{
    private const int Attempts = 20;

    /// <summary>
    /// Takes an SSH signature over the manifest. It stands for the admin whose key made it, whoever brings it.
    /// </summary>
    public async Task<ApprovalResult> ApproveBySignatureAsync(int number, string armoured, CancellationToken cancellation = default)
    {
        SshSignature signature;
        SshVerdict verdict;
        var round = await db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        if (round is null) return new ApprovalResult.NotFound();
        if (round.Manifest is not { } manifest) return new ApprovalResult.WrongState(round.State);
        try
        {
            signature = SshSignature.Parse(armoured);
            verdict = signature.Verify(Encoding.ASCII.GetBytes(manifest), Manifest.SignatureNamespace);
        }
        catch (FormatException exception)
        {
            return new ApprovalResult.Unreadable(exception.Message);
        }

        var key = await db.Set<AdminKey>().AsNoTracking().SingleOrDefaultAsync(k => k.Fingerprint == signature.Key.Fingerprint && k.RevokedAt == null, cancellation);
        if (key is null) return new ApprovalResult.UnknownKey(signature.Key.Fingerprint);
        if (verdict != SshVerdict.Valid) return new ApprovalResult.SignatureRefused(verdict);
        return await AddAsync(number, round.ManifestSha256!, key.AccountId, ApprovalKind.SshSignature, _ => key.Fingerprint, signature.Blob.ToArray(), cancellation);
    }

    /// <summary>Takes the approval of a signed-in admin. The caller has just verified a second factor; <paramref name="manifestSha256"/> is of the manifest that was shown.</summary>
    public Task<ApprovalResult> ApproveSignedInAsync(int number, string manifestSha256, Guid admin, CancellationToken cancellation = default) =>
        AddAsync(number, manifestSha256, admin, ApprovalKind.SignedIn, round => RoundToken.ForAdmin(round.TokenSecret!, admin), null, cancellation);

    /// <summary>How the approvals of the present manifest stand; null where there is none.</summary>
    public async Task<ApprovalTally?> TallyAsync(int number, CancellationToken cancellation = default)
    {
        var round = await db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        return round?.ManifestSha256 is null ? null : (await FactsAsync(round, cancellation)).Count(round);
    }

    private async Task<ApprovalResult> AddAsync(
        int number, string manifestSha256, Guid admin, ApprovalKind kind, Func<Round, string> signer, byte[]? signature, CancellationToken cancellation)
    {
        // Two admins at once both count: the one whose save came second counts again and saves again.
        for (var attempt = 1; ; attempt++)
        {
            var result = await TryAddAsync(number, manifestSha256, admin, kind, signer, signature, cancellation);
            if (result is not null) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"Round {number} kept changing while an approval was added {Attempts} times.");
        }
    }

    private async Task<ApprovalResult?> TryAddAsync(
        int number, string manifestSha256, Guid admin, ApprovalKind kind, Func<Round, string> signer, byte[]? signature, CancellationToken cancellation)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        var round = await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        if (round is null) return new ApprovalResult.NotFound();
        if (round.TokenSecret is null) return new ApprovalResult.WrongState(round.State);
        var now = time.GetUtcNow();
        var approval = new Approval
        {
            RoundNumber = number, ManifestSha256 = manifestSha256, AdminId = admin, Kind = kind, Signer = signer(round), Signature = signature, At = now,
        };
        if (round.State == RoundState.Allocated && await db.IsAheadInLogAsync(number, cancellation)) return new ApprovalResult.WrongState(round.State);
        var facts = await FactsAsync(round, cancellation);
        if (facts.RefusalOf(round, approval) is { } refusal) return refusal;
        db.Add(approval);
        db.Append(new ApprovalGiven(number, round.Revision, manifestSha256, approval.Signer, signature), now);
        var tally = facts.Count(round, approval);
        if (tally.Suffices)
        {
            var grants = await db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == number).ToListAsync(cancellation);
            if (!Manifest.Matches(round, grants))
            {
                db.ChangeTracker.Clear();
                LogTampered(number);
                return new ApprovalResult.Tampered();
            }

            await ApproveAsync(round, tally, grants, now, cancellation);
            book.Version++;
        }

        round.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new ApprovalResult.Counted(tally) : null;
    }

    private async Task ApproveAsync(Round round, ApprovalTally tally, List<Grant> grants, DateTimeOffset now, CancellationToken cancellation)
    {
        (round.State, round.ApprovedAt, round.CreditsExpireAt) = (RoundState.Approved, now, now.AddDays(round.Policy.CreditDays));
        var (number, revision) = (round.Number, round.Revision);
        db.Append(new RoundApproved(number, revision, round.ManifestSha256!, tally.SshSignatures, tally.SignedIn), now);
        (string Reason, Sats Amount)[] carries = [("cap", round.CarryCap), ("rounding", round.CarryRounding), ("empty", round.CarryEmpty)];
        foreach (var (reason, amount) in carries.Where(c => c.Amount > Sats.Zero)) db.Append(new CarryRecorded(number, revision, amount, reason), now);
        var added = grants.Where(g => g.Credited > Sats.Zero).ToList();
        if (added.Count > 0) db.Append(new CreditAdded(number, revision, Sats.Sum(added.Select(g => g.Credited)), added.Count), now);
        var paid = grants.Where(g => g.CreditUsed > Sats.Zero).ToList();
        if (paid.Count > 0) db.Append(new CreditPaid(number, revision, Sats.Sum(paid.Select(g => g.CreditUsed)), paid.Count), now);
        // Where nobody is paid there is nothing to sign: the books close at once.
        if (grants.TrueForAll(g => g.Paid == Sats.Zero)) await RoundClosing.CloseAsync(db, round, Sats.Zero, Sats.Zero, now, cancellation);
    }

    private async Task<ApprovalFacts> FactsAsync(Round round, CancellationToken cancellation)
    {
        var approvals = await db.Set<Approval>().AsNoTracking().Where(a => a.RoundNumber == round.Number && a.ManifestSha256 == round.ManifestSha256).ToListAsync(cancellation);
        var admins = await AdminRole.MembersAsync(db, cancellation);
        var recipients = await RecipientsAsync(round.Number, admins, cancellation);
        var keys = await db.Set<AdminKey>().Where(k => k.RevokedAt == null).Select(k => k.Fingerprint).ToListAsync(cancellation);
        var objections = await db.Set<Objection>().CountAsync(o => o.RoundNumber == round.Number && o.Verdict == null, cancellation);
        return new ApprovalFacts(approvals, admins, recipients, keys.ToHashSet(StringComparer.Ordinal), objections);
    }

    /// <summary>Who of <paramref name="among"/> owns a recipient.</summary>
    private async Task<HashSet<Guid>> RecipientsAsync(int number, HashSet<Guid> among, CancellationToken cancellation) =>
        [.. await db.Set<Grant>().Where(g => g.RoundNumber == number && (g.Share != Sats.Zero || g.Paid != Sats.Zero) && among.Contains(g.AccountId))
            .Select(g => g.AccountId).ToListAsync(cancellation)];

    [LoggerMessage(1, LogLevel.Critical, "Round {Round} does not match its manifest any more: rows were changed behind the program's back; nothing was approved")]
    private partial void LogTampered(int round);
}
