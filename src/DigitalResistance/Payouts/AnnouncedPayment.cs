using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>A transaction as the public log announced it, before anybody could sign it.</summary>
/// <param name="Entry">The entry that says so.</param>
/// <param name="Name">Round, batch, version and txid.</param>
/// <param name="CheckpointSize">Size of the checkpoint that it commits to.</param>
/// <param name="PsbtSha256">SHA-256 of the PSBT as it was downloaded.</param>
/// <param name="Inputs">Every coin that it spends.</param>
/// <param name="InputSum">Their sum.</param>
/// <param name="Paid">Sum of its payments.</param>
/// <param name="Fee">Its fee.</param>
/// <param name="Recipients">Number of its payments.</param>
/// <param name="At">When it was announced.</param>
internal sealed record AnnouncedPayment(
    LedgerEntry Entry, BatchTransactionName Name, long CheckpointSize, string PsbtSha256, IReadOnlyList<OutPoint> Inputs, Sats InputSum, Sats Paid, Sats Fee, int Recipients, DateTimeOffset At)
{
    /// <summary>What comes back to the treasury.</summary>
    public Sats Change => InputSum - Paid - Fee;

    public static AnnouncedPayment Of(LedgerEntry entry)
    {
        var said = CanonicalObject.Parse(entry.Bytes);
        return new AnnouncedPayment(
            entry, ToldPayments.NameOf(said), said.Integer("checkpoint_size"), said.Text("psbt")["sha256:".Length..], [.. said.Texts("inputs").Select(Outpoint)], new Sats(said.Integer("inputs_sat")),
            new Sats(said.Integer("paid_sat")), new Sats(said.Integer("fee_sat")), (int)said.Integer("recipients"), ToldPayments.TimeOf(said));
    }

    private static OutPoint Outpoint(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new OutPoint(uint256.Parse(text[..colon]), uint.Parse(text.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture));
    }
}
