using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>Something an operator should know, shown in the inbox on his pages. There is no e-mail to send it to.</summary>
public sealed class Notice
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Whose it is.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>What happened; the page has the words.</summary>
    public required NoticeKind Kind { get; init; }

    /// <summary>The server concerned.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Until when something should be done, where something should.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When the owner put it away; null while it is new.</summary>
    public DateTimeOffset? ReadAt { get; set; }

    internal sealed class Mapping : IMoneyMapping<Notice>
    {
        public void Configure(EntityTypeBuilder<Notice> builder)
        {
            builder.ToTable("notices");
            builder.HasIndex(n => new { n.AccountId, n.At });
        }
    }
}

/// <summary>The kinds of notice.</summary>
public enum NoticeKind
{
    /// <summary>Somebody else proved control of the server's address; prove it again until <see cref="Notice.DueAt"/> or lose it.</summary>
    AddressContested,

    /// <summary>The address passed to the server that proved it later; this one is unproven now.</summary>
    AddressLost,

    /// <summary>The contested address is this server's now.</summary>
    AddressWon,

    /// <summary>The holder of the contested address proved it again; this server does not get it.</summary>
    AddressKeptByHolder,

    /// <summary>The server's name leads to another address than the proven one; prove control of that one.</summary>
    AddressMoved,

    /// <summary>A call from the server's machine asked to be left alone; a call home from there takes that back.</summary>
    MachineOptedOut,
}
