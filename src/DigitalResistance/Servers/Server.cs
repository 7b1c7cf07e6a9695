using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>
/// One registered proxy endpoint. Its host, port and settings are sealed with a key of its own that lies outside the database
/// and its backup (<see cref="ServerKeys"/>): destroying that key is deleting the server.
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

    /// <summary>A sealed <see cref="ServerEndpoint"/>; empty once retired.</summary>
    public required byte[] SealedEndpoint { get; set; }

    /// <summary>A sealed <see cref="ControlChallenge"/>: what the owner must show to prove control; empty once retired.</summary>
    public required byte[] SealedChallenge { get; set; }

    /// <summary>When the challenge was made; it is valid for a limited time.</summary>
    public required DateTimeOffset ChallengedAt { get; set; }

    /// <summary>
    /// The server whose new place this is (<see cref="ServerMoves"/>): it is proven like any other, is never listed, and ends by arriving there.
    /// Null for a server of its own.
    /// </summary>
    public Guid? MovesFrom { get; init; }

    /// <summary>Where the server is in its life.</summary>
    public ServerState State { get; set; } = ServerState.Unproven;

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>When control was first proven: tenure counts from here, also over a change of address (censors force moves).</summary>
    public DateTimeOffset? FirstProvenAt { get; set; }

    /// <summary>When control was last proven.</summary>
    public DateTimeOffset? ProvenAt { get; set; }

    /// <summary>When it was retired; its key is destroyed right after.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    /// <summary>When its key was destroyed.</summary>
    public DateTimeOffset? KeyDestroyedAt { get; set; }

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
            builder.HasOne<Server>().WithMany().HasForeignKey(s => s.MovesFrom).OnDelete(DeleteBehavior.Restrict);
            // One move of a server at a time.
            builder.HasIndex(s => s.MovesFrom).IsUnique().HasFilter("state <> 'Retired'").HasDatabaseName("ix_servers_moving");
            builder.HasIndex(s => s.OwnerId);
            builder.HasIndex(s => s.State);
        }
    }
}

/// <summary>The life of a server.</summary>
public enum ServerState
{
    /// <summary>Registered; at most a few small probes a day until control is proven.</summary>
    Unproven,

    /// <summary>Control is proven, but another server still holds the address: it passes over unless its holder proves it again.</summary>
    Contesting,

    /// <summary>Control is proven and the address is held; probed in every slot.</summary>
    Proven,

    /// <summary>Taken out by its owner for ever.</summary>
    Retired,
}
