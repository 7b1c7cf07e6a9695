using DigitalResistance.Rounds;

namespace DigitalResistance.Testing.Rounds.Walks;

/// <summary>
/// Watches a walk from outside and knows nothing of the product but the words of the design: who said yes to what, which edges there are, and what therefore may leave.
/// </summary>
internal sealed class WalkWitness(WalkRules rules)
{
    private static readonly Dictionary<WalkStep, (RoundState From, RoundState To)[]> Edges = new()
    {
        [WalkStep.Open] = [(RoundState.Draft, RoundState.Open)],
        [WalkStep.Freeze] = [(RoundState.Open, RoundState.Frozen)],
        [WalkStep.Allocate] = [(RoundState.Frozen, RoundState.Allocated)],
        [WalkStep.ApproveSignedIn] = [(RoundState.Allocated, RoundState.Approved)],
        [WalkStep.ApproveByKey] = [(RoundState.Allocated, RoundState.Approved)],
        [WalkStep.Revise] = [(RoundState.Allocated, RoundState.Frozen), (RoundState.Approved, RoundState.Frozen)],
        [WalkStep.Withdraw] = [(RoundState.Open, RoundState.Draft), (RoundState.Frozen, RoundState.Draft), (RoundState.Allocated, RoundState.Draft), (RoundState.Approved, RoundState.Draft)],
        [WalkStep.Cancel] =
        [
            (RoundState.Draft, RoundState.Cancelled), (RoundState.Open, RoundState.Cancelled), (RoundState.Frozen, RoundState.Cancelled),
            (RoundState.Allocated, RoundState.Cancelled), (RoundState.Approved, RoundState.Cancelled),
        ],
        [WalkStep.Build] = [(RoundState.Approved, RoundState.Building)],
        [WalkStep.Export] = [(RoundState.Building, RoundState.Signing)],
    };

    private readonly bool[] _isAdmin = [true, true, true, true];
    private readonly int?[] _key = [0, 1, 2, 3];
    private readonly List<Yes> _given = [];
    private DateTimeOffset _madeAt;
    private IReadOnlyList<string> _shown = [];
    private IReadOnlyList<string>? _approved;
    private int _keys = WalkRules.People;

    /// <summary>Compares what a step did with what it may do.</summary>
    public void See(Walked step, string ending, RoundState from, IWalkedRound after)
    {
        if (from != after.State && !Edges.GetValueOrDefault(step.Step, []).Contains((from, after.State))) throw new InvalidOperationException($"{step.Step} led from {from} to {after.State}.");
        switch (step.Step)
        {
            case WalkStep.Allocate when after.State == RoundState.Allocated && from != after.State:
                (_madeAt, _shown) = (after.Now, after.Owed);
                break;
            case WalkStep.ApproveSignedIn or WalkStep.ApproveByKey when ending == nameof(ApprovalResult.Counted):
                _given.Add(new Yes(after.Manifest!, step.Who, step.Step == WalkStep.ApproveByKey ? _key[step.Who] : null));
                if (after.State == RoundState.Approved) Judge(after);
                break;
            case WalkStep.RevokeKey:
                _key[step.Who] = null;
                break;
            case WalkStep.NewKey:
                _key[step.Who] ??= _keys++;
                break;
            case WalkStep.DropAdmin or WalkStep.MakeAdmin:
                _isAdmin[step.Who] = step.Step == WalkStep.MakeAdmin;
                break;
        }

        if (after.State < RoundState.Approved) _approved = null;
        if (after.Left is { } left && (_approved is null || !left.Order(StringComparer.Ordinal).SequenceEqual(_approved.Order(StringComparer.Ordinal), StringComparer.Ordinal)))
            throw new InvalidOperationException($"[{string.Join(", ", left)}] left the server; approved was [{string.Join(", ", _approved ?? [])}].");
    }

    // The round says that it is approved. Is it?
    private void Judge(IWalkedRound round)
    {
        var counting = _given.Where(yes => yes.Manifest == round.Manifest && _isAdmin[yes.Who] && yes.Who != rules.Recused && (yes.Key is null || yes.Key == _key[yes.Who])).ToList();
        var byKey = counting.Where(yes => yes.Key is not null).Select(yes => yes.Who).ToHashSet();
        var signedIn = counting.Select(yes => yes.Who).Where(who => !byKey.Contains(who)).Distinct().Count();
        var people = byKey.Count + Math.Min(signedIn, rules.MaxSignedIn);
        if (people < rules.Needed) throw new InvalidOperationException($"Approved by {people} people; {rules.Needed} are needed.");
        if (counting.TrueForAll(yes => yes.Who == 0)) throw new InvalidOperationException("Approved by nobody but who proposed it.");
        if (round.Now < _madeAt + WalkRules.Objection) throw new InvalidOperationException("Approved while operators may object.");
        _approved = _shown;
    }

    private sealed record Yes(string Manifest, int Who, int? Key);
}
