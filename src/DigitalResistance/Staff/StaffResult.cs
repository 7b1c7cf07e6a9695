namespace DigitalResistance.Staff;

/// <summary>How asking admins for something, or saying yes to it, can end.</summary>
public abstract record StaffResult
{
    private StaffResult()
    {
    }

    /// <summary>So many said yes, and more are needed.</summary>
    public sealed record Waiting(int Have, int Needed) : StaffResult;

    /// <summary>Enough said yes, and it holds.</summary>
    public sealed record Agreed : StaffResult;

    /// <summary>It was taken back.</summary>
    public sealed record Withdrawn : StaffResult;

    /// <summary>Whoever asks is not an admin (any more).</summary>
    public sealed record NotAnAdmin : StaffResult;

    /// <summary>It waits no more: it was done, withdrawn, or took too long.</summary>
    public sealed record Gone : StaffResult;

    /// <summary>It concerns the admin's own account: others decide.</summary>
    public sealed record OwnAccount : StaffResult;

    /// <summary>The account does not hold the role.</summary>
    public sealed record NotHeld : StaffResult;

    /// <summary>Fewer admins would be left than must agree; somebody else is invited first.</summary>
    public sealed record TooFewLeft(int Needed) : StaffResult;

    /// <summary>Only who proposed it takes it back.</summary>
    public sealed record NotTheProposer : StaffResult;
}
