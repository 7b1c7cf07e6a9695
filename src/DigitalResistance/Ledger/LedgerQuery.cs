using System.Globalization;
using System.Linq.Expressions;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Ledger;

/// <summary>
/// What a reader asks of the ledger. The page, the CSV, the JSON, the feed and the API all read it from the same parameters and apply the
/// same filter, so that none of them can show something else than the others.
/// </summary>
public sealed record LedgerQuery
{
    /// <summary>The value of <see cref="Kind"/> for everything that changed the treasury.</summary>
    public const string Money = "money";

    /// <summary><see cref="Money"/>, a member of <see cref="LedgerKind"/> in lower case, or a type as <c>tx.confirmed</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>A round.</summary>
    public int? Round { get; init; }

    /// <summary>A move of the treasury's money.</summary>
    public int? Move { get; init; }

    /// <summary>An operator's name in a round.</summary>
    public string? Token { get; init; }

    /// <summary>A transaction.</summary>
    public string? Txid { get; init; }

    /// <summary>First day, UTC.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Last day, UTC.</summary>
    public DateOnly? To { get; init; }

    /// <summary>Smallest amount, in satoshi.</summary>
    public long? Min { get; init; }

    /// <summary>Largest amount, in satoshi.</summary>
    public long? Max { get; init; }

    /// <summary>Whether it asks for everything.</summary>
    public bool IsEverything => this == new LedgerQuery();

    /// <summary>The parameters there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["kind", "round", "move", "token", "txid", "from", "to", "min", "max"];

    // So many lines cost little to read by their places, and are many enough to be met soon by a walk through a million.
    internal const int RareAmounts = 5000;

    /// <summary>What <c>wrong</c> holds for a parameter that there is not: its name is a stranger's and is not repeated.</summary>
    public const string UnknownParameter = "parameter";

    /// <summary>Every value of <see cref="Kind"/> that names a group.</summary>
    public static IReadOnlyList<string> Groups { get; } = [Money, .. Enum.GetValues<LedgerKind>().Select(k => Words.Snake(k))];

    /// <summary>
    /// Reads the parameters of a request. What cannot be understood is named in <paramref name="wrong"/>, and then nothing must be shown:
    /// an unfiltered list by accident would be an answer to another question.
    /// </summary>
    /// <param name="parameter">The value of a parameter, by its name.</param>
    /// <param name="wrong">The parameters that cannot be understood.</param>
    /// <param name="given">All names that the request has, where it may have others.</param>
    public static LedgerQuery Read(Func<string, string?> parameter, out IReadOnlyList<string> wrong, IEnumerable<string>? given = null)
    {
        var mistakes = new List<string>();
        var query = new LedgerQuery
        {
            Kind = Text("kind", k => Groups.Contains(k) || LedgerKinds.ByType.ContainsKey(k)),
            Round = (int?)Number("round", int.MaxValue),
            Move = (int?)Number("move", int.MaxValue),
            Token = Text("token", t => t.Length <= 16 && t.All(char.IsAsciiLetterOrDigit)),
            Txid = Text("txid", t => t.Length == 64 && t.All(char.IsAsciiHexDigitLower)),
            From = Day("from"),
            To = Day("to"),
            Min = Number("min", Sats.Supply.Value),
            Max = Number("max", Sats.Supply.Value),
        };
        if (given?.Any(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase)) == true) mistakes.Add(UnknownParameter);
        if (query.From > query.To) mistakes.Add("to");
        if (query.Min > query.Max) mistakes.Add("max");
        wrong = mistakes;
        return query;

        string? Given(string name) => parameter(name)?.Trim() is { Length: > 0 } text ? text : null;
        string? Text(string name, Func<string, bool> fits)
        {
            if (Given(name) is not { } text) return null;
            if (fits(text)) return text;
            mistakes.Add(name);
            return null;
        }

        long? Number(string name, long largest)
        {
            if (Given(name) is not { } text) return null;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= largest) return number;
            mistakes.Add(name);
            return null;
        }

        DateOnly? Day(string name)
        {
            if (Given(name) is not { } text) return null;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
            mistakes.Add(name);
            return null;
        }
    }

    /// <summary>The parameters that ask for this again, in a fixed order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Parameters()
    {
        if (Kind is not null) yield return new("kind", Kind);
        if (Round is { } round) yield return new("round", round.ToString(CultureInfo.InvariantCulture));
        if (Move is { } move) yield return new("move", move.ToString(CultureInfo.InvariantCulture));
        if (Token is not null) yield return new("token", Token);
        if (Txid is not null) yield return new("txid", Txid);
        if (From is { } from) yield return new("from", from.ToString("O", CultureInfo.InvariantCulture));
        if (To is { } to) yield return new("to", to.ToString("O", CultureInfo.InvariantCulture));
        if (Min is { } min) yield return new("min", min.ToString(CultureInfo.InvariantCulture));
        if (Max is { } max) yield return new("max", max.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The lines it asks for, of those before a place, newest first.</summary>
    public async Task<IQueryable<LedgerLine>> LinesAsync(MoneyDb db, long before, CancellationToken cancellation)
    {
        var lines = db.Set<LedgerLine>().AsNoTracking();
        if (Kind == Money) lines = lines.Where(l => l.Change != Sats.Zero);
        else if (Kind is not null && LedgerKinds.ByType.ContainsKey(Kind)) lines = lines.Where(l => l.Type == Kind);
        else if (Kind is not null) lines = lines.Where(OfKind(Enum.GetValues<LedgerKind>().Single(k => Words.Snake(k) == Kind)));
        if (Round is { } round) lines = lines.Where(l => l.Round == round);
        if (Move is { } move) lines = lines.Where(l => l.Move == move);
        if (Token is not null) lines = lines.Where(l => l.Token == Token);
        if (Txid is not null) lines = lines.Where(l => l.Txid == Txid);
        if (Min is not null || Max is not null)
        {
            // A walk from the newest end soon meets a common amount, but passes the whole log for a rare one: the places of that are read first.
            var places = await Amounts(db.Set<LedgerLine>()).Select(l => l.Index).Take(RareAmounts + 1).ToListAsync(cancellation);
            lines = places.Count > RareAmounts ? Amounts(lines) : lines.Where(l => EF.Parameter(places).Contains(l.Index));
        }

        if (From is { } from)
        {
            // The places are read first: as a part of the statement they would be one bound among two, and the engine might walk from the other.
            var first = await db.Set<LedgerDay>().Where(d => d.Day >= from).MinAsync(d => (long?)d.First, cancellation) ?? long.MaxValue;
            lines = lines.Where(l => l.Day >= from && l.Index >= first);
        }

        if (To is { } to)
        {
            var last = await db.Set<LedgerDay>().Where(d => d.Day <= to).MaxAsync(d => (long?)d.Last, cancellation) ?? -1;
            lines = lines.Where(l => l.Day <= to);
            before = Math.Min(before, last + 1);
        }

        return lines.Where(l => l.Index < before).OrderByDescending(l => l.Index);
    }

    private IQueryable<LedgerLine> Amounts(IQueryable<LedgerLine> lines)
    {
        if (Min is { } min) lines = lines.Where(l => l.Amount >= new Sats(min));
        if (Max is { } max) lines = lines.Where(l => l.Amount <= new Sats(max));
        return lines;
    }

    private static Expression<Func<LedgerLine, bool>> OfKind(LedgerKind kind) => l => l.Kind == kind;
}
