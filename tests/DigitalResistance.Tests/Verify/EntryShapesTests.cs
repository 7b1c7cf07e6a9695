using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Ledger;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Tests.Verify;

/// <summary>What the product writes, what the verifiers expect and what the specification says are one table.</summary>
public sealed partial class EntryShapesTests
{
    [Fact]
    public void Every_entry_that_the_product_writes_has_the_members_that_the_verifier_expects()
    {
        foreach (var (entry, bytes) in EntryBytesTests.Golden) EntryShapes.Check(CanonicalObject.Parse(Encoding.ASCII.GetBytes(bytes)), EntryShapes.ByType[entry.Type]);
        Assert.Equal(EntryBytesTests.Golden.Select(g => g.Entry.Type).Distinct().Order(StringComparer.Ordinal), EntryShapes.ByType.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_specification_has_the_same_table()
    {
        var specification = File.ReadAllText(Needs.Beside("docs/specs/ledger.md"));
        var rows = Row().Matches(specification).SelectMany(row => Code().Matches(row.Groups["types"].Value).Select(type => (Type: type.Groups[1].Value, Members: row.Groups["members"].Value))).ToDictionary(r => r.Type, r => r.Members);
        Assert.Equal(EntryShapes.ByType.Keys.Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        foreach (var (type, members) in rows.Where(r => !r.Value.StartsWith("the same", StringComparison.Ordinal)))
            Assert.Equal(EntryShapes.ByType[type].Select(m => $"{m.Key}:{m.Value}"), Code().Match(members).Groups[1].Value.Split(' '));
    }

    [Fact]
    public void What_the_specification_marks_as_told_by_the_day_is_written_at_midnight_and_the_verifier_knows_it()
    {
        var specification = File.ReadAllText(Needs.Beside("docs/specs/ledger.md"));
        var marked = Row().Matches(specification).Where(row => row.Groups["types"].Value.Contains("*day*", StringComparison.Ordinal)).SelectMany(row => Code().Matches(row.Groups["types"].Value).Select(type => type.Groups[1].Value));
        Assert.Equal(EntryShapes.DayOnly.Order(StringComparer.Ordinal), marked.Order(StringComparer.Ordinal));
        var late = new DateTimeOffset(2026, 5, 6, 23, 59, 58, TimeSpan.FromHours(-3));
        foreach (var (entry, _) in EntryBytesTests.Golden)
            Assert.Equal(EntryShapes.DayOnly.Contains(entry.Type) ? "2026-05-07T00:00:00Z" : "2026-05-07T02:59:58Z", CanonicalObject.Parse(entry.ToBytes(late)).Text("time"));
    }

    [GeneratedRegex(@"^\| (?<types>`[a-z_]+\.?[a-z_]*`[^|]*?) \| (?<members>(?:`[a-z_]+:[a-z]|the same)[^|]*?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
