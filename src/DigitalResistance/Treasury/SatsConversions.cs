using DigitalResistance.Platform;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>The one way between our amounts and NBitcoin's: both hold whole satoshi.</summary>
internal static class SatsConversions
{
    public static Sats ToSats(this Money money) => new(money.Satoshi);

    public static Money ToMoney(this Sats sats) => Money.Satoshis(sats.Value);
}
