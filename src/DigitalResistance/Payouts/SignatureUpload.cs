using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Payouts;

/// <summary>What a treasurer uploaded, byte for byte: evidence that survives every mistake of ours in reading it.</summary>
public sealed class SignatureUpload
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The version of the batch it was uploaded for.</summary>
    public required Guid TransactionId { get; init; }

    /// <summary>SHA-256 of <see cref="Bytes"/>; the same upload twice is one upload.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>The upload.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>The treasurer.</summary>
    public required Guid UploadedBy { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<SignatureUpload>
    {
        public void Configure(EntityTypeBuilder<SignatureUpload> builder)
        {
            builder.ToTable("signature_uploads");
            builder.Property(u => u.Sha256).HasMaxLength(32);
            builder.HasIndex(u => new { u.TransactionId, u.Sha256 }).IsUnique();
            builder.HasOne<BatchTransaction>().WithMany().HasForeignKey(u => u.TransactionId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>One signature that was verified against our own transaction, coin and script.</summary>
public sealed class BatchSignature
{
    /// <summary>Row id.</summary>
    public long Id { get; init; }

    /// <summary>The version of the batch.</summary>
    public required Guid TransactionId { get; init; }

    /// <summary>The input it signs.</summary>
    public required int InputIndex { get; init; }

    /// <summary>The public key it verifies with.</summary>
    public required byte[] PubKey { get; init; }

    /// <summary>Master fingerprint of that key's signer, eight hexadecimal digits: what the page calls the signer.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The signature as the witness holds it, sighash byte included.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>The upload that brought it.</summary>
    public required Guid UploadId { get; init; }

    internal sealed class Mapping : IMoneyMapping<BatchSignature>
    {
        public void Configure(EntityTypeBuilder<BatchSignature> builder)
        {
            builder.ToTable("batch_signatures");
            builder.Property(s => s.PubKey).HasMaxLength(33);
            builder.Property(s => s.Fingerprint).HasMaxLength(8);
            builder.Property(s => s.Signature).HasMaxLength(73);
            builder.HasIndex(s => new { s.TransactionId, s.InputIndex, s.PubKey }).IsUnique();
            builder.HasOne<BatchTransaction>().WithMany().HasForeignKey(s => s.TransactionId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<SignatureUpload>().WithMany().HasForeignKey(s => s.UploadId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
