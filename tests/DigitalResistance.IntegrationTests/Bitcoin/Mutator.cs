namespace DigitalResistance.IntegrationTests.Bitcoin;

/// <summary>
/// Spoils good inputs the way strangers do: flipped bits, edges of numbers, lost, repeated and moved pieces, lengths off
/// by a little, pieces of other inputs. The same seed gives the same inputs.
/// </summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[] Edges = [0x00, 0x01, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff];

    private readonly Random _random = new(seed);

    public int Next(int count) => _random.Next(count);

    public T Pick<T>(IReadOnlyList<T> corpus) => corpus[_random.Next(corpus.Count)];

    /// <summary>One to four changes.</summary>
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        var bytes = new List<byte>(input);
        for (var changes = 1 + _random.Next(4) * _random.Next(2); changes > 0; changes--) Change(bytes, corpus);
        return bytes.ToArray();
    }

    /// <summary>One change of a single place, the smallest there is.</summary>
    public byte[] Nudge(byte[] input)
    {
        var bytes = (byte[])input.Clone();
        var at = _random.Next(bytes.Length);
        bytes[at] = _random.Next(4) == 0 ? Pick(Edges) : (byte)(bytes[at] ^ 1 << _random.Next(8));
        return bytes;
    }

    /// <summary>The same for text, with characters that belong and others that do not.</summary>
    public string Mutate(string input, IReadOnlyList<string> corpus)
    {
        const string letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l1bio023456789ABCDEFGHJKLMNPQRSTUVWXYZ \n\0é/'h<>;*()[],#";
        var text = input;
        for (var changes = 1 + _random.Next(3); changes > 0 && text.Length > 0; changes--)
        {
            var at = _random.Next(text.Length);
            var length = Math.Min(1 + _random.Next(4), text.Length - at);
            text = _random.Next(7) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                2 => text[..at] + Pick(corpus)[_random.Next(4)..],
                3 => text[..at] + (char.IsUpper(text[at]) ? char.ToLowerInvariant(text[at]) : char.ToUpperInvariant(text[at])) + text[(at + 1)..],
                4 when at + 1 < text.Length => text[..at] + text[at + 1] + text[at] + text[(at + 2)..],
                _ => text[..at] + letters[_random.Next(letters.Length)] + text[(at + 1)..],
            };
        }

        return text;
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> corpus)
    {
        if (bytes.Count == 0)
        {
            bytes.AddRange(Pick(corpus));
            return;
        }

        var at = _random.Next(bytes.Count);
        var length = Math.Min(1 + _random.Next(_random.Next(2) == 0 ? 8 : 80), bytes.Count - at);
        switch (_random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = Pick(Edges);
                break;
            case 2:
                bytes[at] += (byte)(_random.Next(2) == 0 ? 1 : 255);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                var piece = bytes.GetRange(at, length);
                bytes.RemoveRange(at, length);
                bytes.InsertRange(_random.Next(bytes.Count + 1), piece);
                break;
            case 6:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 7:
                var other = Pick(corpus);
                var from = _random.Next(other.Length);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + length)]);
                break;
            default:
                for (var i = 0; i < Math.Min(length, 9); i++) bytes[at + i] = 0xff;
                break;
        }
    }
}
