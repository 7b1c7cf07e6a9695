namespace DigitalResistance.Prober;

/// <summary>What a probe counts as. Announced maintenance is the scorer's word, not the prober's, so it is not here.</summary>
public enum Outcome
{
    /// <summary>The server carried traffic (<see cref="Level.L2"/> or more).</summary>
    Ok,

    /// <summary>It did not, and the reason lies with the server or its network.</summary>
    Fail,

    /// <summary>Nothing was learnt, and the reason lies with us: counts neither way.</summary>
    Invalid,
}
