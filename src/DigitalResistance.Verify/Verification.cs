using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;
using DigitalResistance.Verify.Chain;

namespace DigitalResistance.Verify;

/// <summary>The whole check, from the signature to the last sum.</summary>
/// <param name="source">The log.</param>
/// <param name="keys">The log's keys.</param>
internal sealed class Verification(ILogSource source, IReadOnlyCollection<NoteVerifier> keys)
{
    /// <summary>Older checkpoints that the log must still contain.</summary>
    public IReadOnlyList<byte[]> Older { get; init; } = [];

    /// <summary>Manifests by round, where the user has them.</summary>
    public Func<long, CancellationToken, Task<byte[]?>> Manifest { get; init; } = (_, _) => Task.FromResult<byte[]?>(null);

    /// <summary>Manifests of moves by their number, where the user has them.</summary>
    public Func<long, CancellationToken, Task<byte[]?>> MoveManifest { get; init; } = (_, _) => Task.FromResult<byte[]?>(null);

    /// <summary>Who knows the chain; null when nobody is to be asked.</summary>
    public IChainReader? Chain { get; init; }

    /// <summary>Largest log that is read: a site that never ends must not keep its reader for ever.</summary>
    public long MostEntries { get; init; } = 50_000_000;

    /// <summary>The books as the log left them; null before they were read to their end.</summary>
    public LedgerBooks? Books { get; private set; }

    /// <summary>Called with entries read and entries in all.</summary>
    public Action<long, long>? OnProgress { get; init; }

    public async Task<Verdict> RunAsync(CancellationToken cancellation = default)
    {
        LedgerBooks? books = null;
        string? wrong = null;
        var log = new LogVerifier(source, keys)
        {
            MostEntries = MostEntries,
            OnProgress = OnProgress,
            OnEntry = (index, entry) =>
            {
                if (wrong is not null) return;
                try
                {
                    books ??= new LedgerBooks(keys.First().Name);
                    books.Read(index, entry.Span);
                }
                catch (Exception fault) when (fault is BookFaultException or FormatException)
                {
                    wrong = $"entry {index}: {fault.Message}";
                }
            },
        };

        var older = new List<Checkpoint>();
        try
        {
            foreach (var note in Older) older.Add(Checkpoint.Open(note, keys));
        }
        catch (FormatException fault)
        {
            return Failed($"the older checkpoint: {fault.Message}");
        }

        LogReport report;
        try
        {
            report = await log.VerifyAsync(older, cancellation);
        }
        catch (AskedException silent)
        {
            return Failed($"the log cannot be read: {silent.Message}");
        }

        // What the entries say matters only once they are known to be the ones that were signed.
        if (report.Fault is { } broken) return Failed(broken.ToString());
        if (wrong is not null) return Failed(wrong);
        Books = books ?? new LedgerBooks(report.Head!.Origin);
        return await JudgeAsync(report.Head!, Books, cancellation);
    }

    private async Task<Verdict> JudgeAsync(Checkpoint head, LedgerBooks books, CancellationToken cancellation)
    {
        var notChecked = new List<string>();
        if (books.Unknown > 0) notChecked.Add($"{books.Unknown} entries are of types that this version does not know");
        var rounds = new List<RoundFound>();
        foreach (var round in books.Rounds.All)
        {
            var verified = 0L;
            if (round.Approvals.Exists(a => a.Signature is not null))
            {
                if (await Manifest(round.Number, cancellation) is not { } manifest) notChecked.Add($"round {round.Number}: the SSH signatures of its approvals, for which its manifest is needed");
                else if (ManifestCheck.Fault(round, books, manifest) is { } fault) return Failed($"round {round.Number}: {fault}");
                else verified = round.Approvals.LongCount(a => a.Signature is not null);
            }

            rounds.Add(new RoundFound(round.Number, round.Stage.ToString(), round.Paid, round.Fees, round.Approvals.LongCount(a => a.Signature is not null), verified, round.Approvals.LongCount(a => a.Signature is null)));
        }

        var moves = new List<MoveFound>();
        foreach (var move in books.Moves.All)
        {
            var (ssh, verified) = (move.Approvals.LongCount(a => a.Signature is not null), 0L);
            // Where it pays somebody, only the manifest says whom: the chain is compared with it.
            if (ssh > 0 || move.Costs.Count > 0)
            {
                if (await MoveManifest(move.Number, cancellation) is not { } manifest) notChecked.AddRange(ssh > 0 ? [$"move {move.Number}: the SSH signatures of its approvals, for which its manifest is needed"] : []);
                else if (ManifestCheck.Fault(move, books, manifest) is { } fault) return Failed($"move {move.Number}: {fault}");
                else verified = ssh;
            }

            moves.Add(new MoveFound(move.Number, move.Said.Text("kind"), move.Stage.ToString(), move.Paid, move.Fees, ssh, verified, move.Approvals.Count - ssh));
        }

        ChainFound? found = null;
        try
        {
            if (Chain is not null) found = await new ChainCheck(Chain, books, (size, c) => CheckpointAtAsync(head, size, c)).RunAsync(cancellation);
            notChecked.AddRange(found?.NotChecked ?? []);
        }
        catch (BookFaultException fault)
        {
            return Failed(fault.Message);
        }
        catch (OverflowException)
        {
            return Failed("a sum of the chain's transactions is beyond any bitcoin there is");
        }
        catch (ChainSilentException silent)
        {
            notChecked.Add($"the chain: {silent.Message}");
        }

        return new Verdict
        {
            Outcome = notChecked.Count > 0 ? Outcome.Partial : Outcome.Ok,
            NotChecked = notChecked,
            Origin = head.Origin,
            Entries = head.Size,
            Root = head.Root.ToBase64(),
            ReceivedSat = books.Coins.Received,
            PaidSat = books.Payments.Paid,
            CostsSat = books.Payments.Costs,
            FeesSat = books.Payments.Fees,
            BalanceSat = books.Balance,
            CreditOwedSat = books.Rounds.Credits,
            Rounds = rounds,
            Moves = moves,
            Chain = found is null ? null : new ChainAsked(found.Name, found.Tip, found.Transactions),
        };
    }

    /// <summary>
    /// The head that the log had at an earlier size. The tiles are read again, and a site may answer otherwise than before: a proof must join
    /// what they give to the root that was checked.
    /// </summary>
    private async Task<Checkpoint> CheckpointAtAsync(Checkpoint head, long size, CancellationToken cancellation)
    {
        var tree = new TiledTree(source, head.Size);
        try
        {
            var root = await tree.RootAsync(size, cancellation);
            if (ConsistencyProof.Verify(size, head.Size, root, head.Root, await tree.ProveConsistencyAsync(size, cancellation))) return new Checkpoint(head.Origin, size, root);
        }
        catch (Exception changed) when (changed is LogFaultException or FormatException or AskedException)
        {
            throw new BookFaultException($"the log answers otherwise than a moment ago: {changed.Message}");
        }

        throw new BookFaultException("the log answers otherwise than a moment ago");
    }

    internal static Verdict Failed(string why) => new() { Outcome = Outcome.Failed, Failure = why };
}
