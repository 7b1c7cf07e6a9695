using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Moves;

/// <summary>
/// Admins' approvals of a move's manifest, counted by the rules of a round's. With the last one that is needed the move is approved, and the
/// new descriptor of a rotation is in force, in the same save.
/// </summary>
public sealed partial class MoveApproval(MoneyDb db, TreasuryWallet wallet, Policy policy, IOptions<BitcoinOptions> bitcoin, TimeProvider time, ILogger<MoveApproval> log)
{
    private const int Attempts = 20;

    /// <summary>
    /// From when on a move may be approved. What leaves the treasury's present keys waits as long as operators may object to a round, so that
    /// somebody notices a thief who has got hold of admins' accounts; a consolidation goes nowhere.
    /// </summary>
    public DateTimeOffset ApprovableFrom(Move move) => move.ProposedAt.AddSeconds(move.Kind is MoveKind.Consolidation or MoveKind.Rehearsal ? 0 : policy.ObjectionSeconds);

    /// <summary>Takes an SSH signature over the manifest. It stands for the admin whose key made it, whoever brings it.</summary>
    public async Task<ApprovalResult> ApproveBySignatureAsync(int number, string armoured, CancellationToken cancellation)
    {
        if (await db.Set<Move>().AsNoTracking().SingleOrDefaultAsync(m => m.Number == number, cancellation) is not { } move) return new ApprovalResult.NotFound();
        SshSignature signature;
        SshVerdict verdict;
        try
        {
            signature = SshSignature.Parse(armoured);
            verdict = signature.Verify(Encoding.ASCII.GetBytes(move.Manifest), MoveManifest.SignatureNamespace);
        }
        catch (FormatException exception)
        {
            return new ApprovalResult.Unreadable(exception.Message);
        }

        var key = await db.Set<AdminKey>().AsNoTracking().SingleOrDefaultAsync(k => k.Fingerprint == signature.Key.Fingerprint && k.RevokedAt == null, cancellation);
        if (key is null) return new ApprovalResult.UnknownKey(signature.Key.Fingerprint);
        if (verdict != SshVerdict.Valid) return new ApprovalResult.SignatureRefused(verdict);
        return await AddAsync(number, move.ManifestSha256, key.AccountId, ApprovalKind.SshSignature, _ => key.Fingerprint, signature.Blob.ToArray(), cancellation);
    }

    /// <summary>Takes the approval of a signed-in admin. The caller has just verified a second factor; <paramref name="manifestSha256"/> is of the manifest that was shown.</summary>
    public Task<ApprovalResult> ApproveSignedInAsync(int number, string manifestSha256, Guid admin, CancellationToken cancellation) =>
        AddAsync(number, manifestSha256, admin, ApprovalKind.SignedIn, move => RoundToken.ForAdmin(move.TokenSecret!, admin), null, cancellation);

    /// <summary>How the approvals of a move stand.</summary>
    public Task<ApprovalTally> TallyAsync(Move move, CancellationToken cancellation) => TallyAsync(move, null, cancellation);

    /// <summary>Whether an admin must keep out of it: a bill goes to an address where the same person is paid as an operator.</summary>
    public async Task<bool> IsRecusedAsync(int number, Guid admin, CancellationToken cancellation) => (await RecusedAsync(number, cancellation)).Contains(admin);

    private async Task<ApprovalResult> AddAsync(int number, string manifestSha256, Guid admin, ApprovalKind kind, Func<Move, string> signer, byte[]? signature, CancellationToken cancellation)
    {
        // Admins at once all count: whose save came second counts again and saves again.
        for (var attempt = 1; ; attempt++)
        {
            if (await TryAddAsync(number, manifestSha256, admin, kind, signer, signature, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"Move {number} kept changing while an approval was added {Attempts} times.");
        }
    }

    private async Task<ApprovalResult?> TryAddAsync(int number, string manifestSha256, Guid admin, ApprovalKind kind, Func<Move, string> signer, byte[]? signature, CancellationToken cancellation)
    {
        if (await db.Set<Move>().SingleOrDefaultAsync(m => m.Number == number, cancellation) is not { } move) return new ApprovalResult.NotFound();
        if (move.TokenSecret is null) return new ApprovalResult.NotWaiting();
        // Read before everything that rests on it, and changed by the save that approves: a rotation at the same moment makes this start over.
        var treasury = await db.Set<TreasuryDescriptor>().SingleAsync(d => d.IsCurrent, cancellation);
        var now = time.GetUtcNow();
        var approval = new Approval { MoveNumber = number, ManifestSha256 = manifestSha256, AdminId = admin, Kind = kind, Signer = signer(move), Signature = signature, At = now };
        if (await RefusalAsync(move, treasury, approval, cancellation) is { } refusal) return refusal;
        db.Add(approval);
        db.Append(new MoveApprovalGiven(number, manifestSha256, approval.Signer, signature), now);
        var tally = await TallyAsync(move, approval, cancellation);
        if (tally.Suffices && !await TryApproveAsync(move, treasury, tally, now, cancellation))
        {
            db.ChangeTracker.Clear();
            LogTampered(number);
            return new ApprovalResult.Tampered();
        }

        move.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new ApprovalResult.Counted(tally) : null;
    }

    private async Task<ApprovalResult?> RefusalAsync(Move move, TreasuryDescriptor treasury, Approval approval, CancellationToken cancellation)
    {
        if (move.ManifestSha256 != approval.ManifestSha256) return new ApprovalResult.ManifestChanged();
        if (await db.Set<Approval>().AnyAsync(a => a.MoveNumber == move.Number && a.Signer == approval.Signer, cancellation)) return new ApprovalResult.AlreadyCounted(await TallyAsync(move, null, cancellation));
        if (move.State != MoveState.Proposed) return new ApprovalResult.NotWaiting();
        if (!(await AdminRole.MembersAsync(db, cancellation)).Contains(approval.AdminId)) return new ApprovalResult.NotAnAdmin();
        if ((await RecusedAsync(move.Number, cancellation)).Contains(approval.AdminId)) return new ApprovalResult.Recused();
        // Both would have admins approve under rules, or for a treasury, that are no longer in force.
        if (move.PolicySha256 != policy.Sha256 || wallet.Open(treasury).Descriptor.Sha256 != move.TreasurySha256) return new ApprovalResult.Outdated();
        if (approval.At < ApprovableFrom(move)) return new ApprovalResult.TooEarly(ApprovableFrom(move));
        if (approval.Kind == ApprovalKind.SshSignature) return null;
        return (await TallyAsync(move, null, cancellation)).SignedIn < policy.MaxSignedInApprovals ? null : new ApprovalResult.SignatureNeeded();
    }

    private async Task<bool> TryApproveAsync(Move move, TreasuryDescriptor treasury, ApprovalTally tally, DateTimeOffset now, CancellationToken cancellation)
    {
        var costs = await db.Set<MoveCost>().AsNoTracking().Where(c => c.MoveNumber == move.Number).ToListAsync(cancellation);
        if (!MoveManifest.Matches(move, costs, wallet.LedgerNetwork)) return false;
        (move.State, move.ApprovedAt) = (MoveState.Approved, now);
        treasury.Version++;
        db.Append(new MoveApproved(move.Number, move.ManifestSha256, tally.SshSignatures, tally.SignedIn), now);
        return move.Kind != MoveKind.Rotation || await TryRotateAsync(move, treasury, now, cancellation);
    }

    // From this save on donors get addresses of the new keys and change goes there; the old ones are watched for ever.
    private async Task<bool> TryRotateAsync(Move move, TreasuryDescriptor old, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!Descriptor.TryParse(move.NewDescriptor, wallet.Network, out var target, out _) || target.Sha256 != move.TargetSha256) return false;
        var read = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation) ?? old.StartHeight;
        old.IsCurrent = false;
        db.Add(new TreasuryDescriptor { Text = target.Text, Sha256 = target.Sha256, Network = target.Network.Name, StartHeight = read, AdoptedAt = now, IsCurrent = true });
        db.Append(new TreasuryRotated(wallet.LedgerNetwork, target.Sha256, bitcoin.Value.PublishDescriptor ? target.Text : null), now);
        return true;
    }

    private async Task<ApprovalTally> TallyAsync(Move move, Approval? added, CancellationToken cancellation)
    {
        var approvals = await db.Set<Approval>().AsNoTracking().Where(a => a.MoveNumber == move.Number && a.ManifestSha256 == move.ManifestSha256).ToListAsync(cancellation);
        if (added is not null) approvals.Add(added);
        var keys = await db.Set<AdminKey>().Where(k => k.RevokedAt == null).Select(k => k.Fingerprint).ToListAsync(cancellation);
        return ApprovalTally.Count(
            policy, move.ProposedBy, approvals, await AdminRole.MembersAsync(db, cancellation), await RecusedAsync(move.Number, cancellation), keys.ToHashSet(StringComparer.Ordinal));
    }

    private async Task<HashSet<Guid>> RecusedAsync(int number, CancellationToken cancellation) =>
        [.. await db.Set<PayoutAddress>().Where(a => db.Set<MoveCost>().Any(c => c.MoveNumber == number && c.Address == a.Address)).Select(a => a.AccountId).ToListAsync(cancellation)];

    [LoggerMessage(1, LogLevel.Critical, "Move {Move} does not match its manifest any more: rows were changed behind the program's back; nothing was approved")]
    private partial void LogTampered(int move);
}
