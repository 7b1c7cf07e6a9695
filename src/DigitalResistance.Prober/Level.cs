namespace DigitalResistance.Prober;

/// <summary>How far a probe got. Only <see cref="L2"/> and up is <see cref="Outcome.Ok"/>: everything below can be had from a server that carries nothing.</summary>
public enum Level
{
    /// <summary>The port did not even open.</summary>
    None,

    /// <summary>The port accepted a connection.</summary>
    L0,

    /// <summary>The server accepted the protocol's handshake, with the credentials where it has any.</summary>
    L1,

    /// <summary>A fresh nonce, or a certificate-verified TLS exchange, went through the tunnel and back.</summary>
    L2,

    /// <summary>As L2, and the answer is bound to a third party whom the operator neither controls nor could predict.</summary>
    L3,
}
