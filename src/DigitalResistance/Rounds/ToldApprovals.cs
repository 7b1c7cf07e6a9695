using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Approvals that the public log knows and restored tables do not. The log takes none twice, so that whoever gave one must not be asked again: either its
/// admin is found by key or by public name, or what was approved has to begin anew.
/// </summary>
internal static class ToldApprovals
{
    /// <summary>Of a round's present manifest, or of a move's. Whether every one is in the tables now; where not, nothing was added.</summary>
    public static async Task<bool> TryAddAsync(MoneyDb db, int? round, int? move, string manifestSha256, byte[]? secret, CancellationToken cancellation)
    {
        var (type, hash) = (round is null ? "move.approval" : "approval", "sha256:" + manifestSha256);
        var bytes = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.RoundNumber == round && e.MoveNumber == move && e.Type == type).Select(e => e.Bytes).ToListAsync(cancellation);
        var known = await db.Set<Approval>().Where(a => a.RoundNumber == round && a.MoveNumber == move && a.ManifestSha256 == manifestSha256).Select(a => a.Signer).ToListAsync(cancellation);
        var missing = bytes.Select(b => CanonicalObject.Parse(b)).Where(e => e.Text("manifest") == hash && !known.Contains(e.Text("signer"))).ToList();
        if (missing.Count == 0) return true;

        var admins = (await db.Set<AdminKey>().AsNoTracking().ToListAsync(cancellation)).ToDictionary(k => k.Fingerprint, k => k.AccountId, StringComparer.Ordinal);
        if (secret is not null) foreach (var account in await db.Set<Account>().Select(a => a.Id).ToListAsync(cancellation)) admins[RoundToken.ForAdmin(secret, account)] = account;
        if (!missing.TrueForAll(e => admins.ContainsKey(e.Text("signer")))) return false;
        db.AddRange(missing.Select(e => new Approval
        {
            RoundNumber = round, MoveNumber = move, ManifestSha256 = manifestSha256, AdminId = admins[e.Text("signer")], Signer = e.Text("signer"), At = e.Instant("time"),
            Kind = e.Text("kind") == "sshsig" ? ApprovalKind.SshSignature : ApprovalKind.SignedIn,
            Signature = e.Has("signature") ? Convert.FromBase64String(e.Text("signature")) : null,
        }));
        return true;
    }
}
