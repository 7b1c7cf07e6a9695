using DigitalResistance.Scoring;

namespace DigitalResistance.Staff;

/// <summary>How many admins must agree to what one of them alone must not do: the number that approves a round (<c>approvalsNeeded</c> of the policy).</summary>
public static class StaffQuorum
{
    /// <summary>
    /// As many as approve a round, or all there are where these are fewer, and never one alone unless there is only one: the first admin has nobody to ask.
    /// </summary>
    public static int Of(Policy policy, int admins)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return admins <= 1 ? 1 : Math.Max(2, Math.Min(policy.ApprovalsNeeded, admins));
    }

    /// <summary>As many as approve a round, and two at least, however few there are: what can wait until there are enough.</summary>
    public static int Full(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Math.Max(2, policy.ApprovalsNeeded);
    }
}
