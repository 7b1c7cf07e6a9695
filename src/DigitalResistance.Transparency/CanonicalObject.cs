using System.Globalization;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// The one way an entry is written: the subset of <see href="https://www.rfc-editor.org/rfc/rfc8785">RFC 8785</see> that needs no rules
/// about numbers or escapes. Keys sorted, no white space, integers below 2^53, printable ASCII without quote and backslash, no null, no
/// boolean. Whatever this type reads it writes back byte for byte, so two programs that compute an entry get the same hash.
/// </summary>
public sealed class CanonicalObject
{
    /// <summary>Largest integer that every JSON reader keeps exact.</summary>
    public const long MaximumInteger = (1L << 53) - 1;

    private readonly SortedDictionary<string, object> _members = new(StringComparer.Ordinal);

    /// <summary>Keys in their written order.</summary>
    public IEnumerable<string> Keys => _members.Keys;

    /// <summary>Every member; the value is a string, a <see cref="long"/>, a <see cref="CanonicalObject"/> or a list of these.</summary>
    public IEnumerable<KeyValuePair<string, object>> Members => _members;

    /// <summary>Adds a text.</summary>
    public CanonicalObject Add(string key, string value) => Put(key, CheckText(value));

    /// <summary>Adds an integer.</summary>
    public CanonicalObject Add(string key, long value) => Put(key, CheckInteger(key, value));

    /// <summary>Adds an object.</summary>
    public CanonicalObject Add(string key, CanonicalObject value) => Put(key, value);

    /// <summary>Adds a list of texts, in the order given.</summary>
    public CanonicalObject Add(string key, IEnumerable<string> values) => Put(key, values.Select(v => (object)CheckText(v)).ToArray());

    /// <summary>Adds a list of integers, in the order given.</summary>
    public CanonicalObject Add(string key, IEnumerable<long> values) => Put(key, values.Select(v => (object)CheckInteger(key, v)).ToArray());

    /// <summary>Adds a list of objects, in the order given.</summary>
    public CanonicalObject Add(string key, IEnumerable<CanonicalObject> values) => Put(key, values.Cast<object>().ToArray());

    /// <summary>Whether there is such a member.</summary>
    public bool Has(string key) => _members.ContainsKey(key);

    /// <summary>A text member.</summary>
    public string Text(string key) => Get<string>(key, "a text");

    /// <summary>An integer member.</summary>
    public long Integer(string key) => Get<long>(key, "an integer");

    /// <summary>An object member.</summary>
    public CanonicalObject Object(string key) => Get<CanonicalObject>(key, "an object");

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string key) => List<string>(key);

    /// <summary>A list of objects.</summary>
    public IReadOnlyList<CanonicalObject> Objects(string key) => List<CanonicalObject>(key);

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(ToString());

    /// <summary>The canonical text.</summary>
    public override string ToString()
    {
        var json = new StringBuilder();
        Write(json, this);
        return json.ToString();
    }

    /// <summary>Reads canonical bytes and nothing else; throws <see cref="FormatException"/> with the offset of the first deviation.</summary>
    public static CanonicalObject Parse(ReadOnlySpan<byte> bytes) => CanonicalReader.Read(bytes);

    internal CanonicalObject Put(string key, object value)
    {
        if (!_members.TryAdd(CheckText(key), value)) throw new FormatException($"The key '{key}' is there twice.");
        return this;
    }

    private static string CheckText(string text) =>
        text.All(c => c is >= ' ' and <= '~' and not '"' and not '\\') ? text : throw new FormatException($"'{text}' is not plain printable ASCII.");

    private static long CheckInteger(string key, long value) =>
        value is >= -MaximumInteger and <= MaximumInteger ? value : throw new FormatException($"{key}: {value} does not fit 53 bits.");

    private T Get<T>(string key, string what) =>
        _members.TryGetValue(key, out var value) && value is T typed ? typed : throw new FormatException($"The member '{key}' should be {what}.");

    private T[] List<T>(string key)
    {
        var list = Get<object[]>(key, "a list");
        return Array.TrueForAll(list, v => v is T) ? [.. list.Cast<T>()] : throw new FormatException($"The list '{key}' holds something unexpected.");
    }

    private static void Write(StringBuilder json, object value)
    {
        switch (value)
        {
            case string text:
                json.Append('"').Append(text).Append('"');
                break;
            case long number:
                json.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case object[] list:
                json.Append('[');
                for (var i = 0; i < list.Length; i++)
                {
                    if (i > 0) json.Append(',');
                    Write(json, list[i]);
                }

                json.Append(']');
                break;
            case CanonicalObject inner:
                var separator = '{';
                foreach (var (key, member) in inner._members)
                {
                    json.Append(separator).Append('"').Append(key).Append("\":");
                    Write(json, member);
                    separator = ',';
                }

                if (separator == '{') json.Append('{');
                json.Append('}');
                break;
        }
    }
}
