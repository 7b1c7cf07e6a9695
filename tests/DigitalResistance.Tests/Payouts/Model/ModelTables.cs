using DigitalResistance.Payouts;
using NBitcoin;

namespace DigitalResistance.Tests.Payouts.Model;

/// <summary>What the engine's database knows, as far as payments go. A backup of it is a copy.</summary>
internal sealed class ModelTables
{
    public Dictionary<OutPoint, ModelCoin> Coins { get; private init; } = [];

    public List<ModelBatch> Batches { get; private init; } = [];

    /// <summary>Transactions of others that spent the treasury's coins, and whether admins booked them.</summary>
    public Dictionary<string, bool> Foreign { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>Approved rounds.</summary>
    public HashSet<int> Rounds { get; private init; } = [];

    /// <summary>Transactions that the chain had when it was read.</summary>
    public HashSet<string> Mined { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Blocks are read up to here.</summary>
    public int Read { get; set; }

    /// <summary>Whether entries came back that the chain was not compared with yet.</summary>
    public bool IsUnread { get; set; }

    public IEnumerable<ModelVersion> Versions => Batches.SelectMany(batch => batch.Versions);

    public ModelTables Copy() => new()
    {
        Coins = Coins.ToDictionary(c => c.Key, c => c.Value with { }), Batches = Batches.ConvertAll(b => b.Copy()), Foreign = new(Foreign, StringComparer.Ordinal), Rounds = [.. Rounds], Mined = new(Mined, StringComparer.Ordinal), Read = Read, IsUnread = IsUnread,
    };

    /// <summary>As the unique indexes say: a payment and a coin are in one batch at most.</summary>
    public bool Allows(ModelBatch batch) =>
        !Batches.Where(b => b != batch).Any(b => b.Coins.Overlaps(batch.Coins) || (b.Round == batch.Round && b.Number == batch.Number));
}

/// <summary>A coin as the tables have it.</summary>
internal sealed record ModelCoin(long Id, OutPoint At, long Amount)
{
    public int? Height { get; set; }

    public int? SpentHeight { get; set; }

    public string? SpentBy { get; set; }

    public bool IsBooked { get; set; }

    public bool IsLost { get; set; }
}

/// <summary>A batch with all its versions.</summary>
internal sealed class ModelBatch(int round, int number)
{
    public int Round => round;

    public int Number => number;

    public BatchState State { get; set; } = BatchState.Built;

    public string? Booked { get; set; }

    public bool WasExported { get; set; }

    public HashSet<OutPoint> Coins { get; private init; } = [];

    public List<ModelVersion> Versions { get; private init; } = [];

    public ModelVersion Newest => Versions.MaxBy(v => v.Number)!;

    public ModelBatch Copy() => new(round, number) { State = State, Booked = Booked, WasExported = WasExported, Coins = [.. Coins], Versions = [.. Versions] };
}

/// <summary>One version: nothing of it ever changes.</summary>
internal sealed record ModelVersion(int Round, int Batch, int Number, ModelTx Tx, Cost Cost);
