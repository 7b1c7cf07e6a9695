using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Ledger;

/// <summary>One entry for ever: what it says, its bytes, and the proof that it is in the log.</summary>
[AllowAnonymous]
public sealed class EntryModel(MoneyDb db, LedgerProofs proofs) : PageModel
{
    /// <summary>Null while there is no such entry: the page then says how far the log is.</summary>
    public EntryProof? Proof { get; private set; }

    public long Index { get; private set; }

    public CanonicalObject Entry { get; private set; } = null!;

    public LedgerLine Line { get; private set; } = null!;

    public long Size { get; private set; }

    public string Bytes => Encoding.ASCII.GetString(Proof!.Entry);

    public async Task OnGetAsync(long index, CancellationToken cancellation)
    {
        Index = index;
        if (await proofs.ProveAsync(index, cancellation) is not { } proof)
        {
            Size = await db.Set<LedgerHead>().Select(h => h.Published).SingleOrDefaultAsync(cancellation);
            Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        (Proof, Entry, Size) = (proof, CanonicalObject.Parse(proof.Entry), proof.Checkpoint.Size);
        Line = await db.Set<LedgerLine>().AsNoTracking().SingleAsync(l => l.Index == index, cancellation);
    }

    /// <summary>Members in reading order: what is common to all entries stands last.</summary>
    public IEnumerable<KeyValuePair<string, object>> Members => Entry.Members.OrderBy(m => m.Key is "v" or "type" or "time");
}
