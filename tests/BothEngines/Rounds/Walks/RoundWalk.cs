using DigitalResistance.Rounds;

namespace DigitalResistance.Testing.Rounds.Walks;

/// <summary>Who takes part in a walk, and by which rules.</summary>
/// <param name="Needed">Approvals that the policy wants.</param>
/// <param name="MaxSignedIn">How many of them may be without a key.</param>
/// <param name="Recused">Which of the four also owns a recipient; −1 for none. The first one proposed the round.</param>
internal sealed record WalkRules(int Needed, int MaxSignedIn, int Recused)
{
    /// <summary>People who are admins at the beginning.</summary>
    public const int People = 4;

    /// <summary>How long operators may object.</summary>
    public static readonly TimeSpan Objection = TimeSpan.FromHours(1);

    public static WalkRules Random(Random random)
    {
        var needed = random.Next(1, 4);
        return new WalkRules(needed, random.Next(0, needed + 1), random.Next(-1, People));
    }
}

/// <summary>What somebody does to a round, to the admins, or to the rows behind everybody's back.</summary>
internal enum WalkStep
{
    Open,
    Freeze,
    Allocate,
    ApproveSignedIn,
    ApproveByKey,
    Wait,
    Revise,
    Withdraw,
    Cancel,
    RevokeKey,
    NewKey,
    DropAdmin,
    MakeAdmin,
    Tamper,
    Publish,
    Build,
    Export,
}

/// <summary>One step.</summary>
/// <param name="Step">What.</param>
/// <param name="Who">Which of the four does it, or whom it is done to.</param>
/// <param name="Which">Of approvals: 0 for the newest manifest, more for older ones. Of steps of a round: 3 for a page that is out of date. Of tampering: what is changed.</param>
internal readonly record struct Walked(WalkStep Step, int Who, int Which)
{
    /// <summary>Any step, more often one that leads on from here: most walks would end in a draft otherwise.</summary>
    public static Walked Random(Random random, RoundState at)
    {
        WalkStep[] on = at switch
        {
            RoundState.Draft => [WalkStep.Open],
            RoundState.Open => [WalkStep.Freeze],
            RoundState.Frozen => [WalkStep.Allocate],
            RoundState.Allocated => [WalkStep.ApproveSignedIn, WalkStep.ApproveByKey, WalkStep.Wait],
            RoundState.Approved => [WalkStep.Publish, WalkStep.Build],
            _ => [WalkStep.Publish, WalkStep.Export],
        };
        var step = random.Next(5) < 3 ? on[random.Next(on.Length)] : (WalkStep)random.Next((int)WalkStep.Export + 1);
        return new Walked(step, random.Next(WalkRules.People), random.Next(3) == 0 ? random.Next(4) : 0);
    }
}

/// <summary>A round that can be walked: one in memory, one on a database.</summary>
internal interface IWalkedRound
{
    /// <summary>Where it is.</summary>
    RoundState State { get; }

    /// <summary>The text that is approved now; null where there is none.</summary>
    string? Manifest { get; }

    /// <summary>What the manifest stands for: address and amount of every payment, as the admins see it when it is made.</summary>
    IReadOnlyList<string> Owed { get; }

    /// <summary>What left the server to be signed; null where nothing did.</summary>
    IReadOnlyList<string>? Left { get; }

    /// <summary>What its clock shows.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Takes a step, and says by the name of its ending how it ended.</summary>
    ValueTask<string> TakeAsync(Walked step);
}
