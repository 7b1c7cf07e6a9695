using System.Globalization;
using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Receipts;

/// <summary>
/// What a statement says of one server. Findings call it by its place in the statement, from 1. <c>Days</c> is the hash over the leaves of its days;
/// null where its key was destroyed before the freeze, or nothing was measured.
/// </summary>
internal sealed record ServerSaid(
    string Name, long AvailabilityPpm, long ValidSlots, long Bucket, long TenurePpm, long PresencePpm, long Weight,
    long Proven, IReadOnlyList<(long From, long Until)> Listed, bool PassesOn, long Machine, long Network, string? Days)
{
    /// <summary>Times before moves that count neither way.</summary>
    public IReadOnlyList<(long From, long Until)> Moved { get; init; } = [];

    private const long Million = 1_000_000;

    /// <summary>The weight before the caps.</summary>
    public long Full => Bucket * TenurePpm / Million * PresencePpm / Million;

    public static ServerSaid Read(CanonicalObject said, int index)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"server {index + 1}");
        var server = new ServerSaid(
            name, said.Integer("availability_ppm"), said.Integer("valid_slots"), said.Integer("bucket"), said.Integer("tenure_ppm"), said.Integer("presence_ppm"), said.Integer("weight"),
            said.Integer("proven"), Spells(said.Text("listed")), said.Integer("passes_on") == 1, said.Integer("machine"), said.Integer("network"),
            said.Has("days") ? said.Text("days") : null)
        {
            Moved = said.Has("moved") ? Spells(said.Text("moved")) : [],
        };
        Need(server.AvailabilityPpm is >= 0 and <= Million && server.ValidSlots >= 0 && server.Bucket is >= 0 and <= int.MaxValue && server.TenurePpm is >= 0 and <= Million
            && server.PresencePpm is >= 0 and <= Million && said.Integer("passes_on") is 0 or 1, $"{name}: a number of its evidence cannot be");
        Need(server.Weight >= 0 && server.Weight <= server.Full, $"{name}: weighs more than its bucket, tenure and presence make");
        return server;
    }

    private static List<(long From, long Until)> Spells(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Spell)];

    private static (long From, long Until) Spell(string text) =>
        text.Split('-') is [var from, var until] && long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var begins) && long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var ends)
            ? (begins, ends)
            : throw new FormatException("a time in which a server was listed, or moved, cannot be read");
}
