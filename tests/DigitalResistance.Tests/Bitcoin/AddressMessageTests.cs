using NBitcoin;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>What a person is told who pastes something that is no address of the network.</summary>
public sealed class AddressMessageTests
{
    private const string Good = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    public AddressMessageTests() => StandIn.Only("its messages say less");

    [Theory]
    [InlineData("", "The address is empty.")]
    [InlineData(" bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "There is a blank at position 1.")]
    [InlineData("bcrt1qw508d6qejxtdg4y5r3zar vary0c5xw7kygt080", "There is a blank at position 28.")]
    [InlineData("bcrt1qw508d6qejxtdg4y5r3zarVary0c5xw7kygt080", "Capital and small letters are mixed (positions 1 and 28).")]
    [InlineData("bcrt1qw508d6qejxtdg4y5r3zarbary0c5xw7kygt080", "The character at position 28 is not used in bech32.")]
    [InlineData("bcrt1qw508d6qejxtdg4y5r3zarwary0c5xw7kygt080", "The checksum does not fit: the character at position 28 is probably wrong.")]
    [InlineData("bcrt1qw508d6qejxtdg4y5r3zarvaty0c5xw7kygt082", "The checksum does not fit: the characters at positions 30 and 44 are probably wrong.")]
    [InlineData("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "This is an address of Main; an address of RegTest is expected.")]
    [InlineData("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "This is an address of TestNet or TestNet4 or signet; an address of RegTest is expected.")]
    [InlineData("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "This is an address of Main; an address of RegTest is expected.")]
    [InlineData("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "The checksum does not fit: a character is wrong, missing or swapped.")]
    [InlineData("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNV0O", "The character at position 33 is not used in base58.")]
    [InlineData("https://example.org/", "The character at position 6 is not used in base58.")]
    public void The_message_says_what_is_wrong_and_where(string text, string message) =>
        Assert.Equal(message, Assert.IsType<FormatException>(Record.Exception(() => BitcoinAddress.Create(text, Network.RegTest)), exactMatch: false).Message);

    [Fact]
    public void Private_keys_are_recognised_and_never_repeated()
    {
        // Keys from documentation, known to everybody.
        foreach (var text in new[] { "KwntMbt59tTsj8xqpqYqRRWufyjGunvhSyeMo3NTYpFYzZbXJ5Hp", "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi" })
        {
            var message = Assert.Throws<FormatException>(() => BitcoinAddress.Create(text, Network.Main)).Message;
            Assert.Contains("private key", message, StringComparison.Ordinal);
            Assert.DoesNotContain(text[..8], message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_single_slip_in_an_address_is_found_where_it_is()
    {
        const string letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        for (var at = 5; at < Good.Length; at++)
        {
            foreach (var letter in letters.Where(l => l != Good[at]))
            {
                var refused = Assert.Throws<Bech32FormatException>(() => BitcoinAddress.Create(Good[..at] + letter + Good[(at + 1)..], Network.RegTest));
                // A slip in the version also changes which checksum is meant; then it may not be located.
                if (at > 5) Assert.Equal([at], refused.ErrorIndexes);
            }
        }
    }

    [Fact]
    public void A_key_that_is_no_point_cannot_be_paid_to() =>
        Assert.Contains("nobody could ever spend", Assert.Throws<FormatException>(() => BitcoinAddress.Create("bc1p7ymwj4j5qxtuy8lncp6ax2nw8jp0rms7v3kvpuy02xcttmd05a3qmwlnez", Network.Main)).Message, StringComparison.Ordinal);
}
