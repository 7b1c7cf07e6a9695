using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>
/// Writes one version of a batch down whole, with the ledger entry that announces it: unsigned transaction, PSBT, sums. The caller saves;
/// nobody has seen anything of it before that.
/// </summary>
internal sealed class BatchVersion(MoneyDb db, AddressBook addresses, SpendableCoins coins, AdoptedTreasury treasury, TimeProvider time)
{
    /// <summary>The first version commits to the checkpoint it was built under, every later one to the same.</summary>
    public async Task<BatchTransaction> WriteAsync(
        Batch batch, int number, IReadOnlyList<PlannedPayment> payments, SelectionResult.Chosen chosen, TreasuryAddress? changeAddress, byte[] commitment, Guid treasurer, CancellationToken cancellation)
    {
        var (now, network, descriptor) = (time.GetUtcNow(), treasury.Descriptor.Network, treasury.Descriptor);
        var spent = await coins.TakeAsync(chosen.Coins, cancellation);
        // A replacement gives its change to the address of its predecessor: one of them will never be paid, and addresses are watched for ever.
        var address = chosen.Change is null ? null : changeAddress ?? await addresses.TakeAsync(Branch.Change, cancellation);
        var changeScript = address is null ? null : descriptor.Derive(Branch.Change, (uint)address.Index);

        var unsigned = PayoutTransaction.Create(spent, payments, changeScript is null ? null : (chosen.Change!.Value, changeScript), commitment, network);
        var psbt = PayoutTransaction.ToPsbt(unsigned, spent, changeScript, coins.DescriptorsOf(spent), network).ToBytes();
        var (txid, hash) = (unsigned.GetHash().ToString(), Convert.ToHexStringLower(SHA256.HashData(psbt)));
        var (inputs, paid) = (Sats.Sum(spent.Select(coin => coin.Amount)), Sats.Sum(payments.Select(payment => payment.Amount)));
        var version = new BatchTransaction
        {
            BatchId = batch.Id, Number = number, Txid = txid, BuiltBy = treasurer, BuiltAt = now, Psbt = psbt, PsbtSha256 = hash, InputSum = inputs, Paid = paid, Fee = chosen.Fee,
            Weight = (int)chosen.Weight, ChangeAddressId = address?.Id,
            Announcement = db.Append(new PsbtCreated(
                new BatchTransactionName(batch.Order, batch.Number, number, txid), batch.CheckpointSize, hash,
                [.. unsigned.Inputs.Select(input => CoinEntry.Outpoint(input.PrevOut.Hash.ToString(), input.PrevOut.N))], inputs, paid, chosen.Fee, payments.Count), now),
        };
        db.Add(version);
        return version;
    }
}
