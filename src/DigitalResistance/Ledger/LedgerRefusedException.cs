namespace DigitalResistance.Ledger;

/// <summary>The log will not sign: what it found would make it contradict itself. Says what, and how to go on.</summary>
public sealed class LedgerRefusedException : Exception
{
    /// <summary>Refuses.</summary>
    public LedgerRefusedException(string found, string remedy) : base($"{found} {remedy}") => (Found, Remedy) = (found, remedy);

    /// <summary>What is wrong, and where.</summary>
    public string Found { get; }

    /// <summary>How to go on.</summary>
    public string Remedy { get; }
}
