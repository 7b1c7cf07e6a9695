namespace DigitalResistance.Prober;

/// <summary>The part of a probe that was under way; a failure always names one.</summary>
public enum Stage
{
    /// <summary>Before any packet: the assignment, its settings, its protocol.</summary>
    Setup,

    /// <summary>Looking up the server's name.</summary>
    Resolve,

    /// <summary>Opening the connection to the checked address.</summary>
    Dial,

    /// <summary>The protocol's own greeting and authentication.</summary>
    Handshake,

    /// <summary>Asking the server to open a tunnel to the target.</summary>
    Tunnel,

    /// <summary>Proving that the tunnel carries bytes to the target and back.</summary>
    Proof,

    /// <summary>Proving that the server carries datagrams (UDP) too, where its settings say that it does.</summary>
    Datagrams,
}
