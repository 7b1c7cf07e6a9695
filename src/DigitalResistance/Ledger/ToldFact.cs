using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Ledger;

/// <summary>
/// Something that the public log says and the other tables do not know yet, because they were restored from an older copy. It waits here until
/// the chain shows the same (then the tables take it over and nothing is told twice) or shows otherwise (then the log is told so).
/// While there is one, no payment is built, replaced or downloaded.
/// </summary>
public sealed class ToldFact
{
    /// <summary>Type of the fact that stands for the chain itself: no block was read since the entries came back.</summary>
    public const string ChainUnread = "chain.unread";

    /// <summary>Row id.</summary>
    public long Id { get; init; }

    /// <summary>Type of the entry that said it last, as <c>donation.confirmed</c>; or <see cref="ChainUnread"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The transaction it is about; empty for <see cref="ChainUnread"/>.</summary>
    public required string Txid { get; init; }

    /// <summary>The output it is about; −1 where it is about the whole transaction.</summary>
    public required int Vout { get; init; }

    /// <summary>The entry as it was published; for <see cref="ChainUnread"/> the one that tells readers of the restoring.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>The entry's members.</summary>
    public CanonicalObject Read() => CanonicalObject.Parse(Bytes);

    /// <summary>The fact that an entry tells.</summary>
    internal static ToldFact Of(CanonicalObject entry) => new()
    {
        Type = entry.Text("type"), Txid = entry.Text("txid"), Vout = entry.Has("vout") ? checked((int)entry.Integer("vout")) : -1, Bytes = entry.ToBytes(),
    };

    /// <summary>The fact that the chain must be read first.</summary>
    internal static ToldFact Unread(Entry notice, DateTimeOffset at) => new() { Type = ChainUnread, Txid = "", Vout = -1, Bytes = notice.ToBytes(at) };

    /// <inheritdoc/>
    public override string ToString() => Encoding.ASCII.GetString(Bytes);

    internal sealed class Mapping : IMoneyMapping<ToldFact>
    {
        public void Configure(EntityTypeBuilder<ToldFact> builder)
        {
            builder.ToTable("told_facts");
            builder.Property(f => f.Type).HasMaxLength(40);
            builder.Property(f => f.Txid).HasMaxLength(64);
            builder.HasIndex(f => new { f.Txid, f.Vout }).IsUnique();
        }
    }
}

/// <summary>
/// A feature that learns what came back into the log from a newer copy than its tables. It changes its rows within the readmission's own
/// transaction, tells the log nothing, and asks nobody outside.
/// </summary>
public interface IReadmissionHearer
{
    /// <summary>Hears the entries that were missing, in their order.</summary>
    Task HearAsync(IReadOnlyList<CanonicalObject> entries, CancellationToken cancellation);
}
