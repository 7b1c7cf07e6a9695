using DigitalResistance.Review;
using NBitcoin;

namespace DigitalResistance.Tests.Review;

/// <summary>Letters stand where two or more operators share a thing, and say nothing else.</summary>
public sealed class OperatorGroupsTests
{
    private static readonly Guid Ada = Guid.NewGuid(), Bob = Guid.NewGuid(), Cleo = Guid.NewGuid(), Dan = Guid.NewGuid();
    private static readonly Dictionary<Guid, string> Tokens = new() { [Ada] = "d", [Bob] = "c", [Cleo] = "b", [Dan] = "a" };

    [Fact]
    public void A_letter_stands_where_several_operators_share_a_thing_and_not_where_one_has_it_twice()
    {
        var groups = OperatorGroups.Of(
            Tokens,
            [
                new(Ada, "socks5", 1) { Networks = [1, 2], Asns = [9] }, new(Ada, "socks5", 1) { Networks = [1] }, new(Bob, "socks5", 1) { Networks = [2], Asns = [9], Secrets = [4] },
                new(Cleo, "http", 1) { Networks = [3], Asns = [9], Secrets = [4] }, new(Dan, "http", 1) { Networks = [3] },
            ],
            []);
        Assert.Equal(["Network 1 a,b", "Network 2 c,d", "Asn 1 b,c,d", "Secret 1 b,c"], groups.Select(Text));
    }

    [Fact]
    public void Servers_that_are_entered_by_one_address_and_left_by_another_are_one_machine_with_both()
    {
        var groups = OperatorGroups.Of(Tokens, [new(Ada, "socks5", 1) { Machines = [1, 2] }, new(Bob, "socks5", 1) { Machines = [2, 3] }, new(Cleo, "socks5", 1) { Machines = [3] }, new(Dan, "socks5", 1)], []);
        Assert.Equal(["Machine 1 b,c,d"], groups.Select(Text));
    }

    [Fact]
    public void Who_takes_no_part_has_no_letter_and_gives_none() =>
        Assert.Empty(OperatorGroups.Of(Tokens, [new(Ada, "socks5", 1) { Machines = [1] }, new(Guid.NewGuid(), "socks5", 1) { Machines = [1] }], [(Ada, 5), (Guid.NewGuid(), 5)]));

    [Fact]
    public void Two_things_that_the_same_operators_share_are_one_letter() =>
        Assert.Equal(["Secret 1 c,d"], OperatorGroups.Of(Tokens, [new(Ada, "socks5", 1) { Secrets = [1, 2] }, new(Bob, "socks5", 1) { Secrets = [2, 1] }], []).Select(Text));

    [Fact]
    public void Outages_in_step_make_a_letter_of_their_own()
    {
        var outages = new FailedSlots([1, 2, 3, 4, 20, 21, 22, 23, 40, 41, 42, 43]);
        Assert.Equal(["Outages 1 b,d"], OperatorGroups.Of(Tokens, [new(Ada, "socks5", 1) { Outages = outages }, new(Ada, "socks5", 1) { Outages = outages }, new(Bob, "socks5", 1), new(Cleo, "socks5", 1) { Outages = outages }], []).Select(Text));
    }

    [Fact]
    public void Legacy_and_segwit_addresses_of_one_key_are_one_and_others_are_not()
    {
        // BIP-173's key in its three spellings, and a taproot address.
        var key = new WitKeyId(Convert.FromHexString("751e76e8199196d454941c45d1b3a323f1433bd6"));
        string[] one = [key.GetAddress(Network.RegTest).ToString(), key.AsKeyId().GetAddress(Network.RegTest).ToString(), key.ScriptPubKey.Hash.GetAddress(Network.RegTest).ToString()];
        Assert.Equal(3, one.Distinct().Count());
        Assert.Single(one.Select(a => PayoutKeys.Of(a, Network.RegTest)).Distinct());
        string[] others = [new WitKeyId(new byte[20]).GetAddress(Network.RegTest).ToString(), "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry", "no address", one[0]];
        Assert.Equal(4, others.Select(a => PayoutKeys.Of(a, Network.RegTest)).Distinct().Count());
        Assert.Equal(["Address 1 c,d"], OperatorGroups.Of(Tokens, [], [(Ada, PayoutKeys.Of(one[0], Network.RegTest)), (Bob, PayoutKeys.Of(one[2], Network.RegTest)), (Cleo, 3)]).Select(Text));
    }

    [Theory]
    [InlineData(1, "A")]
    [InlineData(26, "Z")]
    [InlineData(27, "AA")]
    [InlineData(703, "AAA")]
    public void Numbers_are_written_as_letters(int number, string letter) => Assert.Equal(letter, OperatorGroup.Letter(number));

    private static string Text(OperatorGroup group) => $"{group.Kind} {group.Number} {string.Join(',', group.Tokens)}";
}
