using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>
/// One registered proxy endpoint. Its host, port and settings are sealed with a key of its own that lies outside the database
/// and its backup (<see cref="SealedEndpoint"/>): destroying that key is deleting the server.
/// </summary>
public sealed class Server
{
    /// <summary>Random identity, never shown to anybody but the owner.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The operator.</summary>
    public required Guid OwnerId { get; init; }

    /// <summary>Permanent id of the protocol in the prober's catalogue, as <c>socks5</c>.</summary>
    public required string Protocol { get; set; }

    /// <summary>What the owner calls it; shown to the owner only.</summary>
    public required string Label { get; set; }

    /// <summary>Host, port and settings as canonical JSON, encrypted and authenticated with the server's key.</summary>
    public required byte[] SealedEndpoint { get; set; }

    /// <summary>Keyed HMAC of the resolved endpoint; set, and so reserved, only by a proof of control.</summary>
    public byte[]? EndpointTag { get; set; }

    /// <summary>Where the server is in its life.</summary>
    public ServerState State { get; set; } = ServerState.Unproven;

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>When control was last proven; scored probes start only then.</summary>
    public DateTimeOffset? ProvenAt { get; set; }

    /// <summary>When it was retired; its key is destroyed at the same time.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    /// <summary>Raised by every change: the optimistic concurrency token.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<Server>
    {
        public void Configure(EntityTypeBuilder<Server> builder)
        {
            builder.ToTable("servers");
            builder.Property(s => s.Protocol).HasMaxLength(40);
            builder.Property(s => s.Label).HasMaxLength(80);
            builder.Property(s => s.Version).IsConcurrencyToken();
            builder.HasIndex(s => s.OwnerId);
            builder.HasIndex(s => s.State);
            // A proven address belongs to one live server; before the proof nothing is reserved and nothing can be learnt.
            builder.HasIndex(s => s.EndpointTag).IsUnique().HasFilter("endpoint_tag IS NOT NULL AND state = 'Proven'");
        }
    }
}

/// <summary>The life of a server.</summary>
public enum ServerState
{
    /// <summary>Registered; at most a few small probes a day until control is proven.</summary>
    Unproven,

    /// <summary>Control is proven; probed in every slot.</summary>
    Proven,

    /// <summary>Taken out by its owner, or its address was proven by somebody else.</summary>
    Retired,
}
