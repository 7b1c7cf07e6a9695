using System.Globalization;
using DigitalResistance.Transparency;

namespace DigitalResistance.Ledger;

/// <summary>
/// What the public log can say: sorted-key, integer-only JSON from fixed vocabularies, with no free text anywhere
/// (a name or a remark in an append-only public log could never be taken back). The bytes of a type are final from the day it is
/// first written: a changed meaning is a new type. <c>docs/specs/ledger.md</c> lists every type for outsiders.
/// </summary>
public abstract record Entry
{
    /// <summary>Version of the entry format, the member <c>v</c>.</summary>
    public const int FormatVersion = 1;

    /// <summary>Permanent type name, as <c>round.opened</c>.</summary>
    public abstract string Type { get; }

    /// <summary>The round it belongs to; null where it belongs to none.</summary>
    public virtual int? RoundNumber => null;

    /// <summary>The move of the treasury's money that it belongs to; null where it belongs to none.</summary>
    public virtual int? MoveNumber => null;

    /// <summary>Whether <c>time</c> is cut to the day: registry and donation entries must not tell the hour.</summary>
    protected virtual bool DayOnly => false;

    /// <summary>The members besides <c>v</c>, <c>type</c> and <c>time</c>; values are <see cref="long"/>, <see cref="int"/>, ASCII <see cref="string"/> or lists of these.</summary>
    protected abstract IEnumerable<(string Name, object Value)> Members { get; }

    /// <summary>The canonical bytes (RFC 8785 restricted to integers and ASCII): two implementations get the same.</summary>
    public byte[] ToBytes(DateTimeOffset at)
    {
        var entry = new CanonicalObject().Add("v", FormatVersion).Add("type", Type).Add("time", Instant(DayOnly ? at.UtcDateTime.Date : at.UtcDateTime));
        foreach (var (name, value) in Members) Add(entry, name, value);
        return entry.ToBytes();
    }

    /// <summary>An instant as the log writes it: UTC, whole seconds.</summary>
    protected static string Instant(DateTimeOffset at) => Instant(at.UtcDateTime);

    /// <summary>A SHA-256 as the log writes it, from lower-case hexadecimal.</summary>
    protected static string Hash(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower)
        ? $"sha256:{sha256}"
        : throw new ArgumentException($"'{sha256}' is not a SHA-256 in lower-case hexadecimal.", nameof(sha256));

    private static string Instant(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static CanonicalObject Add(CanonicalObject entry, string name, object value) => value switch
    {
        int number => entry.Add(name, number),
        long number => entry.Add(name, number),
        string text => entry.Add(name, text),
        IEnumerable<string> list => entry.Add(name, list),
        IEnumerable<long> list => entry.Add(name, list),
        _ => throw new ArgumentException($"The ledger cannot say {value} ({name}): integers below 2^53 and printable ASCII only.", nameof(value)),
    };
}
