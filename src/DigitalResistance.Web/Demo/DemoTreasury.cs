using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Web.Demo;

/// <summary>The treasurer adopts the three key holders' descriptor, and donors give.</summary>
internal sealed class DemoTreasury(DemoWorld world, SandboxChain chain, TreasuryAdoption adoption, DonationOpening donations, DonationReceipts receipts)
{
    /// <summary>Adopts the treasury.</summary>
    public async Task AdoptAsync(CancellationToken cancellation)
    {
        chain.Mine();
        Expect.That<AdoptionResult.Adopted>(await adoption.AdoptAsync(world.Descriptor, startHeight: null, cancellation));
    }

    /// <summary>A donor asks for an address and pays to it; the next block holds the payment. Returns the token of the receipt.</summary>
    public async Task<string> DonateAsync(Sats amount, CancellationToken cancellation)
    {
        var opened = Expect.That<DonationResult.Opened>(await donations.OpenAsync(DonationOpening.NewToken(), cancellation));
        var receipt = await receipts.FindAsync(opened.Token, cancellation);
        chain.Pay(BitcoinAddress.Create(receipt!.Address, Network.RegTest).ScriptPubKey, amount);
        return opened.Token;
    }

    /// <summary>Whether the ledger counts what came to a receipt.</summary>
    public async Task<bool> IsBookedAsync(string token, CancellationToken cancellation) =>
        await receipts.FindAsync(token, cancellation) is { Payments: [{ IsBooked: true }, ..] };
}
