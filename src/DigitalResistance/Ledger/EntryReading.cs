using System.Globalization;
using DigitalResistance.Transparency;

namespace DigitalResistance.Ledger;

/// <summary>Reads members of published entries back as what they were written from.</summary>
internal static class EntryReading
{
    /// <summary>An instant in UTC, whole seconds.</summary>
    public static DateTimeOffset Instant(this CanonicalObject entry, string member) =>
        DateTimeOffset.ParseExact(entry.Text(member), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>A hash without its <c>sha256:</c>, lower-case hex.</summary>
    public static string Sha256(this CanonicalObject entry, string member) => entry.Text(member)["sha256:".Length..];
}
