using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>AES-256 in counter mode (NIST SP 800-38A §6.5) as a running stream: the library has the block cipher only.</summary>
internal sealed class AesCtr : IDisposable
{
    private const int BlockLength = 16;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _counter;
    private readonly byte[] _stream = new byte[BlockLength * 16];
    private int _used;

    public AesCtr(ReadOnlySpan<byte> key, ReadOnlySpan<byte> counter)
    {
        _aes.SetKey(key);
        _counter = counter.ToArray();
        _used = _stream.Length;
    }

    /// <summary>Encrypts or decrypts in place, going on where the last call ended.</summary>
    public void Apply(Span<byte> bytes)
    {
        foreach (ref var b in bytes)
        {
            if (_used == _stream.Length) Refill();
            b ^= _stream[_used++];
        }
    }

    public void Dispose() => _aes.Dispose();

    private void Refill()
    {
        for (var block = 0; block < _stream.Length; block += BlockLength)
        {
            _counter.CopyTo(_stream.AsSpan(block));
            for (var i = BlockLength - 1; i >= 0 && ++_counter[i] == 0; i--)
            {
                // the carry goes on to the next byte
            }
        }

        _aes.EncryptEcb(_stream, _stream, PaddingMode.None);
        _used = 0;
    }
}
