namespace DigitalResistance.Ledger;

/// <summary>What an entry is about, for readers who filter: every type belongs to exactly one.</summary>
public enum LedgerKind
{
    /// <summary>The log itself, its keys and rules, and what went wrong.</summary>
    Log,

    /// <summary>The measuring: counts of servers, seeds of schedules.</summary>
    Measuring,

    /// <summary>Coins that donors sent.</summary>
    Donation,

    /// <summary>Other coins of the treasury, its descriptor, and what is done with its money beside rounds.</summary>
    Treasury,

    /// <summary>The life of a round, its carry and credits.</summary>
    Round,

    /// <summary>Weights and amounts of operators in a round.</summary>
    Grant,

    /// <summary>Who approved, with which key. Not named as the type <c>approval</c>: a filter must mean one of the two.</summary>
    Approving,

    /// <summary>Transactions that pay.</summary>
    Payout,
}

/// <summary>The kind of every type of entry.</summary>
public static class LedgerKinds
{
    /// <summary>By type, in the order in which a reader meets them.</summary>
    public static IReadOnlyDictionary<string, LedgerKind> ByType { get; } = new OrderedDictionary<string, LedgerKind>(StringComparer.Ordinal)
    {
        ["donation.confirmed"] = LedgerKind.Donation,
        ["donation.reverted"] = LedgerKind.Donation,
        ["treasury.rotated"] = LedgerKind.Treasury,
        ["treasury.confirmed"] = LedgerKind.Treasury,
        ["treasury.rehearsed"] = LedgerKind.Treasury,
        ["treasury.received"] = LedgerKind.Treasury,
        ["treasury.reverted"] = LedgerKind.Treasury,
        ["treasury.coin_lost"] = LedgerKind.Treasury,
        ["treasury.spent_external"] = LedgerKind.Treasury,
        ["treasury.spent_reverted"] = LedgerKind.Treasury,
        ["move.proposed"] = LedgerKind.Treasury,
        ["move.approved"] = LedgerKind.Treasury,
        ["move.withdrawn"] = LedgerKind.Treasury,
        ["move.closed"] = LedgerKind.Treasury,
        ["round.opened"] = LedgerKind.Round,
        ["round.revised"] = LedgerKind.Round,
        ["round.withdrawn"] = LedgerKind.Round,
        ["round.frozen"] = LedgerKind.Round,
        ["round.allocated"] = LedgerKind.Round,
        ["round.approved"] = LedgerKind.Round,
        ["round.closed"] = LedgerKind.Round,
        ["round.cancelled"] = LedgerKind.Round,
        ["carry.recorded"] = LedgerKind.Round,
        ["credit.added"] = LedgerKind.Round,
        ["credit.paid"] = LedgerKind.Round,
        ["credit.expired"] = LedgerKind.Round,
        ["score.frozen"] = LedgerKind.Grant,
        ["grant.allocated"] = LedgerKind.Grant,
        ["operator.held"] = LedgerKind.Grant,
        ["operator.excluded"] = LedgerKind.Grant,
        ["operator.cleared"] = LedgerKind.Grant,
        ["objection.raised"] = LedgerKind.Grant,
        ["objection.decided"] = LedgerKind.Grant,
        ["approval"] = LedgerKind.Approving,
        ["move.approval"] = LedgerKind.Approving,
        ["recusal"] = LedgerKind.Approving,
        ["key.added"] = LedgerKind.Approving,
        ["key.revoked"] = LedgerKind.Approving,
        ["psbt.created"] = LedgerKind.Payout,
        ["tx.broadcast"] = LedgerKind.Payout,
        ["tx.replaced"] = LedgerKind.Payout,
        ["tx.confirmed"] = LedgerKind.Payout,
        ["tx.unconfirmed"] = LedgerKind.Payout,
        ["registry.snapshot"] = LedgerKind.Measuring,
        ["schedule.committed"] = LedgerKind.Measuring,
        ["schedule.revealed"] = LedgerKind.Measuring,
        ["policy.updated"] = LedgerKind.Log,
        ["incident"] = LedgerKind.Log,
        ["log.created"] = LedgerKind.Log,
        ["log.key_added"] = LedgerKind.Log,
        ["log.key_revoked"] = LedgerKind.Log,
    };

    /// <summary>The kind of a type; a type that this version does not know is the log's own.</summary>
    public static LedgerKind Of(string type) => ByType.GetValueOrDefault(type, LedgerKind.Log);
}
