using System.Globalization;
using System.Text;

namespace DigitalResistance.Ledger;

/// <summary>
/// What the public log can say: sorted-key, integer-only JSON from fixed vocabularies, with no free text anywhere
/// (a name or a remark in an append-only public log could never be taken back).
/// </summary>
public abstract record Entry
{
    /// <summary>Permanent type name, as <c>round.opened</c>.</summary>
    public abstract string Type { get; }

    /// <summary>The round it belongs to; null where it belongs to none.</summary>
    public virtual int? RoundNumber => null;

    /// <summary>Whether <c>time</c> is cut to the day: registry and donation entries must not tell the hour.</summary>
    protected virtual bool DayOnly => false;

    /// <summary>The members besides <c>v</c>, <c>type</c> and <c>time</c>; values are <see cref="long"/>, <see cref="int"/>, ASCII <see cref="string"/> or arrays of these.</summary>
    protected abstract IEnumerable<(string Name, object Value)> Members { get; }

    /// <summary>The canonical bytes (RFC 8785 restricted to integers and ASCII): two implementations get the same.</summary>
    public byte[] ToBytes(DateTimeOffset at)
    {
        var time = (DayOnly ? at.ToUniversalTime().Date : at.UtcDateTime).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var members = Members.Append(("v", 1)).Append(("type", Type)).Append(("time", time)).OrderBy(m => m.Item1, StringComparer.Ordinal);
        return Encoding.ASCII.GetBytes("{" + string.Join(',', members.Select(m => $"\"{m.Item1}\":{Text(m.Item2)}")) + "}");
    }

    private static string Text(object value) => value switch
    {
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number when Math.Abs(number) < 1L << 53 => number.ToString(CultureInfo.InvariantCulture),
        string text when text.All(c => c is >= ' ' and <= '~' and not '"' and not '\\') => $"\"{text}\"",
        IEnumerable<string> list => "[" + string.Join(',', list.Select(Text)) + "]",
        IEnumerable<long> list => "[" + string.Join(',', list.Select(n => Text(n))) + "]",
        _ => throw new ArgumentException($"The ledger cannot say {value}: integers below 2^53 and printable ASCII only.", nameof(value)),
    };
}
