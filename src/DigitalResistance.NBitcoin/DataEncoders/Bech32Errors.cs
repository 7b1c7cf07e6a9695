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
        var singles = new Dictionary<uint, int>(length * 31);
        for (var slip = 1u; slip < 32; slip++)
        {
            var effect = slip;
            for (var at = length - 1; at >= 0; at--)
            {
                singles[effect] = at;
                effect = Bech32Encoder.Step(effect, 0);
            }
        }

        if (singles.TryGetValue(syndrome, out var single)) return [single];
        foreach (var (effect, first) in singles)
            if (singles.TryGetValue(syndrome ^ effect, out var second) && first != second)
                return [Math.Min(first, second), Math.Max(first, second)];
        return [];
    }
}
