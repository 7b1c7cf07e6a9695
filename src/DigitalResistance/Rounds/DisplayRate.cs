using System.Globalization;
using System.Text;
using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>
/// What a bitcoin was worth to people when a round was allocated, for readers who think in another money. It stands in the manifest, with
/// source and time, so that nobody can choose a prettier one later; it is shown behind "≈", and no sum is ever computed from it.
/// </summary>
/// <param name="Currency">One of <see cref="Currencies"/>.</param>
/// <param name="MinorPerBitcoin">Hundredths of the currency for one bitcoin, 1 to <see cref="Most"/>.</param>
/// <param name="Source">Who said so: the name of a site, as <c>example.org</c>. Lower-case letters, digits, points and hyphens; never free text.</param>
/// <param name="At">When it was so, UTC, whole seconds.</param>
public sealed record DisplayRate(string Currency, long MinorPerBitcoin, string Source, DateTimeOffset At)
{
    /// <summary>Largest <see cref="MinorPerBitcoin"/>: at this price all bitcoin there is still fits a number.</summary>
    public const long Most = 100_000_000_000;

    /// <summary>Longest <see cref="Source"/>.</summary>
    public const int LongestSource = 64;

    private static readonly string[] Names = ["rate_currency", "rate_minor_per_btc", "rate_source", "rate_time"];

    /// <summary>The currencies there are; each has a hundredth.</summary>
    public static IReadOnlyList<string> Currencies { get; } = ["CHF", "EUR", "GBP", "RUB", "USD"];

    /// <summary>Everything that is wrong with it; empty where it can stand in a manifest.</summary>
    public IReadOnlyList<RateProblem> Problems(DateTimeOffset now)
    {
        List<RateProblem> problems = [];
        if (!Currencies.Contains(Currency)) problems.Add(RateProblem.Currency);
        if (MinorPerBitcoin is < 1 or > Most) problems.Add(RateProblem.Amount);
        if (!IsSource(Source)) problems.Add(RateProblem.Source);
        if (At > now || At < DateTimeOffset.UnixEpoch) problems.Add(RateProblem.Time);
        return problems;
    }

    /// <summary>An amount in hundredths of the currency, rounded to the nearest: for eyes only.</summary>
    public long Hundredths(Sats amount)
    {
        var product = (Int128)amount.Value * MinorPerBitcoin;
        return (long)((product + Int128.Sign(product) * 50_000_000) / 100_000_000);
    }

    /// <summary>The rate of a manifest; null where it names none.</summary>
    public static DisplayRate? Of(string? manifest)
    {
        if (manifest?.IndexOf($"\n{Names[0]} ", StringComparison.Ordinal) is not (>= 0 and var start)) return null;
        var values = manifest[(start + 1)..].TrimEnd('\n').Split('\n').Select(line => line.Split(' ')[1]).ToArray();
        return new(values[0], long.Parse(values[1], CultureInfo.InvariantCulture), values[2], DateTimeOffset.ParseExact(values[3], "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
    }

    /// <summary>Its lines in a manifest.</summary>
    internal void Write(StringBuilder manifest)
    {
        string[] values = [Currency, MinorPerBitcoin.ToString(CultureInfo.InvariantCulture), Source, At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)];
        foreach (var (name, value) in Names.Zip(values)) manifest.Append(name).Append(' ').Append(value).Append('\n');
    }

    private static bool IsSource(string source) => source.Length is > 0 and <= LongestSource
        && source.Split('.').All(label => label.Length > 0 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
}

/// <summary>What can be wrong with a <see cref="DisplayRate"/>.</summary>
public enum RateProblem
{
    /// <summary>Not one of the list.</summary>
    Currency,

    /// <summary>Not positive, or beyond reason.</summary>
    Amount,

    /// <summary>Not the name of a site.</summary>
    Source,

    /// <summary>It has not happened yet.</summary>
    Time,
}
