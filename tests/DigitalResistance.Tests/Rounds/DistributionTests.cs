using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Html;

namespace DigitalResistance.Tests.Rounds;

public sealed class DistributionTests
{
    [Fact]
    public void Few_amounts_stand_one_by_one_and_many_in_ranges_that_hold_every_payment_once()
    {
        var few = Distribution.Of([(new Sats(300), 2), (new Sats(100), 4)]);
        Assert.Equal([(100, 100, 4, 400), (300, 300, 2, 600)], few.Bins.Select(b => (b.From.Value, b.To.Value, b.Recipients, b.Sum.Value)));
        Assert.Equal((300_000, 1_000_000), (few.LargestPpm, few.TenLargestPpm));

        var random = new Random(4);
        for (var i = 0; i < 200; i++)
        {
            var payments = Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.NextInt64(1, i % 2 == 0 ? 40 : 5_000_000_000)).ToList();
            var spread = Distribution.Of(payments.GroupBy(p => p).Select(g => (new Sats(g.Key), g.LongCount())));
            Assert.Equal((payments.Count, payments.Sum()), ((int)spread.Bins.Sum(b => b.Recipients), spread.Bins.Sum(b => b.Sum.Value)));
            Assert.All(spread.Bins, b => Assert.Equal(payments.Count(p => p >= b.From.Value && p <= b.To.Value), b.Recipients));
            Assert.True(spread.Bins.Count <= 10 && spread.Bins.Zip(spread.Bins.Skip(1)).All(p => p.First.To < p.Second.From));
            Assert.Equal((long)((Int128)payments.OrderDescending().Take(10).Sum() * 1_000_000 / payments.Sum()), spread.TenLargestPpm);
        }

        Assert.Empty(Distribution.Of([]).Bins);
    }

    [Fact]
    public void Its_picture_is_a_png_that_grows_with_nothing()
    {
        var png = BarsPng.Make([0, 1, 25, 1_234_567_890]);
        Assert.True(png.Length < 3000, $"{png.Length} bytes");
        // Chunk by chunk: length, type, data, check.
        var types = new List<string>();
        for (var at = 8; at < png.Length; at += 12 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at))) types.Add(System.Text.Encoding.ASCII.GetString(png, at + 4, 4));
        Assert.Equal(["IHDR", "PLTE", "IDAT", "IEND"], types);
        Assert.NotEmpty(BarsPng.Make([]));
    }
}
