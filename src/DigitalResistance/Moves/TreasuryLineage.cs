using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Moves;

/// <summary>Which treasury followed which, by rotations that admins approved.</summary>
internal static class TreasuryLineage
{
    /// <summary>Whether a treasury, by the hash of its descriptor, is another one or became it: what was approved for the older is paid from the newer.</summary>
    public static async Task<bool> IsOrBecameAsync(this MoneyDb db, string older, string newer, CancellationToken cancellation)
    {
        if (older == newer) return true;
        // No descriptor comes into force twice, so that this ends.
        var next = await db.Set<Move>().Where(m => m.Kind == MoveKind.Rotation && m.ApprovedAt != null).ToDictionaryAsync(m => m.TreasurySha256, m => m.TargetSha256, cancellation);
        while (next.Remove(older, out var target))
        {
            if (target == newer) return true;
            older = target;
        }

        return false;
    }
}
