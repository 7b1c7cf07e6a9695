using System.Globalization;
using System.Security.Cryptography;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Receipts;

/// <summary>
/// From the slots of the packed days to the numbers of the statement. What the days are measured by, the round's period, its policy and the
/// slots that were committed before they began, is taken from the log and not from the bundle.
/// </summary>
internal sealed class MeasuredCheck
{
    private const long Million = 1_000_000;
    private const long MostForgiven = 48 * 3_600;
    private const long ForgivenWithin = 30 * 86_400;
    private readonly FrozenPolicy _policy;
    private readonly IReadOnlyDictionary<string, CanonicalObject> _schedule;
    private readonly long _from, _until;

    public MeasuredCheck(FrozenPolicy policy, LedgerBooks books, CanonicalObject terms)
    {
        (_policy, _schedule, _from, _until) = (policy, books.Schedule, Seconds(terms.Text("starts")), Seconds(terms.Text("ends")));
        Need(_from < _until, "its round has no period");
    }

    /// <summary>Slots that were opened and counted.</summary>
    public long Slots { get; private set; }

    /// <summary>Makes every number of the servers again; returns what could not be. Throws <see cref="BookFaultException"/> with the server, the day and the slot or factor.</summary>
    public List<string> Run(IReadOnlyList<ServerSaid> servers, IReadOnlyList<EvidenceDay> days)
    {
        var (byServer, notChecked) = (days.ToLookup(d => d.Server), new List<string>());
        Need(days.All(d => d.Server < servers.Count), "it has days of a server that its evidence does not have");
        foreach (var (index, server) in servers.Index())
        {
            Forgiven(server);
            if (Availability(server, [.. byServer[index]]) is { } missing) notChecked.Add(missing);
            Compare(server, "tenure factor", server.TenurePpm, FrozenPolicy.Of(_policy.Tenure, Math.Max(0, _until - server.Proven) / 3_600));
            Compare(server, "presence factor", server.PresencePpm, FrozenPolicy.Of(_policy.Presence, PresencePpm(server)));
        }

        return notChecked;
    }

    private string? Availability(ServerSaid server, EvidenceDay[] days)
    {
        if (server.Days is null)
        {
            Need(days.Length == 0, $"{server.Name}: has days that the log did not commit to");
            return server is { ValidSlots: 0, AvailabilityPpm: 0, Bucket: 0 } ? null : $"{server.Name}: its availability: the log committed to no days of it, because its key was destroyed before the freeze";
        }

        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var tally = new SlotTally(_policy, _from, _until);
        foreach (var (day, before) in days.Zip(days.Prepend(null)))
        {
            Need(before is null || string.CompareOrdinal(before.Day, day.Day) < 0 || (before.Day == day.Day && before.Vantage < day.Vantage), $"{NameOf(server, day)}: is out of order, or there twice");
            var leaf = day.Leaf();
            Need(day.KnownLeaf == Convert.ToHexStringLower(leaf), $"{NameOf(server, day)}: the slots are not those of its leaf");
            digest.AppendData(leaf);
            Count(server, day, tally);
        }

        if (days.Length == 0 && server.ValidSlots > 0) return $"{server.Name}: its availability: its days are not in the bundle, since its key was destroyed after the freeze, or they are kept no longer";
        Need($"sha256:{Convert.ToHexStringLower(digest.GetHashAndReset())}" == server.Days, $"{server.Name}: its days are not those that the log committed to, all of them and no other");
        Compare(server, "number of slots that count", server.ValidSlots, tally.Valid);
        var ppm = tally.Availability();
        Compare(server, "availability", server.AvailabilityPpm, ppm ?? 0);
        Compare(server, "bucket's weight", server.Bucket, ppm is null ? 0 : FrozenPolicy.Of(_policy.Buckets, ppm.Value));
        Slots += tally.Valid;
        return null;
    }

    private void Count(ServerSaid server, EvidenceDay day, SlotTally tally)
    {
        Need(_schedule.TryGetValue(day.Day, out var committed), $"{NameOf(server, day)}: the log committed to no slots of that day");
        Need(committed!.Integer("slot_s") == day.SlotSeconds, $"{NameOf(server, day)}: its slots are of another length than the log committed to");
        var (midnight, begins) = (Seconds($"{day.Day}T00:00:00Z"), Seconds(committed.Text("from")));
        for (var slot = 0; slot < day.Slots.Length / EvidenceDay.SlotLength; slot++)
        {
            var record = day.Slots.AsSpan(slot * EvidenceDay.SlotLength, EvidenceDay.SlotLength);
            if (!record.ContainsAnyExcept((byte)0)) continue;
            var at = midnight + ((long)slot * day.SlotSeconds);
            string Slot() => string.Create(CultureInfo.InvariantCulture, $"{server.Name}, slot {DateTimeOffset.FromUnixTimeSeconds(at):yyyy-MM-dd HH:mm:ss} from vantage {day.Vantage}");
            Need(at >= _from && at < _until, $"{Slot()}: is not of the round's period");
            // 1 ok, 2 fail; nothing below L2, which is 3, is a success.
            var (state, level) = (record[0] >> 5, (record[0] >> 2) & 7);
            Need(state is >= 1 and <= 4 && (state != 1 || level is 3 or 4) && (record[0] & 1) == (record[2] == 0 ? 0 : 1), $"{Slot()}: is not a result");
            // What began before its day was committed to counts for nobody.
            if (at >= begins && state is 1 or 2 && !server.Moved.Any(m => at >= m.From && at < m.Until)) tally.Add(day.Vantage, at, ok: state == 1);
        }
    }

    private void Forgiven(ServerSaid server)
    {
        Need(server.Moved.All(m => m.From >= _from && m.From < m.Until && m.Until <= _until) && server.Moved.Zip(server.Moved.Skip(1)).All(p => p.First.Until <= p.Second.From), $"{server.Name}: the times before its moves cannot be");
        foreach (var last in server.Moved)
        {
            var spent = server.Moved.Where(m => m.From <= last.From && m.Until > last.Until - ForgivenWithin).Sum(m => m.Until - Math.Max(m.From, last.Until - ForgivenWithin));
            Need(spent <= MostForgiven, $"{server.Name}: more is forgiven before its moves than 48 hours in 30 days");
        }
    }

    private long PresencePpm(ServerSaid server)
    {
        var (all, listed) = (0L, 0L);
        var spells = server.Listed;
        Need(spells.All(s => s.From >= _from && s.From <= s.Until && s.Until <= _until) && spells.Zip(spells.Skip(1)).All(p => p.First.Until <= p.Second.From), $"{server.Name}: the times in which it was listed cannot be");
        foreach (var (day, committed) in _schedule)
        {
            var (midnight, length) = (Seconds($"{day}T00:00:00Z"), committed.Integer("slot_s"));
            Need(length > 0, "a day is committed to with slots of no length");
            var (begins, ends) = (Math.Max(Seconds(committed.Text("from")), _from), Math.Min(midnight + 86_400, _until));
            all += Slots(begins, ends);
            listed += spells.Sum(s => Slots(Math.Max(begins, s.From), Math.Min(ends, s.Until)));

            // Slots that begin in [from, to).
            long Slots(long from, long to) => from >= to ? 0 : ((to + length - 1) / length) - ((from + length - 1) / length);
        }

        return all == 0 ? 0 : (long)((Int128)listed * Million / all);
    }

    private static void Compare(ServerSaid server, string what, long said, long made) =>
        Need(said == made, string.Create(CultureInfo.InvariantCulture, $"{server.Name}: its {what} is {made} as computed here, and {said} in its evidence"));

    private static string NameOf(ServerSaid server, EvidenceDay day) => string.Create(CultureInfo.InvariantCulture, $"{server.Name}, {day.Day} from vantage {day.Vantage}");

    private static long Seconds(string instant) =>
        DateTimeOffset.TryParseExact(instant, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUnixTimeSeconds() : throw new FormatException($"'{instant}' is not an instant");
}
