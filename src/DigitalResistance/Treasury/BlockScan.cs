using System.Buffers.Binary;
using NBitcoin;
using NBitcoin.Crypto;

namespace DigitalResistance.Treasury;

/// <summary>
/// Walks a raw block and picks out the transactions that concern the treasury. Everything else is skipped without being decoded, so
/// that a full block costs a few milliseconds however many scripts are watched.
/// </summary>
internal static class BlockScan
{
    private const int HeaderLength = 80;

    /// <summary>The hash of the block before, from the header.</summary>
    public static uint256 PreviousOf(ReadOnlySpan<byte> block) => new(block.Slice(4, 32));

    /// <summary>The hash of the block itself.</summary>
    public static uint256 HashOf(ReadOnlySpan<byte> block) => Hashes.DoubleSHA256(block[..HeaderLength].ToArray());

    /// <summary>
    /// The transactions that pay to a watched script or spend a watched coin, in the block's order; coins they make are watched at
    /// once, since a later transaction of the same block may spend them. Throws <see cref="FormatException"/> for a cut or malformed block.
    /// </summary>
    public static IReadOnlyList<Transaction> Find(ReadOnlySpan<byte> block, WatchSet watch, Network network)
    {
        var found = new List<Transaction>();
        var reader = new Reader(block[HeaderLength..]);
        for (var count = reader.Count(); count > 0; count--)
        {
            var start = reader.Rest;
            if (!SkipTransaction(ref reader, watch)) continue;
            var transaction = Transaction.Load(start[..^reader.Rest.Length].ToArray(), network);
            watch.AddCoins(transaction);
            found.Add(transaction);
        }

        return reader.Rest.IsEmpty ? found : throw new FormatException("The block is longer than its transactions.");
    }

    // BIP-144: a zero where the number of inputs should be marks a transaction with witnesses.
    private static bool SkipTransaction(ref Reader reader, WatchSet watch)
    {
        var concerns = false;
        reader.Skip(4);
        var hasWitness = reader.Rest.Length > 1 && reader.Rest[0] == 0 && reader.Rest[1] == 1;
        if (hasWitness) reader.Skip(2);

        var inputs = reader.Count();
        for (var i = 0; i < inputs; i++)
        {
            concerns |= watch.HasCoin(reader.Take(36));
            reader.Skip(reader.Count() + 4);
        }

        for (var outputs = reader.Count(); outputs > 0; outputs--)
        {
            reader.Skip(8);
            concerns |= watch.HasScript(reader.Take(reader.Count()));
        }

        for (var i = 0; hasWitness && i < inputs; i++)
        {
            for (var items = reader.Count(); items > 0; items--) reader.Skip(reader.Count());
        }

        reader.Skip(4);
        return concerns;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        public ReadOnlySpan<byte> Rest { get; private set; } = bytes;

        public ReadOnlySpan<byte> Take(int length)
        {
            if (length < 0 || length > Rest.Length) throw new FormatException("The block ends inside a transaction.");
            var taken = Rest[..length];
            Rest = Rest[length..];
            return taken;
        }

        public void Skip(int length) => Take(length);

        public int Count()
        {
            var first = Take(1)[0];
            var value = first switch
            {
                0xfd => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
                0xfe => BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
                0xff => BinaryPrimitives.ReadUInt64LittleEndian(Take(8)),
                _ => first,
            };
            return value <= (ulong)Rest.Length ? (int)value : throw new FormatException("The block counts more than it holds.");
        }
    }
}
