using System.Globalization;
using DigitalResistance.Platform;

namespace DigitalResistance.Ledger;

// What the log says about the treasury's coins. Together with the payouts' entries their amounts add up to the confirmed coins of the
// treasury, to the satoshi: that sum is the running balance of the ledger page.

/// <summary>The treasury's watch-only descriptor, the first one or a new one.</summary>
/// <param name="Network"><c>bitcoin</c>, <c>testnet</c>, <c>testnet4</c>, <c>signet</c> or <c>regtest</c>.</param>
/// <param name="DescriptorSha256">SHA-256 of the descriptor's text with its checksum.</param>
/// <param name="Descriptor">The text itself; null where the deployer keeps it private, and then nobody can derive the addresses.</param>
public sealed record TreasuryRotated(string Network, string DescriptorSha256, string? Descriptor) : Entry
{
    /// <inheritdoc/>
    public override string Type => "treasury.rotated";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => Descriptor is null
        ? [("network", Network), ("descriptor_hash", Hash(DescriptorSha256))]
        : [("network", Network), ("descriptor_hash", Hash(DescriptorSha256)), ("descriptor", Descriptor)];
}

/// <summary>Every holder of a key compared the descriptor's addresses with those of the own device, and said that they are the same.</summary>
/// <param name="DescriptorSha256">SHA-256 of the descriptor's text with its checksum.</param>
/// <param name="Threshold">How many of them must sign.</param>
/// <param name="Fingerprints">Fingerprints of their master keys, in the descriptor's order: whose they are is not said.</param>
public sealed record TreasuryConfirmed(string DescriptorSha256, int Threshold, IReadOnlyList<string> Fingerprints) : Entry
{
    /// <inheritdoc/>
    public override string Type => "treasury.confirmed";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("descriptor_hash", Hash(DescriptorSha256)), ("threshold", Threshold), ("fingerprints", Fingerprints)];
}

/// <summary>
/// These keys signed a payment of the treasury to itself, by the way that every payment goes; it is final. Whoever has a node reads their signatures in it.
/// </summary>
/// <param name="DescriptorSha256">The treasury.</param>
/// <param name="Move">The move that was the rehearsal.</param>
/// <param name="Txid">Its transaction.</param>
/// <param name="Amount">What came back.</param>
/// <param name="Fee">What it cost.</param>
/// <param name="Fingerprints">Fingerprints of the master keys that signed, in the descriptor's order.</param>
public sealed record TreasuryRehearsed(string DescriptorSha256, int Move, string Txid, Sats Amount, Sats Fee, IReadOnlyList<string> Fingerprints) : Entry
{
    /// <inheritdoc/>
    public override string Type => "treasury.rehearsed";

    /// <inheritdoc/>
    public override int? MoveNumber => Move;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members =>
        [("descriptor_hash", Hash(DescriptorSha256)), ("move", Move), ("txid", Txid), ("amount_sat", Amount.Value), ("fee_sat", Fee.Value), ("fingerprints", Fingerprints)];
}

/// <summary>A coin arrived at an address that was given to a donor, and is deep enough.</summary>
/// <param name="Amount">Its value.</param>
/// <param name="Txid">Its transaction.</param>
/// <param name="Vout">Its output.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="AddressIndex">Index of the address in the descriptor's receiving branch, so that anybody can derive it.</param>
public sealed record DonationConfirmed(Sats Amount, string Txid, long Vout, int Height, long AddressIndex) : CoinEntry(Amount, Txid, Vout)
{
    /// <inheritdoc/>
    public override string Type => "donation.confirmed";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Place => [("height", Height), ("address_index", AddressIndex)];
}

/// <summary>A confirmed donation is no longer in the best chain; it may come back by a new <see cref="DonationConfirmed"/>.</summary>
/// <param name="Amount">What the confirmation had said.</param>
/// <param name="Txid">Its transaction.</param>
/// <param name="Vout">Its output.</param>
public sealed record DonationReverted(Sats Amount, string Txid, long Vout) : CoinEntry(Amount, Txid, Vout)
{
    /// <inheritdoc/>
    public override string Type => "donation.reverted";
}

/// <summary>A coin arrived at an address of the treasury that was given to nobody, and is not change of ours.</summary>
/// <param name="Amount">Its value.</param>
/// <param name="Txid">Its transaction.</param>
/// <param name="Vout">Its output.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="Branch">0 for receiving, 1 for change addresses of the descriptor.</param>
/// <param name="AddressIndex">Index of the address in that branch.</param>
public sealed record TreasuryReceived(Sats Amount, string Txid, long Vout, int Height, int Branch, long AddressIndex) : CoinEntry(Amount, Txid, Vout)
{
    /// <inheritdoc/>
    public override string Type => "treasury.received";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Place => [("height", Height), ("branch", Branch), ("address_index", AddressIndex)];
}

/// <summary>A coin of <see cref="TreasuryReceived"/> is no longer in the best chain.</summary>
/// <param name="Amount">What the other entry had said.</param>
/// <param name="Txid">Its transaction.</param>
/// <param name="Vout">Its output.</param>
public sealed record TreasuryReverted(Sats Amount, string Txid, long Vout) : CoinEntry(Amount, Txid, Vout)
{
    /// <inheritdoc/>
    public override string Type => "treasury.reverted";
}

/// <summary>
/// A coin that the best chain no longer has can never come back: a final transaction spends <paramref name="InputTxid"/>:<paramref name="InputVout"/>, which the
/// coin's own transaction spends too, or one that it comes from.
/// </summary>
/// <param name="Amount">Its value.</param>
/// <param name="Txid">Its transaction.</param>
/// <param name="Vout">Its output.</param>
/// <param name="InputTxid">The coin that two transactions wanted: its transaction.</param>
/// <param name="InputVout">The coin that two transactions wanted: its output.</param>
/// <param name="By">The transaction that got it.</param>
/// <param name="Height">Height of that one's block.</param>
public sealed record TreasuryCoinLost(Sats Amount, string Txid, long Vout, string InputTxid, long InputVout, string By, int Height) : CoinEntry(Amount, Txid, Vout)
{
    /// <inheritdoc/>
    public override string Type => "treasury.coin_lost";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Place => [("input_txid", InputTxid), ("input_vout", InputVout), ("by", By), ("height", Height)];
}

/// <summary>Coins of the treasury were spent by a transaction that this service did not build. The treasury has less by what did not come back.</summary>
/// <param name="Spent">Sum of the treasury's coins it spent.</param>
/// <param name="Returned">What it paid back to the treasury's addresses; more than was spent where others paid in the same transaction.</param>
/// <param name="Txid">The transaction.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="Inputs">The treasury's coins it spent.</param>
/// <param name="Reason">Why, in a word of a fixed vocabulary.</param>
/// <param name="SignedIn">How many admins, signed in with a fresh second factor, gave that reason.</param>
public sealed record TreasurySpentExternal(Sats Spent, Sats Returned, string Txid, int Height, IReadOnlyList<string> Inputs, string Reason, int SignedIn) : Entry
{
    /// <inheritdoc/>
    public override string Type => "treasury.spent_external";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members =>
    [
        ("spent_sat", Spent.Value), ("returned_sat", Returned.Value), ("txid", Txid), ("height", Height), ("inputs", Inputs), ("reason", Reason), ("signed_in", SignedIn),
    ];
}

/// <summary>A transaction of <see cref="TreasurySpentExternal"/> is no longer in the best chain.</summary>
/// <param name="Spent">What the other entry had said.</param>
/// <param name="Returned">What the other entry had said.</param>
/// <param name="Txid">The transaction.</param>
public sealed record TreasurySpentReverted(Sats Spent, Sats Returned, string Txid) : Entry
{
    /// <inheritdoc/>
    public override string Type => "treasury.spent_reverted";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("spent_sat", Spent.Value), ("returned_sat", Returned.Value), ("txid", Txid)];
}

/// <summary>An entry about one coin. Its time is cut to the day: the chain tells the block, nothing else need be told.</summary>
/// <param name="Amount">The coin's value.</param>
/// <param name="Txid">Its transaction, as explorers print it.</param>
/// <param name="Vout">Its output.</param>
public abstract record CoinEntry(Sats Amount, string Txid, long Vout) : Entry
{
    /// <inheritdoc/>
    protected sealed override bool DayOnly => true;

    /// <summary>Members besides amount and outpoint.</summary>
    protected virtual IEnumerable<(string Name, object Value)> Place => [];

    /// <inheritdoc/>
    protected sealed override IEnumerable<(string Name, object Value)> Members => [("amount_sat", Amount.Value), ("txid", Txid), ("vout", Vout), .. Place];

    /// <summary>An outpoint as the log writes it.</summary>
    public static string Outpoint(string txid, long vout) => string.Create(CultureInfo.InvariantCulture, $"{txid}:{vout}");
}
