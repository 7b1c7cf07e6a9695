namespace DigitalResistance.Ledger;

// What the log says about itself and about the rules.

/// <summary>The first entry of every log: its name and the key that signs it.</summary>
/// <param name="Origin">The log's origin line.</param>
/// <param name="VerifierKey">The vkey of its first key.</param>
public sealed record LogCreated(string Origin, string VerifierKey) : Entry
{
    /// <inheritdoc/>
    public override string Type => "log.created";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("origin", Origin), ("key", VerifierKey)];
}

/// <summary>A key begins to sign checkpoints, beside the old one until that is revoked.</summary>
/// <param name="VerifierKey">The new vkey.</param>
public sealed record LogKeyAdded(string VerifierKey) : Entry
{
    /// <inheritdoc/>
    public override string Type => "log.key_added";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("key", VerifierKey)];
}

/// <summary>A key signs no checkpoint that holds this entry.</summary>
/// <param name="VerifierKey">The old vkey.</param>
public sealed record LogKeyRevoked(string VerifierKey) : Entry
{
    /// <inheritdoc/>
    public override string Type => "log.key_revoked";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("key", VerifierKey)];
}

/// <summary>A file of rules changed; never inside a frozen round, which keeps the bytes it was opened with.</summary>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="Name">Name of the version, as <c>standard-1</c>.</param>
public sealed record PolicyUpdated(string Sha256, string Name) : Entry
{
    /// <inheritdoc/>
    public override string Type => "policy.updated";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("policy", Hash(Sha256)), ("name", Name)];
}

/// <summary>Something went wrong that readers must know of.</summary>
/// <param name="Code">What, from a fixed vocabulary.</param>
/// <param name="From">First index concerned, where the log itself is concerned.</param>
/// <param name="To">One past the last index concerned.</param>
public sealed record Incident(IncidentCode Code, long? From = null, long? To = null) : Entry
{
    /// <inheritdoc/>
    public override string Type => "incident";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => From is { } from && To is { } to
        ? [("code", Words.Snake(Code)), ("from", from), ("to", to)]
        : [("code", Words.Snake(Code))];
}

/// <summary>The vocabulary of <see cref="Incident"/>.</summary>
public enum IncidentCode
{
    /// <summary>The database was restored from a backup older than the log; the named entries came back from the log's own files.</summary>
    EntriesReadmitted,

    /// <summary>The probers were blind for a time.</summary>
    ProberOutage,

    /// <summary>A key may be known to somebody else.</summary>
    KeyCompromised,

    /// <summary>A key was lost.</summary>
    KeyLost,

    /// <summary>The best chain changed deeper than the depth we call final.</summary>
    DeepReorganization,
}
