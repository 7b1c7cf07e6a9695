namespace NBitcoin.DataEncoders;

/// <summary>
/// Finds one or two wrong characters of a bech32 text from what its checksum is off by. The checksum is linear, so the
/// effect of each possible slip can be listed, and two slips add up. BIP-173 forbids correcting an address for its
/// owner: only the places are told, never what should stand there.
/// </summary>
internal static class Bech32Errors
{
    public static int[] Locate(uint syndrome, int length)
    {
        var slips = new Dictionary<uint, int>(length * 31);
        for (var bit = 0; bit < 5; bit++)
        {
            var effect = 1u << bit;
            for (var at = length - 1; at >= 0; at--)
            {
                slips.TryAdd(effect, at);
                effect = Bech32Encoder.Step(effect, 0);
            }
        }

        var singles = new Dictionary<uint, int>(length * 31);
        foreach (var group in slips.GroupBy(s => s.Value))
        {
            var bits = group.Select(s => s.Key).ToArray();
            for (var value = 1; value < 32; value++)
                singles[bits.Where((_, i) => (value >> i & 1) != 0).Aggregate(0u, (sum, effect) => sum ^ effect)] = group.Key;
        }

        if (singles.TryGetValue(syndrome, out var single)) return [single];
        foreach (var (effect, first) in singles)
            if (singles.TryGetValue(syndrome ^ effect, out var second) && first != second)
                return [Math.Min(first, second), Math.Max(first, second)];
        return [];
    }
}
