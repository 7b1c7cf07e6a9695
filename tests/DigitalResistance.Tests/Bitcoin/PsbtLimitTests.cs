using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>What a stranger's file can cost: 4 MiB at most, and nothing for what it only announces.</summary>
public sealed class PsbtLimitTests
{
    private const int Largest = 4 * 1024 * 1024;

    public PsbtLimitTests() => StandIn.Only("it reads PSBTs of any size, and allocates what they announce; Payouts looks at the size first");

    [Fact]
    public void Four_MiB_are_read_and_one_byte_more_is_not()
    {
        var psbt = new ToyTreasury("wpkh").Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), new KeyId(new byte[20]).ScriptPubKey));
        byte[] Padded(int length)
        {
            psbt.Unknown[[0xf0]] = new byte[length];
            return psbt.ToBytes();
        }

        var rest = Padded(Largest / 2).Length - (Largest / 2);
        Assert.Equal(Largest, PSBT.Load(Padded(Largest - rest), Network.RegTest).ToBytes().Length);
        var refused = Assert.IsType<FormatException>(Record.Exception(() => PSBT.Load(Padded(Largest - rest + 1), Network.RegTest)), exactMatch: false);
        Assert.Contains("larger than 4 MiB", refused.Message, StringComparison.Ordinal);
        Assert.IsType<FormatException>(Record.Exception(() => PSBT.Parse(psbt.ToBase64(), Network.RegTest)), exactMatch: false);
    }

    [Theory] // Counts of 2^32 − 1 and 2^64 − 1 where a few bytes follow.
    [InlineData("transaction, inputs", "02000000feffffffff0000")]
    [InlineData("transaction, inputs", "02000000ffffffffffffffffff0000")]
    [InlineData("transaction, outputs", "0200000000feffffffff0000")]
    [InlineData("transaction, script", "0200000001000000000000000000000000000000000000000000000000000000000000000000000000feffffff7f00")]
    [InlineData("transaction, items of a witness", "020000000001010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000feffffff7f00")]
    [InlineData("psbt, key", "70736274fffeffffff7f00")]
    [InlineData("psbt, value", "70736274ff0100feffffff7f00")]
    [InlineData("psbt, inputs", "70736274ff01000d02000000feffffffff0000000000")]
    [InlineData("block, transactions", "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000feffffff7f00")]
    public void A_count_that_cannot_be_true_is_refused_before_anything_is_kept_for_it(string what, string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Action read = what[0] switch { 't' => () => Transaction.Load(bytes, Network.RegTest), 'p' => () => PSBT.Load(bytes, Network.RegTest), _ => () => Block.Load(bytes, Network.RegTest) };
        Record.Exception(read);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsType<FormatException>(Record.Exception(read), exactMatch: false);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Theory]
    [InlineData(0, "the global map")]
    [InlineData(1, "input 0")]
    [InlineData(2, "output 0")]
    public void The_same_key_twice_is_refused_in_every_map(int map, string where)
    {
        var psbt = new ToyTreasury("wpkh").Pay(coins: 1, new TxOut(Money.Satoshis(90_000L), new KeyId(new byte[20]).ScriptPubKey));
        // Written last in its map; then once more, with another value.
        psbt.Unknown.Add([0xfa, 1], [2]);
        psbt.Inputs[0].Unknown.Add([0xfa, 1], [2]);
        psbt.Outputs[0].Unknown.Add([0xfa, 1], [2]);
        var hex = psbt.ToHex();
        Assert.Equal(hex, PSBT.Parse(hex, Network.RegTest).ToHex());
        const string field = "02fa010102";
        var at = -1;
        for (var i = 0; i <= map; i++) at = hex.IndexOf(field, at + 1, StringComparison.Ordinal);
        var refused = Assert.IsType<FormatException>(Record.Exception(() => PSBT.Parse(hex.Insert(at, "02fa010103"), Network.RegTest)), exactMatch: false);
        Assert.Contains(where, refused.Message, StringComparison.OrdinalIgnoreCase);
    }
}
