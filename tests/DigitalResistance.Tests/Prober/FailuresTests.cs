using System.Text.RegularExpressions;
using DigitalResistance.Prober;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Prober;

/// <summary>The published vocabulary and the code are one.</summary>
public sealed partial class FailuresTests
{
    [Fact]
    public void The_published_table_has_every_failure_once_in_order_with_cause_and_remedy()
    {
        var rows = RowPattern().Matches(File.ReadAllText(Needs.Beside("docs/specs/failures.md")))
            .Select(row => (Code: row.Groups[1].Value, CountsAs: row.Groups[2].Value, Cause: row.Groups[3].Value.Trim(), Remedy: row.Groups[4].Value.Trim())).ToArray();

        Assert.Equal(Failures.All.Select(failure => (failure.Code(), failure.CountsAs() == Outcome.Invalid ? "invalid" : "fail")), rows.Select(row => (row.Code, row.CountsAs)));
        Assert.All(rows, row => Assert.EndsWith(".", row.Cause, StringComparison.Ordinal));
        Assert.All(rows, row => Assert.EndsWith(".", row.Remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_failure_has_a_snake_case_string_that_leads_back_to_it()
    {
        foreach (var failure in Failures.All)
        {
            Assert.Matches("^[a-z]+(_[a-z]+)*$", failure.Code());
            Assert.True(Failures.TryParse(failure.Code(), out var back) && back == failure);
        }

        Assert.False(Failures.TryParse("No_Answer", out _));
    }

    [Fact]
    public void Every_stage_is_explained()
    {
        var page = File.ReadAllText(Needs.Beside("docs/specs/failures.md"));
        Assert.All(Enum.GetNames<Stage>(), stage => Assert.Contains($"| `{stage.ToLowerInvariant()}` |", page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| `([a-z_]+)` \| (fail|invalid) \| ([^|]+) \| ([^|]+) \|$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex RowPattern();
}
