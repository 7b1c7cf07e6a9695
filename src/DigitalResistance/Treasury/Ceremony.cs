using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// How a treasury comes to be: each holder brings the public part of one key, all compare the addresses that follow, and when every one of them has confirmed
/// it is adopted. Nothing of it is a secret, and nothing of it counts before its end.
/// </summary>
public sealed class Ceremony
{
    /// <summary>Row id.</summary>
    public int Id { get; init; }

    /// <summary>The kind of output.</summary>
    public required TreasuryScript Script { get; init; }

    /// <summary>How many signatures a payment will need.</summary>
    public required int Threshold { get; init; }

    /// <summary>How many keys there are to be.</summary>
    public required int Size { get; init; }

    /// <summary>First block to read, where the keys were in use before; null for the end of the chain when it is adopted.</summary>
    public int? StartHeight { get; init; }

    /// <summary>The treasurer who began it.</summary>
    public required Guid BegunBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>How it ended; null while it goes on.</summary>
    public CeremonyEnd? End { get; internal set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>Whether it goes on; true for one row at most.</summary>
    public required bool IsLive { get; set; }

    /// <summary>Raised by every change, also of its keys: the optimistic concurrency token.</summary>
    public long Version { get; set; }

    /// <summary>The descriptor that follows from its keys; null while some are missing.</summary>
    public Descriptor? Compose(IEnumerable<CeremonyKey> keys, Network network)
    {
        var texts = keys.OrderBy(k => k.Position).Select(k => k.Key).ToArray();
        if (texts.Length < Size) return null;
        return Descriptor.Parse(
            Script switch
            {
                TreasuryScript.WitnessKey => $"wpkh({texts[0]})",
                TreasuryScript.Taproot => $"tr({texts[0]})",
                TreasuryScript.Multisig => $"wsh(multi({Threshold},{string.Join(',', texts)}))",
                _ => $"wsh(sortedmulti({Threshold},{string.Join(',', texts)}))",
            },
            network);
    }

    internal void Finish(CeremonyEnd end, DateTimeOffset at) => (End, EndedAt, IsLive, Version) = (end, at, false, Version + 1);

    internal sealed class Mapping : IMoneyMapping<Ceremony>
    {
        public void Configure(EntityTypeBuilder<Ceremony> builder)
        {
            builder.ToTable("ceremonies");
            builder.Property(c => c.Version).IsConcurrencyToken();
            builder.HasIndex(c => c.IsLive).IsUnique().HasFilter("is_live");
        }
    }
}

/// <summary>How a ceremony ends.</summary>
public enum CeremonyEnd
{
    /// <summary>Every holder confirmed: its descriptor is the treasury.</summary>
    Adopted,

    /// <summary>It was given up.</summary>
    GivenUp,

    /// <summary>Another treasury was adopted meanwhile.</summary>
    Overtaken,
}

/// <summary>One key of a ceremony.</summary>
public sealed class CeremonyKey
{
    /// <summary>The ceremony.</summary>
    public required int CeremonyId { get; init; }

    /// <summary>Its place in the descriptor, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>Its holder; null for a key of a whole descriptor that nobody has said to be theirs.</summary>
    public Guid? HolderId { get; set; }

    /// <summary>The key as it stands in the descriptor, with origin and branches.</summary>
    public required string Key { get; init; }

    /// <summary>Fingerprint of the master key: what its holder's device calls itself.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The path from there, as <c>48h/0h/0h/2h</c>.</summary>
    public required string Path { get; init; }

    /// <summary>What it signs with, where its holder said.</summary>
    public SigningDevice? Device { get; init; }

    /// <summary>When it was given.</summary>
    public required DateTimeOffset GivenAt { get; init; }

    /// <summary>Hash of the descriptor that its holder confirmed: of another one that says nothing. Null before.</summary>
    public string? ConfirmedSha256 { get; internal set; }

    /// <summary>When.</summary>
    public DateTimeOffset? ConfirmedAt { get; internal set; }

    internal static CeremonyKey Of(int ceremony, int position, DescriptorKey key, Guid? holder, SigningDevice? device, DateTimeOffset at) => new()
    {
        CeremonyId = ceremony, Position = position, HolderId = holder, Key = key.ToString(), Fingerprint = key.Origin.MasterFingerprint.ToString(), Path = key.PathText, Device = device, GivenAt = at,
    };

    internal sealed class Mapping : IMoneyMapping<CeremonyKey>
    {
        public void Configure(EntityTypeBuilder<CeremonyKey> builder)
        {
            builder.ToTable("ceremony_keys");
            builder.HasKey(k => new { k.CeremonyId, k.Position });
            builder.Property(k => k.Key).HasMaxLength(1000);
            builder.Property(k => k.Fingerprint).HasMaxLength(8);
            builder.Property(k => k.Path).HasMaxLength(800);
            builder.Property(k => k.ConfirmedSha256).HasMaxLength(64);
            // One person, one key: k of n is of people.
            builder.HasIndex(k => new { k.CeremonyId, k.HolderId }).IsUnique();
            builder.HasIndex(k => new { k.CeremonyId, k.Fingerprint }).IsUnique();
            builder.HasOne<Ceremony>().WithMany().HasForeignKey(k => k.CeremonyId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
