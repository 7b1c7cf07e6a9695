using System.Globalization;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>Reads exactly what <see cref="CanonicalObject"/> writes. There is one spelling of every value, so reading is checking.</summary>
internal ref struct CanonicalReader
{
    private const int MaximumDepth = 8;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private CanonicalReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static CanonicalObject Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new CanonicalReader(bytes);
        var value = reader.Object(depth: 0);
        return reader._at == bytes.Length ? value : throw reader.Unexpected("the end");
    }

    private readonly byte Next => _at < _bytes.Length ? _bytes[_at] : (byte)0;

    private CanonicalObject Object(int depth)
    {
        if (depth > MaximumDepth) throw Unexpected("less nesting");
        Take((byte)'{');
        var result = new CanonicalObject();
        for (string? previous = null; Next != '}';)
        {
            if (previous is not null) Take((byte)',');
            var start = _at;
            var key = Text();
            if (previous is not null && string.CompareOrdinal(previous, key) >= 0)
            {
                _at = start;
                throw Unexpected($"a key sorted after '{previous}'");
            }

            Take((byte)':');
            result.Put(key, Value(depth));
            previous = key;
        }

        Take((byte)'}');
        return result;
    }

    private object Value(int depth) => Next switch
    {
        (byte)'"' => Text(),
        (byte)'{' => Object(depth + 1),
        (byte)'[' => List(depth + 1),
        _ => Integer(),
    };

    private object[] List(int depth)
    {
        if (depth > MaximumDepth) throw Unexpected("less nesting");
        Take((byte)'[');
        var values = new List<object>();
        while (Next != ']')
        {
            if (values.Count > 0) Take((byte)',');
            values.Add(Value(depth));
        }

        Take((byte)']');
        return [.. values];
    }

    private string Text()
    {
        Take((byte)'"');
        var start = _at;
        while (Next is >= 0x20 and <= 0x7E and not (byte)'"' and not (byte)'\\') _at++;
        var text = Encoding.ASCII.GetString(_bytes[start.._at]);
        Take((byte)'"');
        return text;
    }

    private long Integer()
    {
        var start = _at;
        if (Next == '-') _at++;
        while (Next is >= (byte)'0' and <= (byte)'9') _at++;
        var digits = Encoding.ASCII.GetString(_bytes[start.._at]);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value is >= -CanonicalObject.MaximumInteger and <= CanonicalObject.MaximumInteger
            && value.ToString(CultureInfo.InvariantCulture) == digits)
            return value;
        _at = start;
        throw Unexpected("a value");
    }

    private void Take(byte wanted)
    {
        if (Next != wanted || _at >= _bytes.Length) throw Unexpected($"'{(char)wanted}'");
        _at++;
    }

    private readonly FormatException Unexpected(string wanted) => new($"Not canonical at byte {_at}: expected {wanted}.");
}
