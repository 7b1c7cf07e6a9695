using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Tests.Verify;

public sealed class CoinTableTests
{
    [Theory]
    [InlineData(1, 300, 40_000)]
    [InlineData(2, 9_000, 60_000)]
    [InlineData(3, 40_000, 120_000)]
    public void It_answers_as_a_dictionary_does_whatever_is_booked_and_taken_back(int seed, int coins, int acts)
    {
        var random = new Random(seed);
        var (table, reference) = (new CoinTable(), new Dictionary<(TreeHash, long), BookedCoin>());
        for (var act = 0; act < acts; act++)
        {
            var number = random.Next(coins);
            // Two outputs of each transaction, so that the same hash stands for two coins.
            var (txid, vout) = (new TreeHash(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number / 2))), number % 2 * 5_000_000_000L);
            var coin = new BookedCoin(1 + act, act, act, act, act % 2, act % 3 == 0);
            switch (random.Next(5))
            {
                case 0:
                    Assert.Equal(reference.Remove((txid, vout), out var was) ? was : null, table.Remove(txid, vout));
                    break;
                case 1:
                    Assert.Equal(reference.TryGetValue((txid, vout), out var found) ? found : null, table.Find(txid, vout));
                    break;
                default:
                    Assert.Equal(reference.TryAdd((txid, vout), coin), table.TryAdd(txid, vout, coin));
                    break;
            }

            Assert.Equal(reference.Count, table.Count);
        }

        Assert.Equal(reference.Select(r => (r.Key.Item1, r.Key.Item2, r.Value)).ToHashSet(), table.All.ToHashSet());
        Assert.All(reference, known => Assert.Equal(known.Value, table.Find(known.Key.Item1, known.Key.Item2)));
    }
}
