using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Staff;

/// <summary>An admin's yes to something that waits for several: an invitation, the end of a role, an account's way back. It counts while its giver is an admin.</summary>
public sealed class StaffVote
{
    /// <summary>To what.</summary>
    public required Guid SubjectId { get; init; }

    /// <summary>The admin; never public.</summary>
    public required Guid AdminId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IMoneyMapping<StaffVote>
    {
        public void Configure(EntityTypeBuilder<StaffVote> builder)
        {
            builder.ToTable("staff_votes");
            builder.HasKey(v => new { v.SubjectId, v.AdminId });
        }
    }
}
