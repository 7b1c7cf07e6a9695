using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>The scripts and coins that a block is searched for, looked up by their bytes on the wire.</summary>
internal sealed class WatchSet
{
    private readonly Dictionary<byte[], long> _scripts = new(Bytes.Comparer);
    private readonly HashSet<byte[]> _coins = new(Bytes.Comparer);
    private readonly Dictionary<byte[], long>.AlternateLookup<ReadOnlySpan<byte>> _scriptLookup;
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _coinLookup;

    public WatchSet()
    {
        _scriptLookup = _scripts.GetAlternateLookup<ReadOnlySpan<byte>>();
        _coinLookup = _coins.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public int ScriptCount => _scripts.Count;

    public void AddScript(long addressId, byte[] script) => _scripts[script] = addressId;

    public void AddCoin(OutPoint coin) => _coins.Add(Wire(coin.Hash, coin.N));

    /// <summary>Watches those outputs of a transaction that pay to us.</summary>
    public void AddCoins(Transaction transaction)
    {
        var txid = transaction.GetHash();
        for (var vout = 0; vout < transaction.Outputs.Count; vout++)
        {
            if (HasScript(transaction.Outputs[vout].ScriptPubKey.ToBytes())) _coins.Add(Wire(txid, (uint)vout));
        }
    }

    public bool HasScript(ReadOnlySpan<byte> script) => _scriptLookup.ContainsKey(script);

    public bool HasCoin(ReadOnlySpan<byte> outpoint) => _coinLookup.Contains(outpoint);

    public bool TryFindAddress(byte[] script, out long addressId) => _scripts.TryGetValue(script, out addressId);

    private static byte[] Wire(uint256 txid, uint vout)
    {
        var bytes = new byte[36];
        txid.ToBytes().CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), vout);
        return bytes;
    }

    /// <summary>Scripts and outpoints hold a hash from their third byte on: eight bytes of it spread as well as any hash function.</summary>
    private sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Bytes Comparer = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) =>
            alternate.Length < 10 ? alternate.Length : BinaryPrimitives.ReadUInt64LittleEndian(alternate[2..]).GetHashCode();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
