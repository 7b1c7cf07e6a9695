using NBitcoin.Crypto;
using NBitcoin.DataEncoders;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>The 80 bytes that name a block and the one before it.</summary>
public class BlockHeader
{
    internal BlockHeader()
    {
    }

    /// <summary>Its version.</summary>
    public int Version { get; set; } = 3;

    /// <summary>The block before.</summary>
    public uint256 HashPrevBlock { get; set; } = uint256.Zero;

    /// <summary>The root over its transactions.</summary>
    public uint256 HashMerkleRoot { get; set; } = uint256.Zero;

    /// <summary>When its miner says it was made.</summary>
    public DateTimeOffset BlockTime { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>What its miner searched for.</summary>
    public uint Nonce { get; set; }

    internal uint CompactTarget { get; set; }

    /// <summary>Reads 80 bytes in hexadecimal digits.</summary>
    public static BlockHeader Parse(string hex, Network network)
    {
        ArgumentNullException.ThrowIfNull(hex);
        ArgumentNullException.ThrowIfNull(network);
        var reader = new WireReader(Encoders.Hex.DecodeData(hex), "block header");
        var header = Read(ref reader);
        reader.ExpectEnd();
        return header;
    }

    /// <summary>The block's name.</summary>
    public uint256 GetHash() => Hashes.DoubleSHA256(ToBytes());

    /// <summary>Its 80 bytes.</summary>
    public byte[] ToBytes()
    {
        var writer = new WireWriter(80);
        Write(writer);
        return writer.ToArray();
    }

    internal static BlockHeader Read(ref WireReader reader) => new()
    {
        Version = reader.ReadInt32(),
        HashPrevBlock = reader.ReadUInt256(),
        HashMerkleRoot = reader.ReadUInt256(),
        BlockTime = DateTimeOffset.FromUnixTimeSeconds(reader.ReadUInt32()),
        CompactTarget = reader.ReadUInt32(),
        Nonce = reader.ReadUInt32(),
    };

    internal void Write(WireWriter writer)
    {
        writer.WriteUInt32((uint)Version);
        writer.WriteUInt256(HashPrevBlock);
        writer.WriteUInt256(HashMerkleRoot);
        writer.WriteUInt32(checked((uint)BlockTime.ToUnixTimeSeconds()));
        writer.WriteUInt32(CompactTarget);
        writer.WriteUInt32(Nonce);
    }
}

/// <summary>A block: a header and transactions.</summary>
public class Block
{
    /// <summary>With this header.</summary>
    public Block(BlockHeader blockHeader)
    {
        ArgumentNullException.ThrowIfNull(blockHeader);
        Header = blockHeader;
    }

    /// <summary>Its header.</summary>
    public BlockHeader Header { get; }

    /// <summary>Its transactions; the first pays its miner.</summary>
    public List<Transaction> Transactions { get; } = [];

    /// <summary>Reads hexadecimal digits.</summary>
    public static Block Parse(string hex, Network network)
    {
        ArgumentNullException.ThrowIfNull(hex);
        return Load(Encoders.Hex.DecodeData(hex), network);
    }

    /// <summary>Reads its wire encoding; nothing may follow.</summary>
    public static Block Load(byte[] hex, Network network)
    {
        ArgumentNullException.ThrowIfNull(hex);
        ArgumentNullException.ThrowIfNull(network);
        var reader = new WireReader(hex, "block");
        var block = new Block(BlockHeader.Read(ref reader));
        var count = reader.ReadCount(smallest: 10);
        for (var i = 0; i < count; i++) block.Transactions.Add(Transaction.Read(ref reader));
        reader.ExpectEnd();
        return block;
    }

    /// <summary>Its name.</summary>
    public uint256 GetHash() => Header.GetHash();

    /// <summary>Adds a transaction.</summary>
    public Transaction AddTransaction(Transaction tx)
    {
        Transactions.Add(tx);
        return tx;
    }

    /// <summary>True when the header's root is that of the transactions.</summary>
    public bool CheckMerkleRoot() => Header.HashMerkleRoot == MerkleRoot(out var ambiguous) && !ambiguous;

    /// <summary>Puts the root of the transactions into the header.</summary>
    public void UpdateMerkleRoot() => Header.HashMerkleRoot = MerkleRoot(out _);

    /// <summary>Its wire encoding.</summary>
    public byte[] ToBytes()
    {
        var writer = new WireWriter(4096);
        Header.Write(writer);
        writer.WriteCompactSize((ulong)Transactions.Count);
        foreach (var transaction in Transactions) transaction.Write(writer, withWitness: true);
        return writer.ToArray();
    }

    /// <summary>
    /// An odd level repeats its last hash, so a block with repeated transactions at its end has the root of the block
    /// without them (CVE-2012-2459): such a list is told as ambiguous.
    /// </summary>
    private uint256 MerkleRoot(out bool ambiguous)
    {
        ambiguous = false;
        if (Transactions.Count == 0) return uint256.Zero;
        var level = Transactions.Select(t => t.GetHash()).ToList();
        Span<byte> pair = stackalloc byte[64];
        while (level.Count > 1)
        {
            for (var i = 0; i + 1 < level.Count; i += 2) ambiguous |= level[i] == level[i + 1];
            if (level.Count % 2 != 0) level.Add(level[^1]);
            var next = new List<uint256>(level.Count / 2);
            for (var i = 0; i < level.Count; i += 2)
            {
                level[i].ToBytes(pair);
                level[i + 1].ToBytes(pair[32..]);
                next.Add(Hashes.DoubleSHA256(pair));
            }

            level = next;
        }

        return level[0];
    }
}
