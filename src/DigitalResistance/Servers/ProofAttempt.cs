using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>The ways to prove control of a server.</summary>
public enum ProofWay
{
    /// <summary>Credentials that we chose, installed by the owner; the only way that also works over Tor.</summary>
    InProtocol,

    /// <summary>The server calls us with a token from its own address.</summary>
    CallHome,

    /// <summary>A token at a random path of a web server on the same address.</summary>
    HttpToken,

    /// <summary>A TXT record at a random label below the server's name, which the address must lead back to.</summary>
    DnsRecord,
}

/// <summary>What we found where a proof was expected.</summary>
public enum ProofFinding
{
    /// <summary>It was there.</summary>
    Shown,

    /// <summary>The server refuses the minted credentials.</summary>
    MintedRefused,

    /// <summary>The server accepts credentials that nobody was given.</summary>
    AcceptsAnything,

    /// <summary>The server could not be reached, or spoke no sense; <see cref="ProofAttempt.Failure"/> says more.</summary>
    Unreachable,

    /// <summary>The protocol knows no credentials.</summary>
    NotSupported,

    /// <summary>The web server answered with another status than 200: <see cref="ProofAttempt.Number"/>.</summary>
    OtherStatus,

    /// <summary>The web server served something else: <see cref="ProofAttempt.Number"/> bytes.</summary>
    OtherContent,

    /// <summary>There is no such TXT record.</summary>
    NoRecord,

    /// <summary>There are <see cref="ProofAttempt.Number"/> TXT records, and none has the value.</summary>
    OtherRecord,

    /// <summary>A server that is given by address has no name to put a record below.</summary>
    NoName,

    /// <summary>The address does not lead back to the name (PTR record).</summary>
    NoReverseName,

    /// <summary>The call came from another address than the server's.</summary>
    OtherSource,

    /// <summary>The call came through Tor or from this machine, where the source address says nothing.</summary>
    HiddenSource,

    /// <summary>The server's name leads nowhere, or to where nobody may be probed; <see cref="ProofAttempt.Failure"/> says more.</summary>
    NameFailed,

    /// <summary>The machine asked to be left alone, so nothing was sent; a call home from it takes that back.</summary>
    OptedOut,
}

/// <summary>The last attempt of each way, for the owner's page: what was expected is known, this is what was found.</summary>
public sealed class ProofAttempt
{
    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The way.</summary>
    public required ProofWay Way { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>What was found.</summary>
    public required ProofFinding Finding { get; set; }

    /// <summary>The published failure, where there was one.</summary>
    public string? Failure { get; set; }

    /// <summary>A status, a length or a count, where the finding has one.</summary>
    public int? Number { get; set; }

    internal sealed class Mapping : IMoneyMapping<ProofAttempt>
    {
        public void Configure(EntityTypeBuilder<ProofAttempt> builder)
        {
            builder.ToTable("proof_attempts");
            builder.HasKey(a => new { a.ServerId, a.Way });
            builder.Property(a => a.Failure).HasMaxLength(40);
            builder.HasOne<Server>().WithMany().HasForeignKey(a => a.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
