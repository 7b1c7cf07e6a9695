namespace DigitalResistance.Rounds;

/// <summary>How enrolling or revoking a key can end.</summary>
public abstract record KeyResult
{
    private KeyResult()
    {
    }

    /// <summary>The key approves rounds from now on.</summary>
    public sealed record Enrolled(string Fingerprint) : KeyResult;

    /// <summary>The key approves nothing any more.</summary>
    public sealed record Revoked(string Fingerprint) : KeyResult;

    /// <summary>It counts, and other admins are missing.</summary>
    /// <param name="Have">Admins who said yes.</param>
    /// <param name="Needed">How many must.</param>
    public sealed record Waiting(int Have, int Needed) : KeyResult;

    /// <summary>The line is not a key that can approve.</summary>
    public sealed record Unreadable : KeyResult;

    /// <summary>A private key was brought. It was not stored, and must not be shown to anybody again, its owner included.</summary>
    public sealed record Private : KeyResult;

    /// <summary>The key bears a name, as ssh-keygen gives to keys of every day; one made for this purpose only has none.</summary>
    public sealed record Commented : KeyResult;

    /// <summary>The account is not an admin's.</summary>
    public sealed record NotAnAdmin : KeyResult;

    /// <summary>The admin has a key already; it must be revoked first.</summary>
    public sealed record HasKey : KeyResult;

    /// <summary>There is no key to revoke.</summary>
    public sealed record HasNone : KeyResult;

    /// <summary>What was to be confirmed is done or was taken back.</summary>
    public sealed record Gone : KeyResult;

    /// <summary>This key is or was enrolled already.</summary>
    public sealed record Taken : KeyResult;
}
