using DigitalResistance.Treasury;
using NBitcoin;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Testing.Treasury;

/// <summary>Watch-only treasuries whose private keys are public test keys: worth nothing, on regtest only.</summary>
internal static class TestTreasuries
{
    public const string TwoOfThree =
        "wsh(sortedmulti(2,[4ba43603/48h/1h/0h/2h]tpubDDwf2gdFxFahr9RUtDQCuZmsx34CfdZ7RALAirwC2FGeLBzW1TDiEpqFeRdxLdZD7rfsbZHYwSaT6CLM3TAcYRw6xfRv4U6KCQt4Zuhvjkz/<0;1>/*," +
        "[8dfc9b34/48h/1h/0h/2h]tpubDEXiq2SVhhqALktxfVFgj3C9M3T2G7xL11iezYg2LJAf245YkNyqp2K9TrvHABDCp2232k34UegU4aKEtUZNigit8EEqoLNe2JKMzMiLwYq/<0;1>/*," +
        "[56c4fac3/48h/1h/0h/2h]tpubDEg3kqr2jo5ergkJbFqRHvCpiob7wR7Hi44J7y987G1JZfbzBND77XKTyPZzGvh3uyDf8kexMJnFD9W8FuraJ4wLMsx6YuZVXRSRRcx6QdD/<0;1>/*))";

    public const string OneKey =
        "wpkh([e89702d2/84h/1h/0h]tpubDDk8ga1UFzxaqGmXxgrxjVKMT6y8tPBbvPYmPb2hdX8VDYXn6s7DbGJ6h4KkLwenz9oxJ4Diyn1tmpe9AzXS3VzayAppbaL8MxSwaksfmXo/<0;1>/*)";

    public const string Taproot =
        "tr([e2867bb6/86h/1h/0h]tpubDDo5e918Y3YDz7Knv4EszbbUufUTY5cJgv1RHA8MjpCJFtLCR6AKZjykXEDMZR5Uf1oXuthEY2H1bpuRD4RzoMtSKUaaBHGwqGNSJx4bR11/<0;1>/*)";

    public static Descriptor Parse(string text) => Descriptor.Parse(text, Network.RegTest);

    public static string Address(this Descriptor descriptor, Branch branch, uint index) =>
        descriptor.Derive(branch, index).ScriptPubKey.GetDestinationAddress(descriptor.Network)!.ToString();

    /// <summary>A test network's key with the letters that say: one of several, native segwit.</summary>
    public static string Vpub(string key)
    {
        var data = Encoders.Base58Check.DecodeData(key);
        new byte[] { 0x02, 0x57, 0x54, 0x83 }.CopyTo(data, 0);
        return Encoders.Base58Check.EncodeData(data);
    }
}
