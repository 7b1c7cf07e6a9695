using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>
/// A machine that asked to be left alone, by a call from its own address (docs/decisions/0014). While the row stands nothing of ours contacts
/// the machine, at any port. It goes when a server's owner calls home from there with the server's token.
/// </summary>
public sealed class OptOut
{
    /// <summary>Keyed tag of the machine's address (<see cref="KeyedTags.Machine"/>), never the address.</summary>
    public required byte[] Machine { get; init; }

    /// <summary>When it last asked.</summary>
    public required DateTimeOffset At { get; set; }

    internal sealed class Mapping : IMoneyMapping<OptOut>
    {
        public void Configure(EntityTypeBuilder<OptOut> builder)
        {
            builder.ToTable("opt_outs");
            builder.HasKey(o => o.Machine);
            builder.Property(o => o.Machine).HasMaxLength(16);
        }
    }
}
