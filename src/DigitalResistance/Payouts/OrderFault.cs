namespace DigitalResistance.Payouts;

/// <summary>Why the payments of a round, or the transactions of a move, cannot be built.</summary>
public enum OrderFault
{
    /// <summary>There is no such round or move.</summary>
    NotFound,

    /// <summary>It is not approved, or it has ended.</summary>
    WrongState,

    /// <summary>Rows in the database are not those that the admins approved.</summary>
    NotAsApproved,

    /// <summary>The treasury is not the one that the admins approved.</summary>
    OtherTreasury,
}
