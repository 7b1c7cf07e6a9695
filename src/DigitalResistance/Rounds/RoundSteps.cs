namespace DigitalResistance.Rounds;

/// <summary>
/// From where each step of a round may be taken. The acts ask here, and so does the model that walks every path. What comes after the approval
/// is the payments' business: <c>RoundPayments.MayBuild</c> and <c>RoundProgress.StateOf</c>.
/// </summary>
internal static class RoundSteps
{
    public static readonly RoundState[] Edit = [RoundState.Draft];

    public static readonly RoundState[] Open = [RoundState.Draft];

    public static readonly RoundState[] Freeze = [RoundState.Open];

    public static readonly RoundState[] Allocate = [RoundState.Frozen];

    public static readonly RoundState[] Revise = [RoundState.Frozen, RoundState.Allocated, RoundState.Approved];

    public static readonly RoundState[] Withdraw = [RoundState.Open, RoundState.Frozen, RoundState.Allocated, RoundState.Approved];

    public static readonly RoundState[] Cancel = [RoundState.Draft, RoundState.Open, RoundState.Frozen, RoundState.Allocated, RoundState.Approved];
}
