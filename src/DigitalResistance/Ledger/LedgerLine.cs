using System.Globalization;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Ledger;

/// <summary>
/// What pages, exports and feeds show of an entry. Made from the published bytes alone, column by column: nothing private can get in,
/// because nothing private is read.
/// </summary>
public sealed class LedgerLine
{
    /// <summary>Place in the log.</summary>
    public required long Index { get; init; }

    /// <summary>Day of the entry, UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Type of the entry, as <c>donation.confirmed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What the entry is about.</summary>
    public required LedgerKind Kind { get; init; }

    /// <summary>What the treasury's confirmed coins gained or lost by it; zero for most types.</summary>
    public required Sats Change { get; init; }

    /// <summary>The treasury's confirmed coins after it.</summary>
    public required Sats Balance { get; init; }

    /// <summary>The amount the entry speaks of, where it speaks of one; a budget or a grant moves nothing yet.</summary>
    public Sats? Amount { get; init; }

    /// <summary>The fee, where it speaks of one.</summary>
    public Sats? Fee { get; init; }

    /// <summary>The round.</summary>
    public int? Round { get; init; }

    /// <summary>The move of the treasury's money.</summary>
    public int? Move { get; init; }

    /// <summary>An operator's name in that round.</summary>
    public string? Token { get; init; }

    /// <summary>That operator's weight.</summary>
    public long? Weight { get; init; }

    /// <summary>A transaction.</summary>
    public string? Txid { get; init; }

    /// <summary>What an entry changes in the treasury, and why: the whole arithmetic of the running balance.</summary>
    public static Sats ChangeOf(CanonicalObject entry) => entry.Text("type") switch
    {
        "donation.confirmed" or "treasury.received" => new Sats(entry.Integer("amount_sat")),
        "donation.reverted" or "treasury.reverted" => -new Sats(entry.Integer("amount_sat")),
        "treasury.spent_external" => new Sats(entry.Integer("returned_sat")) - new Sats(entry.Integer("spent_sat")),
        "treasury.spent_reverted" => new Sats(entry.Integer("spent_sat")) - new Sats(entry.Integer("returned_sat")),
        "tx.confirmed" => -(new Sats(entry.Integer("paid_sat")) + new Sats(entry.Integer("fee_sat"))),
        "tx.unconfirmed" => new Sats(entry.Integer("paid_sat")) + new Sats(entry.Integer("fee_sat")),
        _ => Sats.Zero,
    };

    /// <summary>The line of an entry.</summary>
    public static LedgerLine Of(long index, CanonicalObject entry, Sats balanceBefore) => new()
    {
        Index = index,
        Day = DateOnly.ParseExact(entry.Text("time")[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture),
        Type = entry.Text("type"),
        Kind = LedgerKinds.Of(entry.Text("type")),
        Change = ChangeOf(entry),
        Balance = balanceBefore + ChangeOf(entry),
        Amount = AmountOf(entry),
        Fee = entry.Has("fee_sat") ? new Sats(entry.Integer("fee_sat")) : null,
        Round = entry.Has("round") ? checked((int)entry.Integer("round")) : null,
        Move = entry.Has("move") ? checked((int)entry.Integer("move")) : null,
        Token = entry.Has("token") ? entry.Text("token") : null,
        Weight = entry.Has("weight") ? entry.Integer("weight") : null,
        Txid = entry.Has("txid") ? entry.Text("txid") : null,
    };

    private static Sats? AmountOf(CanonicalObject entry)
    {
        if (entry.Has("spent_sat")) return new Sats(entry.Integer("spent_sat")) - new Sats(entry.Integer("returned_sat"));
        foreach (var member in AmountMembers)
            if (entry.Has(member)) return new Sats(entry.Integer(member));
        return null;
    }

    private static readonly string[] AmountMembers = ["amount_sat", "paid_sat", "budget_sat"];

    internal sealed class Mapping : IMoneyMapping<LedgerLine>
    {
        public void Configure(EntityTypeBuilder<LedgerLine> builder)
        {
            builder.ToTable("ledger_lines");
            builder.HasKey(l => l.Index);
            builder.Property(l => l.Index).ValueGeneratedNever();
            builder.Property(l => l.Type).HasMaxLength(40);
            builder.Property(l => l.Token).HasMaxLength(16);
            builder.Property(l => l.Txid).HasMaxLength(64);
            // Every filter of the ledger page is one of these or a range of indexes (LedgerDay), newest first.
            builder.HasIndex(l => new { l.Type, l.Index });
            builder.HasIndex(l => new { l.Kind, l.Index });
            builder.HasIndex(l => new { l.Index, l.Change }).HasFilter("change <> 0").HasDatabaseName("ix_ledger_lines_money");
            builder.HasIndex(l => new { l.Amount, l.Index }).HasFilter("amount IS NOT NULL");
            builder.HasIndex(l => new { l.Round, l.Index });
            builder.HasIndex(l => new { l.Move, l.Index }).HasFilter("move IS NOT NULL");
            builder.HasIndex(l => new { l.Token, l.Index }).HasFilter("token IS NOT NULL");
            builder.HasIndex(l => new { l.Txid, l.Index }).HasFilter("txid IS NOT NULL");
        }
    }
}
